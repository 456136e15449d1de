"""Where an outbox item goes from here: pure functions from an item and what happened to the item it becomes.

domain.outgoing draws the states. The rules that keep mail from being lost or doubled:

* What was refused for now (4xx), or lost before the end of the data, is tried again; what was refused for
  good (5xx) is not.
* Each recipient has a state of its own: one that was accepted is never named to a server again.
* When the line breaks after the end of the data nobody knows: `uncertain`, which only the user, or the copy
  found in Sent, resolves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from qtmail.domain.outgoing import OutboxItem, OutboxState, Recipient, RecipientState
from qtmail.errors import QtmailError
from qtmail.protocols.smtp import RecipientResult, SendResult, SmtpReply

GIVE_UP_SECONDS = 3 * 24 * 3600
GIVE_UP_ATTEMPTS = 12
"""A message that a server has put off for this long, and this often, counts as refused. Time alone does not
decide: a computer that was switched off for a week has asked nobody.
"""

Delay = Callable[[int], float]
"""Seconds to wait after so many attempts."""


def claimed(item: OutboxItem) -> OutboxItem:
    """An attempt is about to begin; counted before it does."""
    return replace(item, state=OutboxState.SENDING, attempts=item.attempts + 1, handed_over=False)


def handed_over(item: OutboxItem, told: Sequence[RecipientResult]) -> OutboxItem:
    """All has been said but the end of the message, which is said next.

    From now on it is unknown who gets it, but for those whose address was refused or put off: what was said
    of them stands whatever the answer will be.
    """
    refused = {one.address: one.reply for one in told if not one.accepted}
    recipients = tuple(
        one
        if one.state is not RecipientState.WAITING
        else _judged(one, refused[one.address], accepted=False)
        if one.address in refused
        else replace(one, state=RecipientState.UNCERTAIN)
        for one in item.recipients
    )
    return replace(item, recipients=recipients, handed_over=True)


def answered(item: OutboxItem, result: SendResult, now: int, delay: Delay) -> OutboxItem:
    """The server has said what it does with the message."""
    told = {one.address: one for one in result.recipients}
    recipients = []
    for recipient in item.recipients:
        if recipient.state is RecipientState.WAITING:
            about = told.get(recipient.address)
            if about is None or about.accepted:
                # Not refused itself: it shares the fate of the message.
                recipient = _judged(recipient, result.reply, accepted=result.accepted)
            else:
                recipient = _judged(recipient, about.reply, accepted=False)
        recipients.append(recipient)
    return _settled(replace(item, recipients=tuple(recipients)), result.reply.sentence, now, delay)


def interrupted(item: OutboxItem, error: QtmailError, now: int, delay: Delay) -> OutboxItem:
    """The attempt ended before the end of the data: nothing was delivered, it is tried again."""
    return replace(
        item,
        state=OutboxState.QUEUED,
        handed_over=False,
        next_try=now + round(delay(item.attempts)),
        last_answer=error.sentence,
        advice=error.advice,
    )


def unsendable(item: OutboxItem, error: QtmailError) -> OutboxItem:
    """Something about the message itself keeps it from being sent: trying again is no use."""
    item = _refusing_the_rest(item, error.sentence)
    return _finished(replace(item, handed_over=False, last_answer=error.sentence, advice=error.advice))


def lost(item: OutboxItem) -> OutboxItem:
    """The line, or this program, ended after the end of the data and before the answer.

    `item`: as it was handed over.
    """
    return replace(
        item,
        state=OutboxState.UNCERTAIN,
        last_answer="The connection was lost before the server said whether it took the message.",
        advice="Look whether it arrived before you send it again.",
    )


def recovered(item: OutboxItem, now: int) -> OutboxItem:
    """What to make of an item that was being sent when the program ended."""
    if item.handed_over:
        return lost(item)
    return replace(item, state=OutboxState.QUEUED, next_try=now)


def resolved(item: OutboxItem, *, delivered: bool, now: int) -> OutboxItem:
    """Somebody knows what became of an uncertain item: the user, or the copy that was found in Sent."""
    state = RecipientState.ACCEPTED if delivered else RecipientState.WAITING
    recipients = tuple(
        replace(one, state=state) if one.state is RecipientState.UNCERTAIN else one for one in item.recipients
    )
    item = replace(item, recipients=recipients, handed_over=False, last_answer="", advice="")
    item = _dated(item, now)
    if item.waiting:
        return replace(item, state=OutboxState.QUEUED, next_try=now)
    return _finished(item)


def retried(item: OutboxItem, now: int) -> OutboxItem:
    """The user wants another attempt now; of an item that failed, for all who did not get it."""
    recipients = item.recipients
    if item.state is OutboxState.FAILED:
        recipients = tuple(
            replace(one, state=RecipientState.WAITING) if one.state is RecipientState.REFUSED else one
            for one in recipients
        )
    return replace(
        item,
        state=OutboxState.QUEUED,
        recipients=recipients,
        queued_at=now,
        not_before=min(item.not_before, now),
        next_try=now,
        acknowledged=True,
    )


def given_up(item: OutboxItem) -> OutboxItem:
    """The user takes back an item of which some recipients were accepted: the rest is not sent."""
    return replace(_finished(_refusing_the_rest(item, "You cancelled it.")), acknowledged=True)


def partly_accepted(item: OutboxItem) -> bool:
    """Whether some recipients have the message already."""
    return any(one.state is RecipientState.ACCEPTED for one in item.recipients)


def _judged(recipient: Recipient, reply: SmtpReply, *, accepted: bool) -> Recipient:
    if accepted:
        return replace(recipient, state=RecipientState.ACCEPTED, answer=str(reply))
    state = RecipientState.WAITING if reply.transient else RecipientState.REFUSED
    return replace(recipient, state=state, answer=str(reply))


def _settled(item: OutboxItem, sentence: str, now: int, delay: Delay) -> OutboxItem:
    item = _dated(replace(item, handed_over=False, last_answer=sentence, advice=""), now)
    if item.waiting and not _long_enough(item, now):
        return replace(item, state=OutboxState.QUEUED, next_try=now + round(delay(item.attempts)))
    return _finished(_refusing_the_rest(item))


def _long_enough(item: OutboxItem, now: int) -> bool:
    """Whether the server has put it off until there is no hope left."""
    begun = max(item.queued_at, item.not_before)
    return now - begun >= GIVE_UP_SECONDS and item.attempts >= GIVE_UP_ATTEMPTS


def _refusing_the_rest(item: OutboxItem, answer: str = "") -> OutboxItem:
    """Nobody waits any more; `answer`: why, where it is not what the server said last."""
    recipients = tuple(
        replace(one, state=RecipientState.REFUSED, answer=answer or one.answer)
        if one.state is RecipientState.WAITING
        else one
        for one in item.recipients
    )
    return replace(item, recipients=recipients)


def _dated(item: OutboxItem, now: int) -> OutboxItem:
    """Sent at the time at which the first recipient was accepted."""
    return replace(item, sent_at=now) if partly_accepted(item) and item.sent_at is None else item


def _finished(item: OutboxItem) -> OutboxItem:
    """No recipient waits any more."""
    if partly_accepted(item):
        # Its copy is filed at once, whenever the next attempt was to be.
        return replace(item, state=OutboxState.ACCEPTED, acknowledged=not item.refused, next_try=0)
    return replace(item, state=OutboxState.FAILED)
