"""A `Background` whose work is done when the test says so, on the test's thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from qtmail.errors import QtmailError


class StepTicket:
    def __init__(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[QtmailError], None] | None,
    ) -> None:
        self.work, self.done, self.failed = work, done, failed
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class StepBackground:
    """Collects what is submitted; `step` does the oldest of it, `run` all."""

    def __init__(self) -> None:
        self.waiting: deque[StepTicket] = deque()

    def submit(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[QtmailError], None] | None = None,
    ) -> StepTicket:
        ticket = StepTicket(work, done, failed)
        self.waiting.append(ticket)
        return ticket

    def step(self) -> None:
        ticket = self.waiting.popleft()
        if ticket.cancelled:
            return
        try:
            result = ticket.work()
        except QtmailError as error:
            if ticket.failed is not None:
                ticket.failed(error)
            return
        if not ticket.cancelled:
            ticket.done(result)

    def run(self) -> None:
        while self.waiting:
            self.step()
