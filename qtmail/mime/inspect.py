"""What the reader makes of a message, as plain data: the object `qtmail inspect --json` prints."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from qtmail.domain.address import Address
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse


def inspect(raw: bytes) -> dict[str, object]:
    """The message in these bytes as JSON values, by `describe`. Never raises."""
    return describe(parse(raw))


def describe(message: ParsedMessage) -> dict[str, object]:
    """A message that was read, as JSON values: texts, lists and numbers.

    Addresses are lists of {"name", "address"}; `date` is ISO 8601 in UTC or None; `size` is in bytes after
    decoding; `sha256` is of the decoded content, in hexadecimal, or None where a part was not fetched.
    """
    envelope = message.envelope
    return {
        "subject": envelope.subject,
        "from": _people(envelope.from_),
        "to": _people(envelope.to),
        "cc": _people(envelope.cc),
        "reply_to": _people(envelope.reply_to),
        "date": envelope.date.isoformat() if envelope.date else None,
        "message_id": envelope.message_id,
        "text": message.text,
        "html": message.html,
        "attachments": [
            {
                "filename": item.filename,
                "content_type": item.content_type,
                "size": item.size,
                "sha256": None if item.content is None else hashlib.sha256(item.content).hexdigest(),
                "content_id": item.content_id,
                "inline": item.inline,
            }
            for item in message.attachments
        ],
        "problems": list(message.problems),
    }


def _people(addresses: Iterable[Address]) -> list[dict[str, str]]:
    return [{"name": person.name, "address": person.address} for person in addresses]
