"""Content-Transfer-Encoding (RFC 2045 section 6), written: which encoding a content needs, and its bytes."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from struct import Struct
from typing import NamedTuple

MAX_LINE = 998
"""Octets of a line without its end (RFC 5322 section 2.1.1)."""

_LINE_BYTES, _LINE_COLUMNS = 57, 76
_BLOCK_LINES = 4096
_BLOCK = _BLOCK_LINES * _LINE_BYTES
_SPLIT = Struct(f"{_LINE_COLUMNS}s" * _BLOCK_LINES)
"""Cuts base64 into lines in one call: faster than any loop, for it never leaves C."""
_LONG_LINE = re.compile(rb"[^\r\n]{%d}" % (MAX_LINE + 1))
_UNSAFE_IN_QP = re.compile(rb"[^\t\n\r -<>-~]|[ \t](?=\r\n|\Z)")
_SAFE_IN_QP = bytes({*b"\t\r\n", *range(32, 127)} - {*b"="})
_QP_PIECE = re.compile(rb".{1,73}(?<!=)(?<!=[0-9A-F])")
"""What fits a line without being cut inside an escape; two columns stay free for _QP_GUARD, one for the soft
break."""
_QP_GUARD = re.compile(rb"^(?:F(?=rom )|\.|-(?=-))", re.MULTILINE)
"""Line beginnings that mbox files and careless servers change, or that might be a boundary."""
_MBOX_FROM = re.compile(rb"^From ", re.MULTILINE)


class Encoded(NamedTuple):
    """A body in the transfer encoding of this name."""

    encoding: str
    body: bytes


def encoding_field(encoding: str) -> bytes:
    return f"Content-Transfer-Encoding: {encoding}\r\n".encode()


def with_crlf(data: bytes) -> bytes:
    """`data` with every line end, also a lone CR or LF, as CR LF."""
    if data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def fits_lines(data: bytes) -> bool:
    """Whether `data`, with CR LF ends, can travel as lines (7bit or 8bit): short enough ones without NUL."""
    return b"\0" not in data and _LONG_LINE.search(data) is None


def encode_text(data: bytes, *, eight_bit: bool = False) -> Encoded:
    """Text with CR LF line ends in the lightest encoding that brings it over unharmed.

    As it is (7bit; 8bit where that is allowed), else quoted-printable or base64, whichever is shorter. Lines
    that begin with "From " are never left bare: mbox files put a ">" before them.
    """
    if fits_lines(data) and (data.isascii() or eight_bit) and _MBOX_FROM.search(data) is None:
        return Encoded("7bit" if data.isascii() else "8bit", data)
    escapes = len(data.translate(None, _SAFE_IN_QP))
    if 6 * escapes <= len(data):  # each adds two bytes; base64 adds a third of all
        return Encoded("quoted-printable", encode_quoted_printable(data))
    return Encoded("base64", b"".join(base64_lines([data])))


def encode_quoted_printable(data: bytes) -> bytes:
    """RFC 2045 section 6.7, for text with CR LF line ends; white space at line ends is escaped."""
    escaped = _UNSAFE_IN_QP.sub(lambda match: b"=%02X" % ord(match[0]), data)
    lines = (b"=\r\n".join(_QP_PIECE.findall(line)) for line in escaped.split(b"\r\n"))
    return _QP_GUARD.sub(lambda match: b"=%02X" % ord(match[0]), b"\r\n".join(lines))


def base64_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 in lines of 76 columns, of pieces of any length, in pieces of about 320 kB."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= _BLOCK:
            yield _encode_block(waiting[:_BLOCK])
            del waiting[:_BLOCK]
    if waiting:
        yield _encode_rest(waiting)


def _encode_block(data: bytes | bytearray) -> bytes:
    lines = _SPLIT.unpack(binascii.b2a_base64(data, newline=False))
    return b"\r\n".join((*lines, b""))


def _encode_rest(data: bytes | bytearray) -> bytes:
    encoded = binascii.b2a_base64(data, newline=False)
    starts = range(0, len(encoded), _LINE_COLUMNS)
    return b"".join(encoded[start : start + _LINE_COLUMNS] + b"\r\n" for start in starts)
