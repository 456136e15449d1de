"""ISO-2022-JP (RFC 1468) as mail programs really write it.

Python's codec refuses what Japanese mail is full of: half-width katakana (`ESC ( I`), the NEC special
characters (row 13: ①, ㈱), text that ends without switching back to ASCII, and stray bytes. Here each stretch
between two escape sequences is decoded by itself; two-byte characters go through Shift-JIS (CP932), which has
all of them.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([DOPQ]|\([BJIH]|&@)")
_SIGN = re.compile(rb"\x1b(?:\$[@BA]|\$\([A-D]|\([BJI]|\$\)C)")


def looks_like_iso2022(data: bytes) -> bool:
    """Whether `data` switches character sets by escape sequences."""
    return b"\x1b" in data and _SIGN.search(data) is not None


def decode_iso2022_jp(data: bytes) -> str:
    """Decode, never raising; damaged characters become U+FFFD."""
    pieces = _ESCAPE.split(data)
    decoded = [_decode_stretch(pieces[0], b"(B")]
    for escape, stretch in zip(pieces[1::2], pieces[2::2], strict=True):
        decoded.append(_decode_stretch(stretch, escape))
    return "".join(decoded)


def _decode_stretch(stretch: bytes, escape: bytes) -> str:
    if escape.startswith(b"$("):
        return (b"\x1b" + escape + stretch + b"\x1b(B").decode("iso2022_jp_3", "replace")
    if escape.startswith(b"$"):
        return _decode_double(stretch)
    if escape == b"(I":
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in stretch).decode(
            "cp932", "replace"
        )
    return stretch.decode("cp932" if not stretch.isascii() else "ascii", "replace")


def _decode_double(stretch: bytes) -> str:
    """JIS X 0208 in two seven-bit bytes; line ends and spaces inside return to ASCII by themselves."""
    out = bytearray()
    index, end = 0, len(stretch)
    while index < end:
        first = stretch[index]
        if first < 0x21 or first > 0x7E or index + 1 == end:
            out.append(first if first < 0x21 else 0x3F)
            index += 1
            continue
        out += _to_shift_jis(first, stretch[index + 1])
        index += 2
    return out.decode("cp932", "replace")


def _to_shift_jis(row: int, cell: int) -> bytes:
    """The Shift-JIS bytes of one JIS X 0208 character (both 0x21 to 0x7E)."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + ((0x20 if cell > 0x5F else 0x1F) if row % 2 else 0x7E)
    return bytes((lead, min(trail, 0xFF)))
