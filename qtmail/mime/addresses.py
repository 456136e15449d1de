"""Address lists (RFC 5322 section 3.4), written well or badly.

The list is cut into tokens (quoted strings, comments, angle brackets, encoded words, separators, plain text)
in one pass that never looks back, then the tokens of each mailbox are told apart. Encoded words are decoded
last, so that a comma or quote inside them is never taken as syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from qtmail.domain.address import Address
from qtmail.mime.encoded_words import ENCODED_WORD, decode_words
from qtmail.mime.rawtext import clean_line, raw_text

MAX_ADDRESSES = 10_000
MAX_LENGTH = 128 * 1024
"""Characters of a list that are read."""

_WORD = r"=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?="
_SPEC = r"[^\s<>\"(),:;@\\=]+@[^\s<>\"(),:;@\\=]+"
_SIMPLE = re.compile(
    rf"\s*+(?:\"([^\"\\<>=]*+)\"|([^\"\\<>@,;:()=]*+)|({_WORD}(?:\s+{_WORD})*+))\s*+<({_SPEC})>\s*",
    re.ASCII,
)
_BARE = re.compile(
    r"\s*([^\s<>\"'(),:;@\\=]++(?:'[^\s<>\"'(),:;@\\=]++)*+@[^\s<>\"'(),:;@\\=]+)\s*", re.ASCII
)
"""With apostrophes inside (o'brien@example.org), but not around it, where they stand for quotes."""
_PLAIN = re.compile(r'[^"(<>,;:=\\]+')
_REPEATED = {",": re.compile(r"[\s,]+"), ";": re.compile(r"[\s;]+")}
_KINDS = {'"': "quoted", "(": "comment", "<": "angle", ",": "separator", ";": "separator", ":": "separator"}
_STRAY_CHARACTERS = frozenset("<>\\")
_STRAY = re.compile(r"[<>\\]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ANGLE = re.compile(r"<++([^<>]*+)>++")
_OPEN_ANGLE = re.compile(r"<++([^<>,;\s]*@[^<>,;\s]*)")
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*+\)")
_ADDRESS = re.compile(
    r"(?<![^\s<>\"'(),:;\[\]@])[^\s<>\"'(),:;\[\]@]++(?:'[^\s<>\"'(),:;\[\]@]++)*+"
    r"@(?:\[[^\]\s]{0,64}\]|[^\s<>\"'(),:;@\[\]]+)"
)
_NOTES_NAME = re.compile(r"CN=([^/=@]+)/[^@]*(?:@\S+)?$", re.IGNORECASE)
_ROUTE = re.compile(r"^@[^:]*:")
_AROUND_DOT = re.compile(r"(?<!\s)\s*+([@.])\s*+")
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)


class _Token(NamedTuple):
    """One piece of an address list.

    Attributes:
        kind: "text", "quoted", "comment", "angle", or the separator itself.
        text: its content without delimiters; encoded words are still encoded.
    """

    kind: str
    text: str


def parse_addresses(
    value: bytes | str, *, problems: list[str] | None = None, fallback: str | None = None
) -> tuple[Address, ...]:
    """The mailboxes of an address field in order, names decoded. Never raises.

    Group members are listed without their group; an empty group is one Address with a name only. `fallback`
    is the charset to try for raw 8-bit text.
    """
    text = value if isinstance(value, str) else raw_text(value, fallback)
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH].rpartition(",")[0] or text[:MAX_LENGTH]
        if problems is not None:
            problems.append("A list of addresses is too long; only its beginning was read.")
    if len(text) > 400:
        return _parse(text, problems)
    return _parse_cached(text) if problems is None else _parse(text, problems)


@lru_cache(maxsize=8192)
def _parse_cached(text: str) -> tuple[Address, ...]:
    return _parse(text, None)


def _parse(text: str, problems: list[str] | None) -> tuple[Address, ...]:
    pieces = text.split(",", MAX_ADDRESSES)[:MAX_ADDRESSES] if "," in text else [text]
    plain = [_parse_plainly(piece, problems) for piece in pieces]
    if None not in plain:
        return tuple(address for address in plain if address is not None)
    return _ListReader(text, problems).read()


def _parse_plainly(text: str, problems: list[str] | None) -> Address | None:
    """One mailbox in one of the three forms that nearly all mail has; None: it takes the whole grammar."""
    match = _SIMPLE.fullmatch(text)
    if match is not None:
        quoted, bare, words, address = match.groups()
        if words is not None:
            name = clean_line(decode_words(words, problems))
            return None if '"' in name or "@" in name else Address(name, address)
        return Address(" ".join((quoted if bare is None else bare).split()), address)
    match = _BARE.fullmatch(text)
    return Address("", match[1]) if match is not None else None


def _tokens(text: str) -> Iterator[_Token]:
    """Cut the list; an opening delimiter that is never closed is plain text, and is looked for only once."""
    position, end = 0, len(text)
    unclosed: set[str] = set()
    while position < end:
        char = text[position]
        kind = _KINDS.get(char, "text")
        match: re.Match[str] | None = None
        if kind == "comment" and char not in unclosed and (close := _closing_parenthesis(text, position)) > 0:
            yield _Token(kind, text[position + 1 : close])
            position = close + 1
            continue
        if kind == "quoted" and char not in unclosed:
            match = _QUOTED.match(text, position)
        elif kind == "angle":
            match = _ANGLE.match(text, position) or _OPEN_ANGLE.match(text, position)
        if match is not None:
            yield _Token(kind, match[1])
        elif kind == "separator":
            yield _Token(char, char)
            match = _REPEATED[char].match(text, position) if char != ":" else None
        elif char in _STRAY_CHARACTERS:
            match = _STRAY.match(text, position)
        else:
            unclosed.add(char)
            match = ENCODED_WORD.match(text, position) or _PLAIN.match(text, position)
            yield _Token("text", match[0] if match is not None else char)
        position = match.end() if match is not None else position + 1


def _closing_parenthesis(text: str, position: int) -> int:
    """Index of the parenthesis that closes the comment opened at `position`, or -1."""
    depth = 0
    for match in _PARENTHESIS.finditer(text, position):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.start()
    return -1


class _ListReader:
    """Puts the tokens of one address list together again."""

    def __init__(self, text: str, problems: list[str] | None) -> None:
        self.text = text
        self.problems = problems
        self.has_words = "=?" in text
        self.found: list[Address] = []
        self.waiting: list[list[_Token]] = []
        """Pieces without an address that ended at a comma: perhaps the start of `Doe, John <john@x.org>`."""

    def read(self) -> tuple[Address, ...]:
        tokens = list(_tokens(self.text))
        last_semicolon = max((i for i, token in enumerate(tokens) if token.kind == ";"), default=-1)
        current: list[_Token] = []
        group: str | None = None
        members = 0
        for index, token in enumerate(tokens):
            if len(self.found) + len(self.waiting) >= MAX_ADDRESSES:
                break
            if token.kind == ":" and group is None and index < last_semicolon and not _has_address(current):
                group, members, current = self._phrase(current), len(self.found), []
            elif token.kind in (",", ";"):
                self._end_mailbox(current, joinable=token.kind == ",")
                current = []
                if token.kind == ";":
                    self._give_up_waiting()
                    if group and len(self.found) == members:
                        self.found.append(Address(group, ""))
                    group = None
            else:
                current.append(token)
        self._end_mailbox(current, joinable=False)
        self._give_up_waiting()
        return tuple(self.found)

    def _end_mailbox(self, tokens: list[_Token], *, joinable: bool) -> None:
        if not any(token.text.strip() for token in tokens):
            return
        if joinable and not _has_address(tokens) and "=?" not in "".join(token.text for token in tokens):
            self.waiting.append(tokens)
            return
        if self.waiting and any(token.kind == "angle" for token in tokens):
            joined: list[_Token] = []
            for piece in self.waiting:
                joined += [*piece, _Token("text", ", ")]
            tokens, self.waiting = joined + tokens, []
        self._give_up_waiting()
        self.found.extend(self._mailbox(tokens))

    def _give_up_waiting(self) -> None:
        waiting, self.waiting = self.waiting, []
        for tokens in waiting:
            self.found.extend(self._mailbox(tokens))

    def _mailbox(self, tokens: list[_Token]) -> list[Address]:
        angle = _address_token(tokens)
        if angle is not None:
            return [self._with_brackets(tokens, angle)]
        text = "".join(token.text for token in tokens if token.kind in ("text", ":"))
        comments = " ".join(token.text for token in tokens if token.kind == "comment")
        if "=?" in text and (decoded := decode_words(text, self.problems)) and "@" in decoded:
            return list(_ListReader(decoded.replace("=?", "= ?"), None).read())
        return self._without_brackets(tokens, text, comments)

    def _with_brackets(self, tokens: list[_Token], angle: int) -> Address:
        name = self._phrase(tokens[:angle])
        if not name:
            name = self._phrase(tokens[angle + 1 :]) or self._comments(tokens)
        address = _tidy_address(decode_words(tokens[angle].text))
        if "@" not in address and address.rstrip(" ;").endswith(":"):  # <Undisclosed recipients:;>
            return Address(name or address.rstrip(" ;:"), "")
        return Address(name if address else name.rstrip(" ;:"), address)

    def _without_brackets(self, tokens: list[_Token], text: str, comments: str) -> list[Address]:
        quoted = "".join(
            f'"{t.text}"' if t.kind == "quoted" else t.text for t in tokens if t.kind != "comment"
        )
        if match := _NOTES_NAME.match(text.strip()):
            return [Address(match[1], text.strip())]
        candidate = _AROUND_DOT.sub(r"\1", quoted.strip())
        if candidate.startswith('"') and re.fullmatch(r'"[^"]*"@\S+', candidate):
            return [Address(self._comments(tokens), candidate)]
        if text.count("@") > 1 and all(_ADDRESS.fullmatch(word) for word in text.split()):
            return [Address("", word) for word in text.split()]
        match = _ADDRESS.search(_AROUND_DOT.sub(r"\1", text) if text.count("@") == 1 else text)
        if match is None:
            match = _ADDRESS.search(" ".join(token.text for token in tokens if token.kind == "quoted"))
            if match is not None:
                return [Address("", _tidy_address(match[0]))]
            return self._nameless(tokens)
        name = self._phrase([_Token("text", match.string.replace(match[0], " ", 1)), *_quoted_only(tokens)])
        name = name.strip(" '<>:") if not _MAILTO.match(name) else ""
        return [
            Address("" if name.lower() == "mailto" else name or clean_line(decode_words(comments)), match[0])
        ]

    def _nameless(self, tokens: list[_Token]) -> list[Address]:
        """No address at all: one plain word is a local user, anything else only a name."""
        name = self._phrase(tokens).rstrip(" :")
        if not name:
            return []
        is_word = re.fullmatch(r"[!-~]+", name) and all(token.kind in ("text", "comment") for token in tokens)
        if is_word and not self.has_words:
            return [Address(self._comments(tokens), name)]
        return [Address(name, "")]

    def _phrase(self, tokens: list[_Token]) -> str:
        """A display name: quotes resolved, encoded words decoded, comments left out."""
        parts = [
            _ESCAPED.sub(r"\1", token.text) if token.kind == "quoted" else token.text
            for token in tokens
            if token.kind != "comment"
        ]
        name = clean_line(decode_words("".join(parts), self.problems))
        if len(name) > 1 and name[0] == name[-1] == '"':
            name = name[1:-1].strip()
        return name.strip('" ') if name.count('"') == 1 else name

    def _comments(self, tokens: list[_Token]) -> str:
        text = " ".join(_ESCAPED.sub(r"\1", token.text) for token in tokens if token.kind == "comment")
        return clean_line(decode_words(text, self.problems))


def _quoted_only(tokens: list[_Token]) -> list[_Token]:
    return [token for token in tokens if token.kind == "quoted"]


def _has_address(tokens: list[_Token]) -> bool:
    return any(token.kind == "angle" or "@" in token.text for token in tokens)


def _address_token(tokens: list[_Token]) -> int | None:
    """The angle bracket that holds the address: the last with an @, else the last."""
    angles = [index for index, token in enumerate(tokens) if token.kind == "angle"]
    with_at = [index for index in angles if "@" in tokens[index].text or "=?" in tokens[index].text]
    return next(reversed(with_at or angles), None)


def _tidy_address(text: str) -> str:
    """An address without the route, quotes, scheme, comments and spaces that some put into its brackets."""
    text = _MAILTO.sub("", _ROUTE.sub("", text.strip()))
    if not text.startswith('"'):
        text = _COMMENT.sub("", text).strip() if "(" in text else text
        text = _AROUND_DOT.sub(r"\1", text).strip("'")
    return clean_line(text)
