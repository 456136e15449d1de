"""What is known of the work under way: the last state of every account, running work, recent faults."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Connection, Problem, Progress

FAULTS_KEPT = 20
_STOPPED = frozenset({Connection.OFFLINE, Connection.WAITING, Connection.NEEDS_USER})


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem and when it was told, in seconds since the epoch."""

    when: float
    problem: Problem


class WorkLog(QObject):
    """Collects what the engine tells; the status bar and the Activity panel show it.

    Attributes:
        accounts: the accounts there are, in their order.
        states: the last state of each, by its id.

    Signals:
        changed: something here is different now.
    """

    changed = Signal()

    def __init__(self, clock: Callable[[], float] = time.time, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.accounts: list[Account] = []
        self.states: dict[int, AccountState] = {}
        self._clock = clock
        self._running: dict[tuple[int, str, str], Progress] = {}
        self._faults: deque[Fault] = deque(maxlen=FAULTS_KEPT)

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        self.accounts = list(accounts)
        known = {account.id for account in accounts}
        self.states = {id_: state for id_, state in self.states.items() if id_ in known}
        self._running = {key: work for key, work in self._running.items() if key[0] in known}
        self.changed.emit()

    def note_state(self, state: AccountState) -> None:
        before = self.states.get(state.account_id)
        self.states[state.account_id] = state
        if state.problem is not None and (before is None or before.problem != state.problem):
            self._faults.append(Fault(self._clock(), state.problem))
        if state.connection in _STOPPED:
            # Whatever ran on the lost connection will not report its end.
            self._running = {key: work for key, work in self._running.items() if key[0] != state.account_id}
        self.changed.emit()

    def note_progress(self, progress: Progress) -> None:
        key = (progress.account_id, progress.what, progress.folder)
        if progress.finished:
            self._running.pop(key, None)
        else:
            self._running[key] = progress
        self.changed.emit()

    def note_problem(self, problem: Problem) -> None:
        self._faults.append(Fault(self._clock(), problem))
        self.changed.emit()

    def running(self, account_id: int | None = None) -> list[Progress]:
        """Work under way, in all accounts or in one."""
        return [work for work in self._running.values() if account_id in (None, work.account_id)]

    def faults(self, account_id: int) -> list[Fault]:
        """Recent faults of one account, or with 0 of the program; the latest first."""
        return [fault for fault in reversed(self._faults) if fault.problem.account_id == account_id]
