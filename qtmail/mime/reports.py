"""What became of a message that was sent: delivery reports (RFC 3464) and read receipts (RFC 8098).

A report is only information. Anybody can write one, so it may change what is shown of a message, and nothing
else.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.address import Address
from qtmail.mime.bounces import read_bounce
from qtmail.mime.delivery_reports import (
    MAX_TEXT,
    DeliveryReport,
    ReportedRecipient,
    blocks_of,
    delivery_report,
    first_value,
    original_id,
    outer_parts,
    typed_address,
)
from qtmail.mime.headers import message_id
from qtmail.mime.message import ParsedMessage

__all__ = ["DeliveryReport", "ReadReceipt", "ReportedRecipient", "read_report"]

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPOSITION = frozenset({"message/disposition-notification", "message/global-disposition-notification"})


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """A reader's program tells what was done with a message.

    Attributes:
        original_message_id: without angle brackets; "" where the receipt does not name it.
        displayed: it was shown on a screen; else it was deleted, passed on or filed unread.
    """

    original_message_id: str
    reader: Address
    displayed: bool
    text: str


def read_report(message: ParsedMessage) -> DeliveryReport | ReadReceipt | None:
    """The report that a message is; None for all other mail. Never raises."""
    for part in outer_parts(message):
        if part.content_type in _DISPOSITION and part.content:
            return _read_receipt(message, blocks_of(part.content))
        if part.content_type in _DELIVERY and part.content:
            report = delivery_report(message, blocks_of(part.content))
            if report is not None:
                return report
    return read_bounce(message)


def _read_receipt(message: ParsedMessage, blocks: list[dict[str, str]]) -> ReadReceipt:
    disposition = first_value(blocks, "disposition").rpartition(";")[2].partition("/")[0].strip().lower()
    final = Address("", typed_address(first_value(blocks, "final-recipient")))
    return ReadReceipt(
        message_id(first_value(blocks, "original-message-id").encode()) or original_id(message),
        next((one for one in message.envelope.from_ if one.address), final),
        displayed=disposition in ("displayed", "read"),
        text=message.text[:MAX_TEXT],
    )
