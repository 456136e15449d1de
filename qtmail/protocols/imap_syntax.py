"""The grammar of IMAP, both ways (RFC 9051 section 9): what a response says, and how a command's strings
are written.

Reading is one `re` scan a response and one pass with an explicit stack, in C as far as possible: this is
the hot path of the first sync.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

LITERAL = b"\n"
"""Stands for a literal within a response's text, where a line feed cannot occur otherwise."""

MAX_DEPTH = 100
"""How deep parentheses may be nested; Dovecot itself stops at 100 nested parts."""

Value: TypeAlias = "bytes | list[Value] | None"
"""An atom, number, string or literal; a parenthesised list; NIL."""

# A quoted string, a parenthesis, a literal's place, or an atom. Brackets belong to an atom with all they hold
# ("BODY[HEADER.FIELDS (DATE FROM)]<0>", "[Gmail]/All"). The possessive quantifiers keep hostile input
# linear. What begins like a quoted string and never ends takes all the rest, and is then refused.
_TOKEN = re.compile(
    rb'[()\n]|"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"|(?:[^ ()"\[\n]|\[[^\]\n]*+\]?+)++|"(?s:.*+)', re.DOTALL
)
_QUOTED = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_RESPONSE = re.compile(rb"\* +(?:(\d{1,10}) +)?([^ (\n]+) *")
_CODE = re.compile(rb"\[([^ \]]+)(?: ([^\]]*))?\] ?")


class MalformedError(ValueError):
    """A response that does not follow the grammar."""


class SkippedLiteral(bytes):
    """Stands for a literal larger than the limit, which was read past; empty itself.

    Attributes:
        size: bytes the server announced.
    """

    size: int

    def __new__(cls, size: int) -> SkippedLiteral:
        self = super().__new__(cls)
        self.size = size
        return self


class Response(NamedTuple):
    """One response as read from the line: its text, with LITERAL for each literal, and the literals in
    order."""

    text: bytes
    literals: tuple[bytes, ...] = ()


class Untagged(NamedTuple):
    """An untagged response: `* 12 FETCH (...)` is number 12, name FETCH, text `(...)`."""

    number: int
    name: bytes
    """In upper case."""
    text: bytes
    literals: tuple[bytes, ...] = ()

    def values(self) -> list[Value]:
        """What the text says. Raises MalformedError."""
        return parse_values(self.text, self.literals)


def parse_untagged(response: Response) -> Untagged | None:
    """Take a response that begins with `* ` apart; None if it says nothing."""
    match = _RESPONSE.match(response.text)
    if match is None:
        return None
    return Untagged(
        int(match[1] or 0), match[2].upper(), response.text[match.end() :], tuple(response.literals)
    )


def parse_code(text: bytes) -> tuple[bytes, bytes, str]:
    """Take `[CODE arguments] words` apart: code in upper case or b"", its arguments, the words for people."""
    match = _CODE.match(text)
    if match is None:
        return b"", b"", words(text)
    return match[1].upper(), match[2] or b"", words(text[match.end() :])


def words(text: bytes) -> str:
    """A server's words, fit to be shown: one line of printable text."""
    shown = text[:500].decode("utf-8", "replace")
    return "".join(character if character.isprintable() else " " for character in shown).strip()


def sentence_end(text: str) -> str:
    """A server's words as the end of a sentence of ours."""
    text = text or "it gave no reason"
    return text if text.endswith(tuple(".!?。！？")) else f"{text}."


def parse_values(text: bytes, literals: tuple[bytes, ...] = ()) -> list[Value]:
    """Read the text of a response: strings unescaped, lists nested, literals put in their places.

    Raises MalformedError if parentheses or quotes do not match or are nested deeper than MAX_DEPTH.
    """
    current: list[Value] = []
    stack: list[list[Value]] = []
    remaining = iter(literals)
    for token in _TOKEN.findall(text):
        first = token[0]
        if first == 0x28:  # (
            stack.append(current)
            if len(stack) > MAX_DEPTH:
                raise MalformedError(f"lists nested deeper than {MAX_DEPTH}")
            inner: list[Value] = []
            current.append(inner)
            current = inner
        elif first == 0x29:  # )
            if not stack:
                raise MalformedError("more lists closed than opened")
            current = stack.pop()
        elif first == 0x22:  # "
            current.append(_unquoted(token))
        elif first == 0x0A:
            current.append(next(remaining, None))
        else:
            current.append(None if first in b"Nn" and token.upper() == b"NIL" else token)
    if stack:
        raise MalformedError("a list is not closed")
    return current


def _unquoted(token: bytes) -> bytes:
    if b"\\" not in token and len(token) > 1 and token.endswith(b'"'):
        return token[1:-1]
    if not _QUOTED.fullmatch(token):
        raise MalformedError("a quoted string is not closed")
    return _ESCAPE.sub(rb"\1", token[1:-1])


def number(value: Value, most: int = 2**63 - 1) -> int:
    """A number as the server wrote it. Raises MalformedError if it is none, or larger than `most`."""
    if not isinstance(value, bytes) or not value.isdigit() or len(value) > 19 or int(value) > most:
        raise MalformedError(f"not a number: {value!r:.40}")
    return int(value)


def atoms(value: Value) -> list[bytes]:
    """The plain members of a list; [] for anything else."""
    return [item for item in value if isinstance(item, bytes)] if isinstance(value, list) else []


class Literal(NamedTuple):
    """A string that a command must send as a literal."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)


class LiteralStream(NamedTuple):
    """A string too large to be held at once: `pieces` are sent as they come and make `size` bytes."""

    pieces: Iterable[bytes]
    size: int


def astring(text: bytes, *, utf8: bool = False) -> bytes | Literal:
    """A string for a command: quoted, or where that is not allowed a literal (RFC 9051 section 4.3)."""
    if len(text) > 1000 or any(byte in text for byte in (b"\r", b"\n", b"\0")):
        return Literal(text)
    if not text.isascii() and not utf8:
        return Literal(text)
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
