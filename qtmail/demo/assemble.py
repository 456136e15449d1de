"""Writes MIME parts byte by byte: unlike the standard library's writer, also such as break the rules.

Part of what sample mail must show is mail that old or careless programs send: bare 8-bit header fields,
labels that lie, file names in encoded words.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import encode_rfc2231
from unicodedata import east_asian_width

CRLF = b"\r\n"
WORD_CHARACTERS = 14
"""Characters in one encoded word, so that it stays below 75 bytes (RFC 2047 section 2) in every charset."""


FULL_LINE_COLUMNS = 80
"""Columns from which on a line of the written text ended for want of room and not for want of words."""


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part: header fields without their line ends, and the body in transfer encoding."""

    fields: tuple[bytes, ...]
    body: bytes

    def __bytes__(self) -> bytes:
        return CRLF.join((*self.fields, b"", self.body))


def words(text: str, charset: str) -> str:
    """Text for a header field: as it is when ASCII, else as encoded words (RFC 2047), folded."""
    if text.isascii():
        return text
    pieces = (text[start : start + WORD_CHARACTERS] for start in range(0, len(text), WORD_CHARACTERS))
    encoded = (base64.b64encode(piece.encode(charset)).decode() for piece in pieces)
    return "\r\n ".join(f"=?{charset}?B?{piece}?=" for piece in encoded)


def text_part(
    content_type: str, text: str, *, charset: str = "utf-8", label: str = "", encoding: str = ""
) -> Part:
    """A text in a charset, labelled with another one where `label` is given."""
    data = text.replace("\n", "\r\n").encode(charset)
    if not encoding:
        encoding = "7bit" if data.isascii() else "base64" if _mostly_8bit(data) else "quoted-printable"
    fields = (
        f'Content-Type: {content_type}; charset="{label or charset}"',
        f"Content-Transfer-Encoding: {encoding}",
    )
    return Part(tuple(field.encode() for field in fields), _encode(data, encoding))


def file_part(
    content_type: str, data: bytes, *, filename: str, disposition: str = "attachment", content_id: str = "",
    charset: str = "utf-8", as_words: bool = False,
) -> Part:  # fmt: skip
    """A file; its name after RFC 2231, or in encoded words, which RFC 2047 section 5 forbids."""
    if as_words:
        name = f'filename="{words(filename, charset)}"'
    elif filename.isascii():
        name = f'filename="{filename}"'
    else:
        name = f"filename*={encode_rfc2231(filename, charset)}"
    fields = [f"Content-Type: {content_type}", f"Content-Disposition: {disposition};\r\n {name}"]
    encoding = "8bit" if content_type == "message/rfc822" else "base64"
    fields.append(f"Content-Transfer-Encoding: {encoding}")
    if content_id:
        fields.append(f"Content-ID: <{content_id}>")
    return Part(tuple(field.encode() for field in fields), _encode(data, encoding))


def multipart(subtype: str, parts: Sequence[Part], boundary: str) -> Part:
    """Parts joined into one; a single part stays what it is."""
    if len(parts) == 1:
        return parts[0]
    delimiter = b"--" + boundary.encode()
    lines: Iterable[bytes] = (line for part in parts for line in (delimiter, bytes(part)))
    body = CRLF.join((*lines, delimiter + b"--", b""))
    return Part((f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"'.encode(),), body)


def unwrap(text: str) -> str:
    """Paragraphs as one line each, as most programs send them: a full line is joined to the next.

    Indented and quoted lines stay as they are.
    """
    lines: list[str] = []
    full = False
    for line in text.split("\n"):
        prose = line != "" and not line.startswith((" ", ">"))
        if full and prose:
            lines[-1] += line if _wide(lines[-1][-1]) else f" {line}"
        else:
            lines.append(line)
        full = prose and sum(2 if _wide(character) else 1 for character in line) >= FULL_LINE_COLUMNS
    return "\n".join(lines)


def _wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def flow(text: str, width: int = 68) -> str:
    """Paragraphs as format=flowed sends them (RFC 3676): a line that goes on ends in a space."""
    return "\n".join(_flow_line(line, width) for line in text.split("\n"))


def _flow_line(line: str, width: int) -> str:
    quote = line[: len(line) - len(line.lstrip(">"))]
    rows: list[str] = []
    for word in line[len(quote) :].split():
        if rows and len(rows[-1]) + len(word) < width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    prefix = f"{quote} " if quote else ""
    return " \n".join(prefix + row for row in rows) or quote


def _mostly_8bit(data: bytes) -> bool:
    return len(data.translate(None, bytes(range(128)))) * 3 > len(data)


def _encode(data: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            return base64.encodebytes(data).replace(b"\n", CRLF)
        case "quoted-printable":
            return quopri.encodestring(data.replace(CRLF, b"\n")).replace(b"\n", CRLF)
        case _:
            return data
