"""How domain values are written into columns and read back.

Lists of things that no query looks into (addresses, references, the MIME tree) are compact JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from qtmail.domain.address import Address
from qtmail.domain.message import Envelope, Flag, MessageRow, PartStructure
from qtmail.store.failures import reads_columns

LARGEST_INTEGER = 2**63 - 1
"""The largest number SQLite can hold; a server may claim a larger size or modification sequence."""

RECIPIENTS_SHOWN = 20
"""A list row names so many recipients; the envelope has them all."""

_EPOCH = datetime.fromtimestamp(0, UTC)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().decode


def whole_list(values: Iterable[int | str]) -> str:
    """A parameter for `IN (SELECT value FROM json_each(?))`, which has no limit on the number of values."""
    return _encode(list(values))


def encodable(text: str) -> str:
    """`text` without lone surrogates, which SQLite cannot store."""
    return text.encode("utf-8", "replace").decode("utf-8")


# --- flags ---


def encode_keywords(keywords: frozenset[str]) -> str:
    return " ".join(sorted(keywords)) if keywords else ""


def decode_keywords(text: str) -> frozenset[str]:
    return frozenset(text.split()) if text else _NO_KEYWORDS


_NO_KEYWORDS: frozenset[str] = frozenset()

# --- envelopes ---


def encode_envelope(envelope: Envelope) -> str:
    """All of an envelope but the subject and Message-ID, which are columns of `messages`."""
    date = envelope.date
    return _encode(
        [
            None if date is None else date.timestamp(),
            [[a.name, a.address] for a in envelope.from_],
            [[a.name, a.address] for a in envelope.to],
            [[a.name, a.address] for a in envelope.cc],
            [[a.name, a.address] for a in envelope.bcc],
            [[a.name, a.address] for a in envelope.reply_to],
            envelope.in_reply_to,
            envelope.references,
        ]
    )


@reads_columns
def decode_envelope(subject: str, message_id: str, data: str) -> Envelope:
    date, from_, to, cc, bcc, reply_to, in_reply_to, references = _decode(data)
    return Envelope(
        subject=subject,
        from_=_addresses(from_),
        to=_addresses(to),
        cc=_addresses(cc),
        bcc=_addresses(bcc),
        reply_to=_addresses(reply_to),
        date=None if date is None else _EPOCH + timedelta(seconds=date),
        message_id=message_id,
        in_reply_to=in_reply_to,
        references=tuple(references),
    )


def message_id_crc(message_id: str) -> int:
    """What the index on Message-IDs holds; equal ones still have to be compared."""
    return crc32(message_id.encode("utf-8", "replace"))


def recipients_line(envelope: Envelope) -> str:
    """To and Cc as people are called, for one row of a list."""
    people = envelope.to + envelope.cc
    line = ", ".join([person.name or person.address for person in people[:RECIPIENTS_SHOWN]])
    return line + ", …" if len(people) > RECIPIENTS_SHOWN else line


def _addresses(pairs: list[list[str]]) -> tuple[Address, ...]:
    return tuple([Address(name, address) for name, address in pairs])


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
    m.sender_address, m.recipients, m.preview, m.has_attachment
"""
"""What `message_row` reads, from `messages AS m JOIN folders AS f`."""


@reads_columns
def message_row(columns: tuple[Any, ...]) -> MessageRow:
    id_, folder_id, account_id, uid, date, size, flags, keywords, subject, *people, preview, attachment = (
        columns
    )
    sender_name, sender_address, recipients = people
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
        bool(attachment),
    )
