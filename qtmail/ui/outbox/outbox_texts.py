"""Where outgoing messages stand, in plain words: pure functions of an item and the present moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication

from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.models.outbox import needs_attention
from qtmail.ui.shared.dates import long_date
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.notice_strip import Tone
from qtmail.ui.shared.subjects import short_subject

SOON = 60
"""A message that is sent within so many seconds has its seconds counted."""

NAMED = 3
"""Recipients a sentence names; of more only the number is said."""

_SIGNS = {
    OutboxState.HELD: IconName.SEND_LATER,
    OutboxState.QUEUED: IconName.OUTBOX,
    OutboxState.SENDING: IconName.SEND,
    OutboxState.ACCEPTED: IconName.CHECK,
    OutboxState.FILED: IconName.SUCCESS,
    OutboxState.FAILED: IconName.ERROR,
    OutboxState.UNCERTAIN: IconName.WARNING,
}


def item_sign(item: OutboxItem) -> IconName:
    """The icon of an item's state."""
    return IconName.WARNING if needs_attention(item) and item.refused else _SIGNS[item.state]


def item_tone(item: OutboxItem) -> Tone | None:
    """How loudly an item's state is said; None: as second to its subject."""
    if item.state is OutboxState.FAILED:
        return Tone.DANGER
    return Tone.WARNING if needs_attention(item) else None


def item_subject(item: OutboxItem) -> str:
    return item.subject or _words("(no subject)")


def recipients_named(addresses: tuple[str, ...]) -> str:
    """The first few addresses, and how many more there are: "a@x, b@y and 4 more"."""
    named = ", ".join(addresses[:NAMED])
    more = len(addresses) - NAMED
    return _words("{names} and {count:,} more").format(names=named, count=more) if more > 0 else named


def item_recipients(item: OutboxItem) -> str:
    return recipients_named(tuple(one.address for one in item.recipients))


def state_sentence(item: OutboxItem, now: float) -> str:
    """Where an item stands at `now` (seconds since the epoch)."""
    match item.state:
        case OutboxState.HELD:
            return _held(item.not_before, now)
        case OutboxState.QUEUED:
            return _queued(item, now)
        case OutboxState.SENDING:
            return _words("Being sent…")
        case OutboxState.FAILED:
            return (
                _words("Refused: {answer}").format(answer=item.last_answer)
                if item.last_answer
                else (_words("Refused"))
            )
        case OutboxState.UNCERTAIN:
            return _words("Perhaps sent: the line was lost before the server answered")
        case OutboxState.ACCEPTED | OutboxState.FILED:
            return _accepted(item)


def described(item: OutboxItem) -> str:
    """An item in one sentence, for a screen reader."""
    words = _words("To {names}: {subject}. {state}")
    now = time.time()
    return words.format(
        names=item_recipients(item), subject=item_subject(item), state=state_sentence(item, now)
    )


def explanation(item: OutboxItem) -> str:
    """What an item's state means and what the user can do about it; "" where the state says it all."""
    match item.state:
        case OutboxState.UNCERTAIN:
            return _words(
                "All of the message went to the server, but the line was lost before it said whether it took "
                "it. So it may have been delivered. qtmail does not send it again by itself, because then it "
                "could arrive twice. Ask a recipient, and then say here what is true."
            )
        case OutboxState.FAILED:
            return item.advice or _words(
                "Nothing was delivered. Change what the server refused, and send it again."
            )
        case OutboxState.ACCEPTED if item.last_answer and not item.refused:
            return _words(
                "It is delivered. What is missing is its copy in the Sent folder; qtmail keeps trying."
            )
        case _ if item.refused:
            return _words("The other recipients get the message. Correct the addresses that were refused.")
        case _:
            return item.advice


def attempts_sentence(item: OutboxItem) -> str:
    """How often it was tried, or ""."""
    if not item.attempts:
        return ""
    return _words("Tried once") if item.attempts == 1 else _words("Tried {n:,} times").format(n=item.attempts)


def result_sentence(item: OutboxItem) -> tuple[str, Tone] | None:
    """What a strip says of an item only the user can help on; None for all others."""
    subject, names = short_subject(item_subject(item)), item_recipients(item)
    if item.state is OutboxState.FAILED:
        words = _words("“{subject}” to {names} was not sent. {answer} {advice}")
        answer = _as_sentence(item.last_answer)
        said = words.format(subject=subject, names=names, answer=answer, advice=item.advice)
        return " ".join(said.split()), Tone.DANGER
    if item.state is OutboxState.UNCERTAIN:
        words = _words(
            "“{subject}” to {names} may have been sent: the line was lost before the server answered. "
            "It is not sent again until you say so."
        )
        return words.format(subject=subject, names=names), Tone.WARNING
    if item.refused and not item.acknowledged:
        accepted, total = len(item.recipients) - len(item.refused), len(item.recipients)
        words = _words("“{subject}” was sent to {n:,} of {total:,} recipients. Refused: {who}")
        who = "; ".join(
            f"{one.address} ({one.answer})" if one.answer else one.address for one in item.refused[:NAMED]
        )
        return words.format(subject=subject, n=accepted, total=total, who=who), Tone.WARNING
    return None


def moment(seconds: float, now: float) -> str:
    """A moment as people say it, with its time of day."""
    return long_date(datetime.fromtimestamp(seconds, UTC), now=datetime.fromtimestamp(now, UTC))


def span(seconds: float) -> str:
    """How long from now, roughly: "40 s", "2 min", "3 h"."""
    whole = max(1, round(seconds))
    if whole < 90:
        return _words("{n} s").format(n=whole)
    if whole < 90 * 60:
        return _words("{n} min").format(n=round(whole / 60))
    return _words("{n} h").format(n=round(whole / 3600))


def _as_sentence(answer: str) -> str:
    """Servers do not always end what they say."""
    return f"{answer}." if answer and answer[-1] not in ".!?。" else answer


def _held(not_before: int, now: float) -> str:
    if not_before - now > SOON:
        return _words("Will be sent: {when}").format(when=moment(not_before, now))
    return _words("Sends in {span}").format(span=span(not_before - now))


def _queued(item: OutboxItem, now: float) -> str:
    left = item.next_try - now
    if not item.attempts:
        return _words("Waits for a line to the server")
    if left <= 0:
        return _words("Not sent yet; tries again as soon as there is a line")
    return _words("Not sent yet; next try in {span}").format(span=span(left))


def _accepted(item: OutboxItem) -> str:
    if item.refused:
        accepted, total = len(item.recipients) - len(item.refused), len(item.recipients)
        who = recipients_named(tuple(one.address for one in item.refused))
        words = _words("Sent to {n:,} of {total:,}; refused: {who}")
        return words.format(n=accepted, total=total, who=who)
    if item.state is OutboxState.FILED:
        return _words("Sent; its copy is in Sent")
    return _words("Sent; its copy is not in Sent yet")


def _words(text: str) -> str:
    return QCoreApplication.translate("Outbox", text)
