"""What the engine says while it works: one object per piece of work, one callback for whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from qtmail.domain.events import AccountState, Problem, Progress, SyncReport
from qtmail.errors import ClearPasswordRefused, QtmailError, SignInExpired, VaultLocked

Event = AccountState | Progress | Problem
Listener = Callable[[Event], None]


def problem_of(error: QtmailError, account_id: int = 0, *, sending: bool = False) -> Problem:
    """The fault in the words for the user."""
    return Problem(
        account_id,
        error.sentence,
        error.advice,
        error.detail,
        error.layer,
        error.retry,
        getattr(error, "certificate", ""),
        sending,
        clear_password=isinstance(error, ClearPasswordRefused),
        sign_in_again=isinstance(error, SignInExpired),
        unlock=isinstance(error, VaultLocked),
    )


def trouble_in(report: SyncReport) -> Problem | None:
    """What a pass that came through could not do, in the words for the user."""
    if not report.problems:
        return None
    return Problem(report.account_id, report.problems[0], detail="\n".join(report.problems))


@dataclass
class SyncTally:
    """Counts of one sync pass, filled in as it goes."""

    account_id: int
    folders: int = 0
    folders_selected: int = 0
    messages_added: int = 0
    messages_removed: int = 0
    flags_changed: int = 0
    bodies_fetched: int = 0
    problems: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def report(self, bytes_received: int, bytes_sent: int, round_trips: int) -> SyncReport:
        return SyncReport(
            account_id=self.account_id,
            folders=self.folders,
            folders_selected=self.folders_selected,
            messages_added=self.messages_added,
            messages_removed=self.messages_removed,
            flags_changed=self.flags_changed,
            bodies_fetched=self.bodies_fetched,
            bytes_received=bytes_received,
            bytes_sent=bytes_sent,
            round_trips=round_trips,
            seconds=round(time.monotonic() - self.started, 3),
            problems=tuple(self.problems),
        )


class ProgressMeter:
    """Turns counts into honest `Progress` reports: at most ten a second, an estimate only once one is
    possible.
    """

    INTERVAL = 0.1
    """Seconds between two reports."""
    ESTIMATE_AFTER = 1.0
    """Seconds of work before the rate is steady enough for an estimate."""

    def __init__(
        self,
        listener: Listener,
        account_id: int,
        what: str,
        folder: str,
        total: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener = listener
        self._account_id = account_id
        self._what = what
        self._folder = folder
        self._total = total
        self._clock = clock
        self._started = clock()
        self._last_report = float("-inf")
        self._done = 0

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.advance_to(self._done + count, self._total)

    def advance_to(self, done: int, total: int) -> None:
        """So many are done, of so many as far as is known now."""
        self._done, self._total = done, total
        now = self._clock()
        if now - self._last_report >= self.INTERVAL:
            self._last_report = now
            self._report(self._seconds_left(now), finished=False)

    def finish(self) -> None:
        """Say that this work is over, done or not; call it in a `finally`."""
        self._report(None, finished=True)

    def _seconds_left(self, now: float) -> float | None:
        elapsed = now - self._started
        if elapsed < self.ESTIMATE_AFTER or not self._done or not self._total:
            return None
        return elapsed / self._done * max(0, self._total - self._done)

    def _report(self, seconds_left: float | None, *, finished: bool) -> None:
        self._listener(
            Progress(
                self._account_id, self._what, self._folder, self._done, self._total, seconds_left, finished
            )
        )
