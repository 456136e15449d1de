"""How domain values are written into columns and read back.

What no query looks into (the MIME tree) is compact JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from zlib import crc32

from qtmail.domain.message import Flag, MessageRow, PartStructure
from qtmail.store.failures import reads_columns

LARGEST_INTEGER = 2**63 - 1
"""The largest number SQLite can hold; a server may claim a larger size or modification sequence."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().decode


def whole_list(values: Iterable[int | str]) -> str:
    """A parameter for `IN (SELECT value FROM json_each(?))`, which has no limit on the number of values."""
    return _encode(list(values))


def encodable(text: str) -> str:
    """`text` without lone surrogates, which SQLite cannot store."""
    return text.encode("utf-8", "replace").decode("utf-8")


def message_id_crc(message_id: str) -> int:
    """What the index on Message-IDs holds; equal ones still have to be compared."""
    return crc32(message_id.encode("utf-8", "replace"))


# --- flags ---


def encode_keywords(keywords: frozenset[str]) -> str:
    return " ".join(sorted(keywords)) if keywords else ""


def decode_keywords(text: str) -> frozenset[str]:
    return frozenset(text.split()) if text else _NO_KEYWORDS


_NO_KEYWORDS: frozenset[str] = frozenset()

# --- MIME structure ---


def encode_structure(structure: PartStructure) -> str:
    return _encode(_structure_fields(structure))


@reads_columns
def decode_structure(data: str) -> PartStructure:
    return _structure(_decode(data))


def _structure_fields(part: PartStructure) -> list[Any]:
    return [
        part.section,
        part.content_type,
        part.parameters,
        part.encoding,
        part.size,
        part.disposition,
        part.disposition_parameters,
        part.content_id,
        part.description,
        [_structure_fields(child) for child in part.children],
    ]


def _structure(fields: list[Any]) -> PartStructure:
    (section, content_type, parameters, encoding, size, disposition, disposition_parameters, *rest) = fields
    content_id, description, children = rest
    return PartStructure(
        section=section,
        content_type=content_type,
        parameters=tuple((name, value) for name, value in parameters),
        encoding=encoding,
        size=size,
        disposition=disposition,
        disposition_parameters=tuple((name, value) for name, value in disposition_parameters),
        content_id=content_id,
        description=description,
        children=tuple(_structure(child) for child in children),
    )


# --- list rows ---

ROW_COLUMNS = """
    m.id, m.folder_id, f.account_id, m.uid, m.date, m.size, m.flags, m.keywords, m.subject, m.sender_name,
    m.sender_address, m.recipients, m.preview, m.has_attachment, m.body_state = 4
"""
"""What `message_row` reads, from `messages AS m JOIN folders AS f`."""


@reads_columns
def message_row(columns: tuple[Any, ...]) -> MessageRow:
    id_, folder_id, account_id, uid, date, size, flags, keywords, subject, *people, preview = columns[:-2]
    sender_name, sender_address, recipients = people
    has_attachment, header_only = columns[-2:]
    return MessageRow(
        id_,
        folder_id,
        account_id,
        uid,
        date,
        size,
        Flag(flags),
        decode_keywords(keywords),
        subject,
        sender_name,
        sender_address,
        recipients,
        preview,
        bool(has_attachment),
        bool(header_only),
    )
