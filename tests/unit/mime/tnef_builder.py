"""Writes small TNEF streams (MS-OXTNEF sections 2.1.3 and 2.1.4) for tests."""

from __future__ import annotations

import struct

LONG_FILENAME, MIME_TAG, CONTENT_ID, HTML_BODY = 0x3707, 0x370E, 0x3712, 0x1013


def attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*pairs: tuple[int, str]) -> bytes:
    """MAPI properties of type PT_UNICODE."""
    out = struct.pack("<I", len(pairs))
    for identifier, text in pairs:
        data = text.encode("utf-16-le") + b"\0\0"
        out += struct.pack("<HHII", 0x1F, identifier, 1, len(data)) + data + bytes(-len(data) % 4)
    return out


def attachment(short_name: str, content: bytes, *pairs: tuple[int, str]) -> bytes:
    out = attribute(2, 0x9002, 6, bytes(14))
    out += attribute(2, 0x8010, 1, short_name.encode("ascii") + b"\0")
    out += attribute(2, 0x800F, 6, content)
    return out + (attribute(2, 0x9005, 6, properties(*pairs)) if pairs else b"")


def tnef(*parts: bytes, body: str = "") -> bytes:
    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
    out += attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
    if body:
        out += attribute(1, 0x800C, 2, body.encode("cp1252") + b"\0")
    return out + b"".join(parts)
