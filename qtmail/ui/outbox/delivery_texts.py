"""What became of a message that was sent: for each recipient, and in one line above the message."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from qtmail.domain.outgoing import DeliveryStatus, OutboxItem, Recipient, RecipientState
from qtmail.models.outbox import needs_attention
from qtmail.ui.outbox.outbox_texts import NAMED, moment, recipients_named, state_sentence
from qtmail.ui.shared.notice_strip import Tone

_DELIVERED = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)
_PASSED_ON = (DeliveryStatus.RELAYED, DeliveryStatus.EXPANDED)


def recipient_sentence(recipient: Recipient) -> str:
    """What became of one recipient, with the words of the server or of a report."""
    said = recipient.delivery_text or recipient.answer
    words = _delivery_word(recipient.delivery) or _recipient_word(recipient.state)
    return f"{words}: {said}" if said else words


def delivery_sentence(item: OutboxItem, now: float) -> tuple[str, Tone]:
    """What to say above a sent message of what became of it, and how."""
    if item.sent_at is None:
        return state_sentence(item, now), Tone.WARNING if needs_attention(item) else Tone.INFO
    parts = [_words("Accepted by the server {when}").format(when=moment(item.sent_at, now))]
    total = len(item.recipients)
    delivered = sum(one.delivery in _DELIVERED for one in item.recipients)
    passed_on = sum(one.delivery in _PASSED_ON for one in item.recipients)
    read = tuple(one.address for one in item.recipients if one.delivery is DeliveryStatus.READ)
    if delivered:
        parts.append(_words("delivered to {n:,} of {total:,}").format(n=delivered, total=total))
    if passed_on:
        parts.append(_words("passed on for {n:,} of {total:,}").format(n=passed_on, total=total))
    if read:
        parts.append(_words("read by {names}").format(names=recipients_named(read)))
    troubled = [one for one in item.recipients if _troubled(one)]
    parts += [f"{one.address}: {_trouble(one)}" for one in troubled[:NAMED]]
    if len(troubled) > NAMED:
        parts.append(_words("and {count:,} more").format(count=len(troubled) - NAMED))
    return " · ".join(parts), Tone.WARNING if troubled else Tone.INFO


def answer_report(item: OutboxItem) -> str:
    """The whole of what the server said, line by line, to be copied for whoever can help."""
    lines = [
        _words("Message-ID: {id}").format(id=item.message_id),
        _words("From: {sender}").format(sender=item.sender),
        _words("State: {state}").format(state=item.state.value),
        _words("Attempts: {n}").format(n=item.attempts),
    ]
    if item.last_answer:
        lines.append(_words("Last answer: {answer}").format(answer=item.last_answer))
    lines += [f"{one.address}: {recipient_sentence(one)}" for one in item.recipients]
    return "\n".join(lines)


def _troubled(recipient: Recipient) -> bool:
    refused = recipient.state is RecipientState.REFUSED
    return refused or recipient.delivery in (DeliveryStatus.FAILED, DeliveryStatus.DELAYED)


def _trouble(recipient: Recipient) -> str:
    delayed = recipient.delivery is DeliveryStatus.DELAYED
    words = _words("delayed") if delayed else _words("refused")
    said = recipient.delivery_text or recipient.answer
    return f"{words}, {said}" if said else words


def _recipient_word(state: RecipientState) -> str:
    match state:
        case RecipientState.WAITING:
            return _words("waits")
        case RecipientState.ACCEPTED:
            return _words("accepted")
        case RecipientState.REFUSED:
            return _words("refused")
        case RecipientState.UNCERTAIN:
            return _words("not known")


def _delivery_word(status: DeliveryStatus) -> str:
    match status:
        case DeliveryStatus.UNKNOWN:
            return ""
        case DeliveryStatus.DELAYED:
            return _words("delayed")
        case DeliveryStatus.RELAYED:
            return _words("passed on to a server that gives no reports")
        case DeliveryStatus.EXPANDED:
            return _words("passed on to a list")
        case DeliveryStatus.DELIVERED:
            return _words("delivered")
        case DeliveryStatus.FAILED:
            return _words("not delivered")
        case DeliveryStatus.READ:
            return _words("read")


def _words(text: str) -> str:
    return QCoreApplication.translate("Outbox", text)
