"""Messages on their way out, with plausible values."""

from __future__ import annotations

from qtmail.domain.outgoing import DeliveryStatus, OutboxItem, OutboxState, Recipient, RecipientState

NOW = 1_790_000_000
"""The moment at which these items are looked at, in seconds since the epoch."""


def outbox_item(id_: int = 1, state: OutboxState = OutboxState.QUEUED, **changes: object) -> OutboxItem:
    values: dict[str, object] = {
        "id": id_,
        "account_id": 1,
        "identity_id": 1,
        "state": state,
        "message_id": f"sent-{id_}@personal.example",
        "subject": f"Plans {id_}",
        "sender": "me@personal.example",
        "recipients": (Recipient("ann@example.org"), Recipient("bob@example.org")),
        "size": 2048,
        "blob_id": id_,
        "queued_at": NOW - 60,
        "not_before": NOW,
        "next_try": NOW,
        "draft_id": id_,
    }
    return OutboxItem(**(values | changes))  # type: ignore[arg-type]


def accepted(address: str, delivery: DeliveryStatus = DeliveryStatus.UNKNOWN, text: str = "") -> Recipient:
    return Recipient(address, RecipientState.ACCEPTED, "250 2.1.5 OK", delivery, text)


def refused(address: str, answer: str = "550 5.1.1 No such user") -> Recipient:
    return Recipient(address, RecipientState.REFUSED, answer)
