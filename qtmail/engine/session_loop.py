"""Keeps one session alive for one duty: connect, work, and after a fault wait, tell why, and come back.

┌─> connecting ──ok──> duty(session) ──lost──┐
│                          │ stop            │
│ backoff, wake            v                 v
└──────────────────────  end        waiting / needs user
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.events import Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.backend import Backend
from qtmail.engine.reporting import problem_of
from qtmail.engine.retry import Backoff
from qtmail.engine.session_holder import SessionHolder
from qtmail.engine.stopping import StopToken, wait_by_clock
from qtmail.errors import QtmailError, Retry, Stopped
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession

log = logger("session")

STEADY_SECONDS = 60.0
"""A session that lasted this long was a good one: its line fell asleep with the computer, or the network was
changed, and is replaced at once and without a word. Signing in alone is not: a server that takes the password
and then drops the line must not be asked again every two seconds for ever.
"""


class SessionLoop:
    """Runs `duty` with a live session until stopped.

    What cuts a wait short is `retry` alone, which is set when the user asks for it or mended something, never
    because there is work: servers lock accounts for passwords that are tried again and again.

    Attributes:
        name: under which it reports to the monitor.
        holder: the session in use, to be aborted from another thread at shutdown.
    """

    def __init__(
        self,
        name: str,
        backend: Backend[ImapSession],
        duty: Callable[[ImapSession], None],
        *,
        monitor: AccountMonitor,
        retry: threading.Event,
        stop: StopToken,
        on_failure: Callable[[QtmailError], None] = lambda error: None,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._backend = backend
        self._duty = duty
        self._monitor = monitor
        self._retry = retry
        self._stop = stop
        self._on_failure = on_failure
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._steady = False
        self._short_sessions = 0  # in a row
        self.holder = SessionHolder(stop)

    @property
    def account(self) -> Account:
        return self._backend.account

    def run(self) -> None:
        """Work until the stop token is set; never raises for a fault of the environment."""
        while not self._stop.stopped:
            self._steady = False
            try:
                self._one_session()
            except Stopped:
                break
            except QtmailError as error:
                log.warning("%s/%s: %s (%s)", self.account.name, self.name, error, error.detail)
                if not self._steady and not self._stop.stopped:
                    self._wait_after(error)
        self._monitor.set(self.name, Connection.OFFLINE)

    def _one_session(self) -> None:
        self._monitor.set(self.name, Connection.CONNECTING)
        session = self._backend.open(on_created=self.holder.hold)
        began = self._clock()
        try:
            if self._short_sessions <= 1:
                # A fault that comes back after each sign-in is forgotten only once the duty says that all is
                # well: else it would come and go with every attempt.
                self._monitor.solved(self.name)
            self._short_sessions += 1
            self._duty(session)
        finally:
            self._steady = self._clock() - began >= STEADY_SECONDS
            if self._steady:
                self._backoff.succeeded()
                self._short_sessions = 0
            self.holder.release()
            self._monitor.heard(session.last_heard)
            session.close()

    def _wait_after(self, error: QtmailError) -> None:
        problem = problem_of(error, self.account.id)
        if error.retry is Retry.ASK_USER:
            self._monitor.set(self.name, Connection.NEEDS_USER, problem=problem)
            self._on_failure(error)
            self._retry.wait()
        else:
            delay = self._backoff.failed()
            self._monitor.set(self.name, Connection.WAITING, problem=problem, retry_at=self._clock() + delay)
            self._on_failure(error)
            wait_by_clock(self._retry, delay)
        self._retry.clear()
