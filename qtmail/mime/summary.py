"""What one row of a message list shows, from a raw header.

`summarise_header` runs for every message of a first sync, so it reads no field that a row does not show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qtmail.domain.address import Address
from qtmail.domain.message import HeaderSummary
from qtmail.mime.addresses import parse_addresses
from qtmail.mime.dates import timestamp
from qtmail.mime.headers import decode_header, header_values, message_id

RECIPIENTS_SHOWN = 20
"""A list row names so many recipients; the header has them all."""

_MEDIA_TYPE = re.compile(rb"[a-z0-9.+-]+/[a-z0-9.+-]")
_NO_ATTACHMENT = (
    b"text/",
    b"multipart/alternative",
    b"multipart/related",
    b"multipart/signed",
    b"multipart/report",
)


def summarise_header(raw: bytes) -> HeaderSummary:
    """The subject, people, date, Message-ID and likely attachments of a raw header, or of a few fields of it.

    Each is what `headers.envelope_from_header` makes of the same header. Never raises.
    """
    values, charset = header_values(raw)
    get = values.get
    subject, sender, date = get(b"subject"), get(b"from"), get(b"date")
    authors = parse_addresses(sender, fallback=charset) if sender else ()
    people = parse_addresses(to, fallback=charset) if (to := get(b"to")) else ()
    if copied := get(b"cc"):
        people += parse_addresses(copied, fallback=charset)
    return HeaderSummary(
        decode_header(subject, fallback=charset) if subject else "",
        authors[0] if authors else None,
        recipients_line(people),
        timestamp(date) if date else None,
        message_id(get(b"message-id")),
        suggests_attachment(get(b"content-type", b"")),
    )


def recipients_line(people: Sequence[Address]) -> str:
    """To and Cc as people are called, for one row of a list."""
    line = ", ".join([person.name or person.address for person in people[:RECIPIENTS_SHOWN]])
    return line + ", …" if len(people) > RECIPIENTS_SHOWN else line


def suggests_attachment(content_type: bytes) -> bool:
    """Whether the Content-Type of a message alone lets one expect attachments."""
    lower = content_type.lower()
    return not lower.startswith(_NO_ATTACHMENT) and _MEDIA_TYPE.match(lower) is not None
