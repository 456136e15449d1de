from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from qtmail.domain.outgoing import OutboxState
from qtmail.ui.outbox.outbox_texts import (
    explanation,
    recipients_named,
    result_sentence,
    span,
    state_sentence,
)
from qtmail.ui.shared.notice_strip import Tone
from tests.fakes.outbox_items import NOW, accepted, outbox_item, refused


def local(seconds: int, pattern: str) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime(pattern)


def later_today() -> tuple[int, int]:
    """A moment, and one some hours later on the same day."""
    day = time.localtime(NOW)
    noon = NOW - (day.tm_hour - 12) * 3600
    return noon, noon + 2 * 3600


@pytest.mark.parametrize(
    ("state", "changes", "words"),
    [
        (OutboxState.HELD, {"not_before": NOW + 4}, "Sends in 4 s"),
        (OutboxState.QUEUED, {}, "Waits for a line to the server"),
        (OutboxState.QUEUED, {"attempts": 2, "next_try": NOW + 120}, "Not sent yet; next try in 2 min"),
        (
            OutboxState.QUEUED,
            {"attempts": 2, "next_try": NOW - 5},
            "Not sent yet; tries again as soon as there is a line",
        ),
        (OutboxState.SENDING, {"attempts": 1}, "Being sent…"),
        (OutboxState.ACCEPTED, {}, "Sent; its copy is not in Sent yet"),
        (OutboxState.FILED, {}, "Sent; its copy is in Sent"),
        (OutboxState.FAILED, {"last_answer": "552 Too big"}, "Refused: 552 Too big"),
        (OutboxState.UNCERTAIN, {}, "Perhaps sent: the line was lost before the server answered"),
    ],
)
def test_each_state_is_said_in_plain_words(state, changes, words):
    assert state_sentence(outbox_item(1, state, **changes), NOW) == words


def test_a_message_held_for_later_names_its_time():
    now, later = later_today()
    item = outbox_item(1, OutboxState.HELD, not_before=later)
    assert state_sentence(item, now) == f"Will be sent: {local(later, '%H:%M')}"


def test_refused_recipients_are_named():
    item = outbox_item(1, OutboxState.ACCEPTED, recipients=(accepted("a@x"), refused("b@x"), accepted("c@x")))
    assert state_sentence(item, NOW) == "Sent to 2 of 3; refused: b@x"


def test_of_many_recipients_the_first_are_named():
    assert recipients_named(("a@x", "b@x")) == "a@x, b@x"
    assert recipients_named(tuple(f"{n}@x" for n in range(1203))) == "0@x, 1@x, 2@x and 1,200 more"


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (100, "2 min"), (7200, "2 h")])
def test_spans_are_rounded(seconds, words):
    assert span(seconds) == words


def test_only_what_needs_the_user_is_told_in_a_strip():
    both = (accepted("a@x"), refused("b@x"))
    assert result_sentence(outbox_item(1)) is None
    assert result_sentence(outbox_item(1, OutboxState.ACCEPTED, recipients=both)) is None
    failed = outbox_item(1, OutboxState.FAILED, last_answer="554 No.", advice="Ask your provider.")
    assert result_sentence(failed) == (
        "“Plans 1” to ann@example.org, bob@example.org was not sent. 554 No. Ask your provider.",
        Tone.DANGER,
    )
    partly = outbox_item(1, OutboxState.FILED, recipients=both, acknowledged=False)
    assert result_sentence(partly) == (
        "“Plans 1” was sent to 1 of 2 recipients. Refused: b@x (550 5.1.1 No such user)",
        Tone.WARNING,
    )


def test_an_uncertain_message_is_explained():
    assert "arrive twice" in explanation(outbox_item(1, OutboxState.UNCERTAIN))
    assert explanation(outbox_item(1)) == ""
