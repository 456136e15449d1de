"""uuencoded files, alone or in the middle of a plain text (POSIX `uuencode`). Strict, to take no text for a
file."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} +([^\r\n]{1,255}?)[ \t]*\r?\n", re.MULTILINE)
_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)
_MAX_BLOCKS = 200


@dataclass(frozen=True, slots=True)
class UuBlock:
    """A file found in text: its name (raw), its content, and the bytes `start` to `end` it took."""

    name: bytes
    content: bytes
    start: int
    end: int


def find_block(data: bytes, position: int = 0) -> UuBlock | None:
    """The first sound uuencoded block at or behind `position`."""
    while (begin := _BEGIN.search(data, position)) is not None:
        end = _END.search(data, begin.end())
        if end is None:
            return None
        content = _decode_lines(data[begin.end() : end.start()], base64=begin[0].startswith(b"begin-"))
        if content is not None:
            return UuBlock(begin[1], content, begin.start(), end.end())
        position = begin.end()
    return None


def split_blocks(data: bytes) -> tuple[bytes, list[UuBlock]]:
    """(`data` without its uuencoded blocks, the blocks)."""
    if b"begin" not in data:
        return data, []
    blocks: list[UuBlock] = []
    kept: list[bytes] = []
    position = 0
    while len(blocks) < _MAX_BLOCKS and (block := find_block(data, position)) is not None:
        kept.append(data[position : block.start])
        blocks.append(block)
        position = block.end
    kept.append(data[position:])
    return b"".join(kept), blocks


def _decode_lines(body: bytes, *, base64: bool) -> bytes | None:
    """The content of a block, or None when a line is not what its length byte says."""
    try:
        if base64:
            return binascii.a2b_base64(body)
        return b"".join(_decode_line(line) for line in body.splitlines() if line.strip())
    except (binascii.Error, ValueError):
        return None


def _decode_line(line: bytes) -> bytes:
    """One line: its first sign counts the bytes, four signs carry three of them."""
    line = line.rstrip(b"\r")
    length = (line[0] - 32) & 63
    needed = (length + 2) // 3 * 4
    if length > 45 or len(line) - 1 > needed + 4:
        raise ValueError("not a uuencoded line")
    return binascii.a2b_uu(line[: 1 + needed].ljust(1 + needed))
