"""Questions that are asked all at once, where the order of preference decides and not who answers first."""

from __future__ import annotations

import selectors
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from qtmail.errors import QtmailError, Stopped
from qtmail.protocols.wake import Wake

T = TypeVar("T")

Question: TypeAlias = Callable[[Wake], T | None]
"""Blocks until it has an answer, or None where there is none; ends early once the Wake it is given is set."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What one question came to.

    Attributes:
        value: None where nothing was found.
        fault: why it could not be asked, or answered.
        seconds: how long it took.
    """

    value: T | None
    fault: QtmailError | None
    seconds: float


Answers: TypeAlias = Sequence[Answer[T] | None]
"""One for each question, in their order; None while it is not there."""


def best_is_known(answers: Answers[T], good: Callable[[T], bool] = lambda _: True) -> bool:
    """Whether a good answer is there and all that would be preferred to it have come to nothing."""
    for answer in answers:
        if answer is None:
            return False
        if answer.value is not None and good(answer.value):
            return True
    return True


def ask_all(
    questions: Sequence[Question[T]],
    *,
    seconds: float,
    stop: Wake,
    enough: Callable[[Answers[T]], bool] = best_is_known,
) -> list[Answer[T] | None]:
    """Ask each question on a thread of its own, until `enough` says so, all have answered, or `seconds` are
    over. Questions that are then still open are told to end and not waited for.

    Raises Stopped once `stop` is set.
    """
    inquiry = _Inquiry(questions)
    try:
        return inquiry.run(time.monotonic() + seconds, stop, enough)
    finally:
        inquiry.end()


class _Inquiry(Generic[T]):
    """The threads of one call of `ask_all`, and what they share.

    Whoever lets go last, a thread or the caller, closes the wakes: a look-up that cannot be interrupted may
    outlive the call by seconds.
    """

    def __init__(self, questions: Sequence[Question[T]]) -> None:
        self._questions = questions
        self._answers: list[Answer[T] | None] = [None] * len(questions)
        self._news = Wake()
        self._end = Wake()
        self._lock = threading.Lock()
        self._holders = len(questions) + 1
        self._open = len(questions)

    def run(
        self, deadline: float, stop: Wake, enough: Callable[[Answers[T]], bool]
    ) -> list[Answer[T] | None]:
        for index in range(len(self._questions)):
            threading.Thread(target=self._ask, args=(index,), name="discovery", daemon=True).start()
        with selectors.DefaultSelector() as selector:
            selector.register(self._news, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            while True:
                self._news.clear()
                with self._lock:
                    answers, still_open = list(self._answers), self._open
                remaining = deadline - time.monotonic()
                if stop.is_set:
                    raise Stopped
                if not still_open or remaining <= 0 or enough(answers):
                    return answers
                selector.select(remaining)

    def end(self) -> None:
        self._end.set()
        self._let_go()

    def _ask(self, index: int) -> None:
        started = time.monotonic()
        answer: Answer[T] | None = None
        try:
            answer = Answer(self._questions[index](self._end), None, time.monotonic() - started)
        except QtmailError as fault:
            answer = Answer(None, fault, time.monotonic() - started)
        except Stopped:
            pass
        finally:
            with self._lock:
                self._answers[index] = answer
                self._open -= 1
            self._news.set()
            self._let_go()

    def _let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            last = not self._holders
        if last:
            self._news.close()
            self._end.close()
