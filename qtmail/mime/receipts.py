"""Read receipts (RFC 8098): whether one is asked for, and the one that is sent if the reader agrees."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from qtmail.domain.address import Address
from qtmail.domain.identity import Identity
from qtmail.mime.addressees import header_field, header_fields
from qtmail.mime.delivery_reports import outer_parts
from qtmail.mime.header_writer import (
    address_field,
    date_field,
    extra_field,
    id_field,
    message_id_field,
    text_field,
)
from qtmail.mime.headers import parse_addresses
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parameter_writer import type_field
from qtmail.mime.quoting import ENGLISH, Words
from qtmail.mime.sendable import address_fault, new_message_id, wire_address
from qtmail.mime.transfer_writer import encode_text, encoding_field

_NOTIFICATION = "message/disposition-notification"
_REQUEST = "disposition-notification-to"
_BULK = frozenset({"bulk", "list", "junk"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """A read receipt, ready to be sent.

    Attributes:
        sender: of the envelope: always empty, so that no report can ever answer it (RFC 8098 section 3).
        recipient: of the envelope, in wire form.
        content: the whole message with CRLF line ends, ASCII unless an address needs SMTPUTF8.
    """

    message_id: str
    subject: str
    sender: str
    recipient: str
    content: bytes


def receipt_requested(message: ParsedMessage) -> Address | None:
    """Who asks to be told that the message was read; None: nobody, or nobody who may be answered.

    Mailing lists, bulk mail, automatic mail and reports get no receipt, nor does a request with conditions
    that we do not know (section 2.2).
    """
    automatic = header_field(message, "auto-submitted").lower() not in ("", "no")
    bulk = header_field(message, "precedence").lower() in _BULK or header_field(message, "list-id")
    report = any(part.content_type == "multipart/report" for part in outer_parts(message))
    options = header_field(message, "disposition-notification-options").lower()
    if automatic or bulk or report or "required" in options:
        return None
    return next((one for one in _asking(message) if not address_fault(one.address)), None)


def _asking(message: ParsedMessage) -> list[Address]:
    values = header_fields(message, _REQUEST)
    return [one for value in values for one in parse_addresses(value) if one.address]


def receipt_doubt(message: ParsedMessage) -> str:
    """What is odd about a request, as a sentence to show beside the question; "" for an ordinary one.

    RFC 8098 section 2.1: the receipt should go to one address, the one the message was sent from.
    """
    asking = {one.address.casefold() for one in _asking(message)}
    if len(asking) > 1:
        return f"The sender asks for receipts to {len(asking)} addresses; only the first would get one."
    returned = parse_addresses(header_field(message, "return-path"))
    authors = {one.address.casefold() for one in (*returned, *message.envelope.from_)}
    if asking and not asking & authors:
        return f"The receipt would go to {next(iter(asking))}, which is not the sender's address."
    return ""


def build_receipt(
    message: ParsedMessage,
    identity: Identity,
    *,
    date: datetime,
    automatic: bool = False,
    words: Words = ENGLISH,
    zone: tzinfo | None = None,
) -> Receipt:
    """The receipt for a message that was displayed.

    It says nothing that the sender of the message does not know, but for the fact itself.

    Args:
        identity: who read it.
        date: aware.
        automatic: the user agreed once for all, not for this message.

    Raises:
        ValueError: nobody asks for one.
        MessageUnsendable: the identity has no usable address.
    """
    to = receipt_requested(message)
    if to is None:
        raise ValueError("no receipt is asked for")
    message_id = new_message_id(identity.address)
    subject = words.receipt_subject.format(subject=message.envelope.subject)
    parts = [_text_part(message, identity, words, zone), _notification_part(message, identity, automatic)]
    boundary = f"=_{secrets.token_hex(16)}"
    header = (
        date_field(date),
        address_field("From", [identity.sender]),
        address_field("To", [to]),
        text_field("Subject", subject),
        message_id_field(message_id),
        id_field("In-Reply-To", [message.envelope.message_id]),
        id_field("References", [message.envelope.message_id]),
        extra_field("Auto-Submitted", "auto-replied"),
        b"MIME-Version: 1.0\r\n",
        type_field("multipart/report", **{"report-type": "disposition-notification", "boundary": boundary}),
    )
    content = b"".join(header) + b"".join(_multipart(boundary, parts))
    return Receipt(message_id, subject, "", wire_address(to.address), content)


def _multipart(boundary: str, parts: list[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield f"\r\n--{boundary}\r\n".encode() + part
    yield f"\r\n--{boundary}--\r\n".encode()


def _text_part(message: ParsedMessage, identity: Identity, words: Words, zone: tzinfo | None) -> bytes:
    """The part for people."""
    sent = message.envelope.date
    text = words.receipt.format(
        subject=message.envelope.subject,
        date=words.day(sent.astimezone(zone)) if sent else "",
        reader=identity.sender,
    )
    encoding, body = encode_text(f"{text}\n".replace("\n", "\r\n").encode("utf-8", "replace"))
    charset = "us-ascii" if text.isascii() else "utf-8"
    return type_field("text/plain", charset=charset) + encoding_field(encoding) + b"\r\n" + body


def _notification_part(message: ParsedMessage, identity: Identity, automatic: bool) -> bytes:
    """The part for programs (RFC 8098 section 3.1); it names no host."""
    mode = "automatic-action/MDN-sent-automatically" if automatic else "manual-action/MDN-sent-manually"
    address = wire_address(identity.address)
    international = not address.isascii()
    kind = "utf-8" if international else "rfc822"
    original = header_field(message, "original-recipient")
    fields = (
        b"Reporting-UA: qtmail\r\n",
        text_field("Original-Recipient", original) if original.isascii() and ";" in original else b"",
        f"Final-Recipient: {kind}; {address}\r\n".encode(),
        id_field("Original-Message-ID", [message.envelope.message_id]),
        f"Disposition: {mode}; displayed\r\n".encode(),
    )
    content_type = "message/global-disposition-notification" if international else _NOTIFICATION
    encoding = encoding_field("8bit" if international else "7bit")
    return type_field(content_type) + encoding + b"\r\n" + b"".join(fields)
