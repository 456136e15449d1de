"""Questions asked all at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from qtmail.engine.side_by_side import Answer, Question, ask_all, best_is_known
from qtmail.errors import ConnectionFailed, QtmailError, Stopped
from qtmail.protocols.wake import Wake

LIMIT = 10.0


@pytest.fixture
def stop() -> Iterator[Wake]:
    wake = Wake()
    yield wake
    wake.close()


def says(value: str | None, *, after: threading.Event | None = None) -> Question[str]:
    def ask(end: Wake) -> str | None:
        if after is not None:
            after.wait(LIMIT)
        return value

    return ask


def waits(end: Wake) -> str | None:
    """Until it is told to end."""
    end.wait(LIMIT)
    raise Stopped


def fails(end: Wake) -> str | None:
    raise ConnectionFailed("The line broke.")


def values(answers: list[Answer[str] | None]) -> list[str | None]:
    return [answer.value if answer else "…" for answer in answers]


def test_the_preferred_answer_is_waited_for(stop: Wake):
    late = threading.Event()
    timer = threading.Timer(0.1, late.set)
    timer.start()
    assert values(ask_all([says("best", after=late), says("next")], seconds=LIMIT, stop=stop)) == [
        "best",
        "next",
    ]
    timer.join()


def test_the_best_that_is_known_to_be_best_ends_the_rest(stop: Wake):
    started = time.monotonic()
    answers = ask_all([says(None), fails, says("third"), waits], seconds=LIMIT, stop=stop)
    assert values(answers) == [None, None, "third", "…"]
    assert time.monotonic() - started < LIMIT / 2


def test_a_fault_is_an_answer(stop: Wake):
    answers = ask_all([fails], seconds=LIMIT, stop=stop)
    assert answers[0] is not None
    assert isinstance(answers[0].fault, QtmailError)


def test_what_is_open_when_time_is_over_is_told_to_end(stop: Wake):
    ended = threading.Event()

    def question(end: Wake) -> str | None:
        end.wait(LIMIT)
        ended.set()
        raise Stopped

    assert ask_all([question, says("later")], seconds=0.1, stop=stop)[0] is None
    assert ended.wait(LIMIT)


def test_an_answer_that_came_in_time_counts_though_a_better_one_is_missing(stop: Wake):
    assert values(ask_all([waits, says("second")], seconds=0.1, stop=stop)) == ["…", "second"]


def test_it_stops_at_once(stop: Wake):
    timer = threading.Timer(0.1, stop.set)
    timer.start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        ask_all([waits], seconds=LIMIT, stop=stop)
    assert time.monotonic() - started < LIMIT / 2
    timer.join()


def test_stopped_before_it_began(stop: Wake):
    stop.set()
    with pytest.raises(Stopped):
        ask_all([waits], seconds=LIMIT, stop=stop)


def test_a_question_that_cannot_be_interrupted_is_not_waited_for(stop: Wake):
    slow = threading.Event()
    started = time.monotonic()
    assert values(ask_all([says("best"), says("late", after=slow)], seconds=LIMIT, stop=stop)) == [
        "best",
        "…",
    ]
    assert time.monotonic() - started < LIMIT / 2
    slow.set()


def test_no_questions_have_no_answers(stop: Wake):
    assert ask_all([], seconds=LIMIT, stop=stop) == []


def test_only_a_good_answer_settles():
    weak, strong = Answer("weak", None, 0.0), Answer("strong", None, 0.0)
    assert not best_is_known([weak, None], lambda value: value == "strong")
    assert best_is_known([weak, strong, None], lambda value: value == "strong")
    assert best_is_known([weak, None])
