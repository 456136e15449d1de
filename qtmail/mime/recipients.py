"""Recipients as people type and paste them: from a header, a table, a list in a letter, with Chinese commas.

Unlike the reader of header fields (`addresses.parse_addresses`), which makes the best of what others wrote,
this never guesses: mail must not go to an address that was not meant. What is not plainly a recipient stays
as it was written, in an Address without a name, for the user to mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from qtmail.domain.address import Address
from qtmail.mime.encoded_words import decode_words
from qtmail.mime.rawtext import clean_line, without_direction_tricks

SEPARATORS = ",;，；、\n"
"""Each ends a recipient, outside quotes and angle brackets."""

_WIDE_FORMS = str.maketrans({"＠": "@", "＜": "<", "＞": ">", "（": "(", "）": ")", "：": ":"})
_WIDE_DOTS = str.maketrans("。．｡", "...")
_PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|<[^<>\n]*+>|\((?:[^()\n])*+\)|[,;，；、\n]|[^"<(,;，；、\n]++|.')
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\v\f]")
_GROUP = re.compile(r'\s*+(?:"[^"]*+"|[^"@:<>]++):(?!//)')
_BRACKETED = re.compile(r"(.*?)\s*+<([^<>]*+)>[\s.]*+", re.DOTALL)
_IN_PARENTHESES = re.compile(r"(.*?)\s*+\(([^()\s@]++@[^()\s@]++)\)[\s.]*+", re.DOTALL)
_COMMENTED = re.compile(r"(\S+@\S+)\s+\(([^()]*+)\)", re.DOTALL)
_BARE = re.compile(r'("(?:[^"\\]|\\.)*+"|[^\s"<>()\[\],;:\\@]++)@(\[[^\[\]\s]++\]|[^\s"<>()\[\],;:\\@]++)')
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NEEDS_QUOTES = re.compile(r"""[,;，；、:"<>()@\\]|=\?""")


class _Piece(NamedTuple):
    """The text of one recipient, and what ended it ("" at the end of the text)."""

    text: str
    end: str


def split_recipients(text: str) -> tuple[Address, ...]:
    """The recipients of a text in order. Group names are left out, their members kept. Never raises.

    Taken are separators of all sorts, one recipient a line, columns of a table (the cell with the address and
    those with the name), `Name <address>`, `Name address`, `address (name)` and `Berg, Anna <address>`.
    Anything else becomes `Address("", text)`.
    """
    text = without_direction_tricks(_LINE_ENDS.sub("\n", text)).translate(_WIDE_FORMS)
    lines = (_table_row(line) if "\t" in line else line for line in text.split("\n"))
    return tuple(_recipients(list(_pieces("\n".join(lines)))))


def split_finished(text: str) -> tuple[str, str]:
    """What of a text being typed is finished by a separator, and the rest.

    Inside quotes or angle brackets, also such as are still open, a separator ends nothing.
    """
    end = 0
    for match in _PIECE.finditer(text.translate(_WIDE_FORMS)):
        if match[0] in ('"', "<"):
            break
        if match[0] in SEPARATORS:
            end = match.end()
    return text[:end], text[end:]


def _table_row(line: str) -> str:
    """A row of a table: with one address in it the other cells are the name, else each stands for itself."""
    cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
    addresses = [cell for cell in cells if _bare(cell) is not None]
    if len(addresses) != 1 or len(cells) == 1:
        return ";".join(cells)
    name = " ".join(cell for cell in cells if cell is not addresses[0]).replace('"', "")
    return f'"{name}" <{addresses[0]}>'


def _pieces(text: str) -> Iterator[_Piece]:
    """Cut at the separators, and at the colon that ends the name of a group, which is left out."""
    current: list[str] = []
    for match in _PIECE.finditer(text):
        token = match[0]
        if token not in SEPARATORS:
            current.append(token)
            continue
        yield _Piece(_without_group("".join(current)), token)
        current = []
    yield _Piece(_without_group("".join(current)), "")


def _without_group(text: str) -> str:
    match = _GROUP.match(text)
    if match is None or _MAILTO.fullmatch(match[0].strip()):
        return text
    return text[match.end() :]


def _recipients(pieces: list[_Piece]) -> Iterator[Address]:
    waiting: list[str] = []
    for text, end in pieces:
        text = clean_line(text)
        if not text:
            continue
        if end in (",", "，") and _may_be_family_name(text):
            waiting.append(text)
            continue
        if waiting and "<" in text and _bracketed(text) is not None:
            text, waiting = ", ".join([*waiting, text]), []
        yield from (Address("", one) for one in waiting)
        waiting = []
        yield from _recipient(text)
    yield from (Address("", one) for one in waiting)


def _may_be_family_name(text: str) -> bool:
    """Whether a piece that ended at a comma may belong to the next, as in `Berg, Anna <anna@example.org>`."""
    return "@" not in text and '"' not in text and len(text.split()) <= 3


def _recipient(text: str) -> Iterator[Address]:
    text = _MAILTO.sub("", text, count=1) if _MAILTO.match(text) else text
    words = text.split()
    if (address := _bare(text)) is not None:
        yield Address("", address)
    elif (person := _bracketed(text) or _last_word(words)) is not None:
        yield person
    elif len(words) > 1 and all(_bare(word) is not None for word in words):
        yield from (Address("", _bare(word) or word) for word in words)
    else:
        yield Address("", text)


def _bracketed(text: str) -> Address | None:
    """`Name <address>`, `Name (address)` or `address (name)`."""
    match = _BRACKETED.fullmatch(text) or _IN_PARENTHESES.fullmatch(text)
    if match is not None:
        name, inner = match.groups()
    elif (match := _COMMENTED.fullmatch(text)) is not None:
        inner, name = match.groups()
    else:
        return None
    address = _bare(_MAILTO.sub("", inner.strip(), count=1))
    if address is None or ("@" in name and '"' not in name and name.strip() != address):
        return None  # two addresses: which of them is meant?
    return _person(name, address)


def _last_word(words: list[str]) -> Address | None:
    """`Anna Berg anna@example.org`: all but the last word are the name."""
    if len(words) < 2 or any("@" in word for word in words[:-1]):
        return None
    address = _bare(words[-1])
    return None if address is None else _person(" ".join(words[:-1]), address)


def _person(name: str, address: str) -> Address:
    name = clean_line(decode_words(_unquoted(name)))
    return Address("" if name.casefold() == address.casefold() else name, address)


def _unquoted(name: str) -> str:
    name = name.strip().rstrip(":").strip("'")
    if len(name) > 1 and name[0] == name[-1] == '"':
        return _ESCAPED.sub(r"\1", name[1:-1])
    return name


def _bare(text: str) -> str | None:
    """The address a text consists of, without quotes around it or a full stop behind; None: no address."""
    text = text.strip().strip("'")
    local, at, domain = text.rpartition("@")
    text = f"{local}{at}{domain.translate(_WIDE_DOTS).removesuffix('.')}" if at else text
    return text if _BARE.fullmatch(text) else None


def format_recipient(address: Address) -> str:
    """A recipient as text to edit, to copy and to save: `split_recipients` reads it back."""
    if not address.name or not address.address:
        return address.address or address.name
    name = address.name
    if _NEEDS_QUOTES.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address.address}>"
