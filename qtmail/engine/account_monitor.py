"""Merges what an account's threads say of themselves into the one state a user sees."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from qtmail.domain.events import AccountState, Connection, Problem
from qtmail.engine.reporting import Listener

_WORST_FIRST = (
    Connection.NEEDS_USER,
    Connection.WAITING,
    Connection.CONNECTING,
    Connection.SYNCING,
    Connection.WATCHING,
    Connection.OFFLINE,
)
_STUCK = (Connection.NEEDS_USER, Connection.WAITING)
_TRYING = (Connection.CONNECTING, Connection.SYNCING)
"""Whether a fault still stands shows at the end of these."""


@dataclass(frozen=True, slots=True)
class _Duty:
    connection: Connection = Connection.OFFLINE
    activity: str = ""
    problem: Problem | None = None
    retry_at: float | None = None


class AccountMonitor:
    """The state of one account; each thread reports under its own name ("sync", "watch").

    The listener is called on the reporting thread and must return at once, without asking the monitor.
    """

    def __init__(self, account_id: int, listener: Listener) -> None:
        self._account_id = account_id
        self._listener = listener
        self._lock = threading.Lock()
        self._duties: dict[str, _Duty] = {}
        self._last_heard: float | None = None
        self._published = AccountState(account_id)

    @property
    def state(self) -> AccountState:
        with self._lock:
            return self._published

    def set(
        self,
        duty: str,
        connection: Connection,
        *,
        activity: str = "",
        problem: Problem | None = None,
        retry_at: float | None = None,
    ) -> None:
        """Replace what one thread says of itself; while it tries again, the fault it had stays in sight."""
        with self._lock:
            if problem is None and connection in _TRYING and duty in self._duties:
                problem = self._duties[duty].problem
            self._duties[duty] = _Duty(connection, activity, problem, retry_at)
            self._publish()

    def solved(self, duty: str) -> None:
        """Forget the fault of one thread: it is signed in again."""
        with self._lock:
            self._duties[duty] = replace(self._duties.get(duty, _Duty()), problem=None, retry_at=None)
            self._publish()

    def heard(self, when: float) -> None:
        """Note when the server last said anything (seconds since the epoch)."""
        with self._lock:
            self._last_heard = max(self._last_heard or 0.0, when)
            self._publish()

    def standing(self, duty: str) -> Problem | None:
        """The fault that keeps one thread from its duty until a later attempt, or until the user mends it."""
        with self._lock:
            said = self._duties.get(duty, _Duty())
        return said.problem if said.connection in _STUCK else None

    def _publish(self) -> None:
        """Tell the merged state if it changed; with the lock held, so that states are told in their order."""
        duties = sorted(self._duties.values(), key=lambda duty: _WORST_FIRST.index(duty.connection))
        worst = duties[0] if duties else _Duty()
        problem = next((duty.problem for duty in duties if duty.problem), None)
        activity = worst.activity or next((duty.activity for duty in duties if duty.activity), "")
        state = AccountState(
            self._account_id, worst.connection, activity, problem, worst.retry_at, self._last_heard
        )
        if state != self._published:
            self._published = state
            self._listener(state)
