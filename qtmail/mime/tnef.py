"""`winmail.dat`: Outlook's own envelope for attachments (MS-OXTNEF), read with tnefparse."""

from __future__ import annotations

import logging
import struct
from dataclasses import dataclass
from typing import Any

from qtmail.mime import charset
from qtmail.mime.parameters import clean_file_name

_SIGNATURE = b"\x78\x9f\x3e\x22"
_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef", "application/x-tnef"})
_MAX_OBJECTS = 3000
_MIME_TAG, _CONTENT_ID = 0x370E, 0x3712
# What tnefparse raises on damaged data, besides ValueError.
_DAMAGE = (
    ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, LookupError, OverflowError,
    AssertionError, NameError, RecursionError, MemoryError, OSError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TnefFile:
    name: str
    content_type: str
    content_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TnefContent:
    """What a winmail.dat holds: files, and the text where the message has none elsewhere.

    `complete` is False where it is cut off.
    """

    files: tuple[TnefFile, ...]
    text: str
    html: str
    complete: bool


def is_tnef(content_type: str, filename: str, content: bytes) -> bool:
    return content.startswith(_SIGNATURE) and (
        content_type in _TYPES or filename.lower().endswith(("winmail.dat", ".dat"))
    )


def might_be_tnef(content_type: str, filename: str) -> bool:
    """The same question before the content is there."""
    return content_type in _TYPES or filename.lower() == "winmail.dat"


def read_tnef(content: bytes) -> TnefContent | None:
    """What is inside, or None when it is damaged beyond reading."""
    objects, complete = _count_objects(content)
    if objects > _MAX_OBJECTS:
        return None
    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # what it complains of, the reader tells
    from tnefparse import TNEF  # noqa: PLC0415 (30 ms that most sessions never need)

    try:
        parsed = TNEF(content, do_checksum=False)
        files = tuple(_files(parsed))
        return TnefContent(files, _as_text(parsed.body), _as_text(parsed.htmlbody), complete)
    except _DAMAGE:
        return None


def _count_objects(content: bytes) -> tuple[int, bool]:
    """How many objects there are (counted up to the limit), and whether the last is whole.

    tnefparse copies the rest of the data for every object, so that thousands of tiny ones take minutes.
    """
    position, objects = 6, 0
    while position + 12 < len(content) and objects <= _MAX_OBJECTS:
        position += 11 + int.from_bytes(content[position + 5 : position + 9], "little")
        objects += 1
    return objects, position <= len(content) and not content[position:].strip(b"\0\r\n")


def _files(parsed: Any) -> list[TnefFile]:
    """The attachments, those of embedded messages among them."""
    files: list[TnefFile] = []
    for attachment in parsed.attachments:
        embedded = getattr(attachment, "embed", None)
        if embedded is not None:
            files.extend(_files(embedded))
            continue
        data = attachment.data
        if not isinstance(data, bytes) or not data:
            continue
        properties = {item.name: item.data for item in attachment.mapi_attrs}
        name = _as_text(attachment.long_filename()) or _as_text(attachment._name)
        files.append(
            TnefFile(
                clean_file_name(name),
                _as_text(properties.get(_MIME_TAG)).lower() or "application/octet-stream",
                _as_text(properties.get(_CONTENT_ID)).strip("<>"),
                data,
            )
        )
    return files


def _as_text(value: object) -> str:
    """tnefparse gives text, bytes, or a list of one, depending on how it was stored."""
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        value = charset.decode(value.rstrip(b"\0"), None)
    return value.rstrip("\0") if isinstance(value, str) else ""
