"""Mail on its way out: items of the outbox and where each of their recipients stands.

held ──time──> queued ──claimed──> sending ──250 after the dot──> accepted ──copy proved──> filed
                 ^  ^                 │ ├──5xx, no recipient left──> failed
                 │  └──4xx, line lost before the dot──┘ └──line lost after the dot──> uncertain
                 └────────────── the user: try again ────────── failed, uncertain
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtmail.domain.composition import Origin


class OutboxState(StrEnum):
    """Where an outgoing message stands."""

    HELD = "held"
    """Waits for its time: the seconds in which it can be undone, or the hour the user named."""
    QUEUED = "queued"
    """Is sent as soon as there is a line, or when the next attempt is due."""
    SENDING = "sending"
    """An attempt is under way."""
    ACCEPTED = "accepted"
    """The server has taken it; the copy in Sent is not proved yet."""
    FILED = "filed"
    """Taken, and its copy is in Sent: nothing is left to do."""
    FAILED = "failed"
    """Refused for good; nothing was delivered to the recipients that are not marked accepted."""
    UNCERTAIN = "uncertain"
    """The line was lost after all was said and before the answer: perhaps delivered. Never sent again by
    itself.
    """


class RecipientState(StrEnum):
    """What became of one recipient at the sending server."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


class DeliveryStatus(StrEnum):
    """What a delivery report said of one recipient (RFC 3464 section 2.3.3)."""

    UNKNOWN = ""
    DELAYED = "delayed"
    RELAYED = "relayed"
    """Handed on to a server that gives no reports."""
    EXPANDED = "expanded"
    """Handed on to a list of further recipients."""
    DELIVERED = "delivered"
    FAILED = "failed"
    READ = "read"
    """A read receipt came (RFC 8098)."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One envelope recipient of an outbox item.

    Attributes:
        answer: the server's last words about it ("550 5.1.1 No such user"), or "".
        delivery: what reports said since.
        delivery_text: the words of the report, or "".
    """

    address: str
    state: RecipientState = RecipientState.WAITING
    answer: str = ""
    delivery: DeliveryStatus = DeliveryStatus.UNKNOWN
    delivery_text: str = ""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message in the outbox. Its bytes are fixed: whatever is sent or filed is what was queued.

    Attributes:
        id: local number, never used twice.
        identity_id: who wrote it; 0 where it came as a file.
        message_id: without angle brackets.
        sender: the envelope sender (MAIL FROM).
        size: bytes of the message with CRLF line ends.
        blob_id: where the bytes are; 0 once they are no longer needed.
        needs_8bit, needs_smtputf8: what the server must offer (RFC 6152, RFC 6531).
        request_delivery: ask for delivery reports (RFC 3461).
        queued_at, not_before, next_try, sent_at: seconds since the epoch; sent_at None before acceptance.
        attempts: counted before each attempt begins.
        handed_over: in this attempt all has been said but the answer not heard: written before the final dot.
        last_answer: the server's last words, or the last fault, as a sentence.
        advice: what the user can do about it, or "".
        origin: the message to be marked answered or forwarded.
        sent_folder: wire name of the folder to file it in; b"" for the account's own.
        draft_id: the draft it was made from, which comes back if it is cancelled; None for a file.
        acknowledged: the user has seen that some recipients were refused.
    """

    id: int
    account_id: int
    identity_id: int
    state: OutboxState
    message_id: str
    subject: str
    sender: str
    recipients: tuple[Recipient, ...]
    size: int
    blob_id: int
    queued_at: int
    not_before: int
    next_try: int
    attempts: int = 0
    handed_over: bool = False
    needs_8bit: bool = False
    needs_smtputf8: bool = False
    request_delivery: bool = False
    last_answer: str = ""
    advice: str = ""
    sent_at: int | None = None
    origin: Origin | None = None
    sent_folder: bytes = b""
    draft_id: int | None = None
    acknowledged: bool = True

    @property
    def waiting(self) -> tuple[Recipient, ...]:
        return tuple(one for one in self.recipients if one.state is RecipientState.WAITING)

    @property
    def refused(self) -> tuple[Recipient, ...]:
        return tuple(one for one in self.recipients if one.state is RecipientState.REFUSED)


@dataclass(frozen=True, slots=True)
class NewOutboxItem:
    """What is known of a message when it is queued; the fields mean what they mean in OutboxItem."""

    account_id: int
    identity_id: int
    message_id: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    not_before: int
    needs_8bit: bool = False
    needs_smtputf8: bool = False
    request_delivery: bool = False
    origin: Origin | None = None
    sent_folder: bytes = b""
    draft_id: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An address to complete what was typed with.

    Attributes:
        score: how often and how recently it was used; larger is better.
    """

    name: str
    address: str
    score: float
