"""Every way an outbox item can go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.outgoing import OutboxItem, OutboxState, Recipient, RecipientState
from qtmail.engine import outbox_plan
from qtmail.engine.outbox_plan import GIVE_UP_ATTEMPTS, GIVE_UP_SECONDS
from qtmail.errors import ConnectionFailed, MessageUnsendable
from qtmail.protocols.smtp import RecipientResult, SendResult, SmtpReply
from tests.fakes.outbox_items import NOW, outbox_item

WAITING, ACCEPTED = RecipientState.WAITING, RecipientState.ACCEPTED
REFUSED, UNCERTAIN = RecipientState.REFUSED, RecipientState.UNCERTAIN
ANN, BOB, EVA = "ann@example.org", "bob@example.org", "eva@example.org"
OK = SmtpReply(250, "2.0.0", "taken")
LATER = SmtpReply(450, "4.2.1", "later")
NEVER = SmtpReply(550, "5.1.1", "no such user")


def delay(attempts: int) -> float:
    return 100.0 * attempts


def sending(*states: RecipientState, **changes: object) -> OutboxItem:
    """An item of which an attempt is under way, to as many of Ann, Bob and Eva as states are given."""
    people = tuple(Recipient(address, state) for address, state in zip((ANN, BOB, EVA), states, strict=False))
    return outbox_item(1, OutboxState.SENDING, **({"recipients": people, "attempts": 1} | changes))


def result(reply: SmtpReply, **recipients: SmtpReply) -> SendResult:
    """The answer to a message, and those to its recipients by name."""
    told = tuple(
        RecipientResult(f"{name}@example.org", said.positive, said) for name, said in recipients.items()
    )
    return SendResult(reply.positive, reply, told)


def states(item: OutboxItem) -> list[RecipientState]:
    return [one.state for one in item.recipients]


def test_an_attempt_is_counted_before_it_begins():
    claimed = outbox_plan.claimed(outbox_item(attempts=2, handed_over=True))
    assert (claimed.state, claimed.attempts, claimed.handed_over) == (OutboxState.SENDING, 3, False)


# -- the server answered ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "state", "recipients"),
    [
        (result(OK, ann=OK, bob=OK), OutboxState.ACCEPTED, [ACCEPTED, ACCEPTED]),
        (result(OK, ann=OK, bob=NEVER), OutboxState.ACCEPTED, [ACCEPTED, REFUSED]),
        (result(OK, ann=OK, bob=LATER), OutboxState.QUEUED, [ACCEPTED, WAITING]),
        (result(LATER, ann=OK, bob=OK), OutboxState.QUEUED, [WAITING, WAITING]),
        (result(LATER, ann=OK, bob=NEVER), OutboxState.QUEUED, [WAITING, REFUSED]),
        (result(LATER, ann=LATER, bob=NEVER), OutboxState.QUEUED, [WAITING, REFUSED]),
        (result(NEVER, ann=OK, bob=OK), OutboxState.FAILED, [REFUSED, REFUSED]),
        (result(NEVER, ann=OK, bob=LATER), OutboxState.QUEUED, [REFUSED, WAITING]),
        (result(NEVER, ann=NEVER, bob=NEVER), OutboxState.FAILED, [REFUSED, REFUSED]),
        (result(NEVER), OutboxState.FAILED, [REFUSED, REFUSED]),
        (result(OK), OutboxState.ACCEPTED, [ACCEPTED, ACCEPTED]),
    ],
)
def test_each_recipient_is_told_apart(said: SendResult, state: OutboxState, recipients: list[RecipientState]):
    after = outbox_plan.answered(sending(WAITING, WAITING), said, NOW, delay)
    assert (after.state, states(after)) == (state, recipients)
    assert after.last_answer == said.reply.sentence
    assert not after.handed_over
    assert (after.sent_at == NOW) == (ACCEPTED in recipients)
    if state is OutboxState.QUEUED:
        assert after.next_try == NOW + 100


def test_the_words_for_each_recipient_are_kept():
    after = outbox_plan.answered(
        sending(WAITING, WAITING, WAITING), result(OK, ann=OK, bob=NEVER, eva=LATER), NOW, delay
    )
    assert [one.answer for one in after.recipients] == [str(OK), str(NEVER), str(LATER)]


def test_who_was_refused_is_told_once_all_is_settled():
    after = outbox_plan.answered(sending(WAITING, WAITING), result(OK, ann=OK, bob=NEVER), NOW, delay)
    assert not after.acknowledged
    assert outbox_plan.answered(sending(WAITING), result(OK, ann=OK), NOW, delay).acknowledged


def test_those_who_have_it_are_left_alone_by_the_next_attempt():
    item = sending(ACCEPTED, WAITING, REFUSED, attempts=2, sent_at=NOW - 500)
    after = outbox_plan.answered(item, result(OK, bob=OK), NOW, delay)
    assert (after.state, states(after)) == (OutboxState.ACCEPTED, [ACCEPTED, ACCEPTED, REFUSED])
    assert after.sent_at == NOW - 500
    refused = outbox_plan.answered(item, result(NEVER, bob=NEVER), NOW, delay)
    assert (refused.state, states(refused)) == (OutboxState.ACCEPTED, [ACCEPTED, REFUSED, REFUSED])


def test_each_pause_is_as_long_as_the_attempts_want():
    after = outbox_plan.answered(sending(WAITING, attempts=7), result(LATER), NOW, delay)
    assert after.next_try == NOW + 700


@pytest.mark.parametrize(
    ("days", "attempts", "state"),
    [
        (GIVE_UP_SECONDS, GIVE_UP_ATTEMPTS, OutboxState.FAILED),
        (GIVE_UP_SECONDS - 1, GIVE_UP_ATTEMPTS, OutboxState.QUEUED),
        (GIVE_UP_SECONDS * 9, GIVE_UP_ATTEMPTS - 1, OutboxState.QUEUED),  # the computer was switched off
    ],
)
def test_a_server_that_puts_it_off_is_not_asked_for_ever(days: int, attempts: int, state: OutboxState):
    item = sending(WAITING, attempts=attempts, queued_at=NOW - days, not_before=0)
    after = outbox_plan.answered(item, result(LATER), NOW, delay)
    assert after.state is state
    assert after.recipients[0].answer == str(LATER)


def test_the_time_it_was_held_does_not_count():
    item = sending(
        WAITING, attempts=GIVE_UP_ATTEMPTS, queued_at=NOW - 2 * GIVE_UP_SECONDS, not_before=NOW - 60
    )
    assert outbox_plan.answered(item, result(LATER), NOW, delay).state is OutboxState.QUEUED


# -- the attempt broke off -------------------------------------------------------------------------


def test_what_was_lost_before_the_end_is_tried_again():
    fault = ConnectionFailed("The line broke.", advice="Wait.")
    after = outbox_plan.interrupted(sending(WAITING, ACCEPTED, attempts=3), fault, NOW, delay)
    assert (after.state, states(after)) == (OutboxState.QUEUED, [WAITING, ACCEPTED])
    assert (after.last_answer, after.advice, after.next_try) == ("The line broke.", "Wait.", NOW + 300)


def test_what_cannot_be_sent_at_all_fails_with_words():
    fault = MessageUnsendable("It has a bare line end.", advice="Write it anew.")
    after = outbox_plan.unsendable(sending(WAITING), fault)
    assert (after.state, states(after)) == (OutboxState.FAILED, [REFUSED])
    assert (after.last_answer, after.advice) == ("It has a bare line end.", "Write it anew.")
    assert after.recipients[0].answer == "It has a bare line end."


def test_what_was_said_of_a_recipient_is_certain_whatever_comes_of_the_message():
    told = result(OK, ann=OK, bob=NEVER, eva=LATER).recipients
    over = outbox_plan.handed_over(sending(WAITING, WAITING, WAITING), told)
    assert over.handed_over and over.state is OutboxState.SENDING
    assert states(over) == [UNCERTAIN, REFUSED, WAITING]
    assert [one.answer for one in over.recipients] == ["", str(NEVER), str(LATER)]
    lost = outbox_plan.lost(over)
    assert (lost.state, states(lost)) == (OutboxState.UNCERTAIN, states(over))
    assert lost.last_answer and lost.advice


def test_of_whom_nothing_is_known_is_in_doubt():
    assert states(outbox_plan.handed_over(sending(WAITING, ACCEPTED), ())) == [UNCERTAIN, ACCEPTED]


def test_what_a_dead_program_was_sending():
    item = sending(WAITING)
    before = outbox_plan.recovered(item, NOW)
    assert (before.state, before.next_try) == (OutboxState.QUEUED, NOW)
    after = outbox_plan.recovered(outbox_plan.handed_over(item, ()), NOW)
    assert (after.state, states(after)) == (OutboxState.UNCERTAIN, [UNCERTAIN])


# -- somebody decides ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "delivered", "state", "recipients"),
    [
        ([UNCERTAIN], True, OutboxState.ACCEPTED, [ACCEPTED]),
        ([UNCERTAIN], False, OutboxState.QUEUED, [WAITING]),
        ([UNCERTAIN, REFUSED], True, OutboxState.ACCEPTED, [ACCEPTED, REFUSED]),
        ([UNCERTAIN, REFUSED, WAITING], True, OutboxState.QUEUED, [ACCEPTED, REFUSED, WAITING]),
        ([UNCERTAIN, REFUSED, WAITING], False, OutboxState.QUEUED, [WAITING, REFUSED, WAITING]),
        ([ACCEPTED, UNCERTAIN], False, OutboxState.QUEUED, [ACCEPTED, WAITING]),
    ],
)
def test_doubt_is_resolved_for_those_it_was_about(
    before: list[RecipientState], delivered: bool, state: OutboxState, recipients: list[RecipientState]
):
    lost = outbox_plan.lost(sending(*before, handed_over=True))
    after = outbox_plan.resolved(lost, delivered=delivered, now=NOW)
    assert (after.state, states(after)) == (state, recipients)
    assert not after.handed_over
    assert after.last_answer == after.advice == ""
    if state is OutboxState.QUEUED:
        assert after.next_try == NOW
    else:
        assert after.acknowledged == (REFUSED not in recipients)
    if ACCEPTED in recipients:
        assert after.sent_at == NOW


def test_the_user_tries_again_what_was_refused():
    failed = replace(sending(REFUSED, REFUSED), state=OutboxState.FAILED)
    after = outbox_plan.retried(failed, NOW + 5)
    assert (after.state, states(after)) == (OutboxState.QUEUED, [WAITING, WAITING])
    assert after.next_try == after.queued_at == NOW + 5


def test_the_user_does_not_wait_for_the_hour_that_was_set():
    held = outbox_item(state=OutboxState.HELD, not_before=NOW + 9000, next_try=NOW + 9000)
    after = outbox_plan.retried(held, NOW)
    assert (after.state, after.not_before, after.next_try) == (OutboxState.QUEUED, NOW, NOW)


def test_trying_again_now_spares_those_who_were_refused_while_others_wait():
    queued = replace(sending(REFUSED, WAITING, ACCEPTED), state=OutboxState.QUEUED)
    assert states(outbox_plan.retried(queued, NOW)) == [REFUSED, WAITING, ACCEPTED]


def test_giving_up_the_rest_leaves_what_was_sent():
    queued = replace(sending(ACCEPTED, WAITING), state=OutboxState.QUEUED, next_try=NOW + 3600)
    assert outbox_plan.partly_accepted(queued)
    after = outbox_plan.given_up(queued)
    assert (after.state, states(after)) == (OutboxState.ACCEPTED, [ACCEPTED, REFUSED])
    assert after.recipients[1].answer == "You cancelled it."
    assert after.acknowledged
    assert after.next_try <= NOW, "its copy need not wait for the next attempt"
