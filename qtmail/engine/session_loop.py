"""Keeps one session alive for one duty: connect, work, and after a fault wait, tell why, and come back.

┌─> connecting ──ok──> duty(session) ──lost──┐
│                          │ stop            │
│ backoff, wake            v                 v
└──────────────────────  end        waiting / needs user
"""

from __future__ import annotations

import time
from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.events import Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.imap_backend import ImapBackend, SessionHolder
from qtmail.engine.reporting import problem_of
from qtmail.engine.retry import Backoff
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, Retry, Stopped
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.wake import Wake

log = logger("session")

STEADY_SECONDS = 60.0
"""A session that lasted this long was a good one. Signing in alone is not: a server that takes the password
and then drops the line must not be asked again every two seconds for ever.
"""


class SessionLoop:
    """Runs `duty` with a live session until stopped.

    Attributes:
        holder: the session in use, to be aborted from another thread at shutdown.
    """

    def __init__(
        self,
        name: str,
        backend: ImapBackend,
        duty: Callable[[ImapSession], None],
        *,
        monitor: AccountMonitor,
        wake: Wake,
        stop: StopToken,
        on_failure: Callable[[QtmailError], None] = lambda error: None,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._name = name
        self._backend = backend
        self._duty = duty
        self._monitor = monitor
        self._wake = wake
        self._stop = stop
        self._on_failure = on_failure
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._short_sessions = 0  # in a row
        self.holder = SessionHolder(stop)

    @property
    def account(self) -> Account:
        return self._backend.account

    def run(self) -> None:
        """Work until the stop token is set; never raises for a fault of the environment."""
        while not self._stop.stopped:
            try:
                self._one_session()
            except Stopped:
                break
            except QtmailError as error:
                self._after_failure(error)
        self._monitor.set(self._name, Connection.OFFLINE)

    def _one_session(self) -> None:
        self._monitor.set(self._name, Connection.CONNECTING)
        session = self._backend.open(on_created=self.holder.hold)
        began = self._clock()
        try:
            if self._short_sessions <= 1:
                # A fault that comes back after each sign-in is forgotten only once the duty says that all is
                # well: else it would come and go with every attempt.
                self._monitor.solved(self._name)
            self._short_sessions += 1
            self._duty(session)
        finally:
            if self._clock() - began >= STEADY_SECONDS:
                self._backoff.succeeded()
                self._short_sessions = 0
            self.holder.release()
            self._monitor.heard(session.last_heard)
            session.close()

    def _after_failure(self, error: QtmailError) -> None:
        if self._stop.stopped:
            return
        log.warning("%s/%s: %s (%s)", self.account.name, self._name, error, error.detail)
        problem = problem_of(error, self.account.id)
        self._on_failure(error)
        if error.retry is Retry.ASK_USER:
            self._monitor.set(self._name, Connection.NEEDS_USER, problem=problem)
            self._wake.wait(None)
        else:
            delay = self._backoff.failed()
            self._monitor.set(self._name, Connection.WAITING, problem=problem, retry_at=self._clock() + delay)
            self._wake.wait(delay)
        self._wake.clear()
