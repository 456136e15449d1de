"""Looks for the mail of one POP3 account again and again: connects, fetches, lets go, and waits.

A POP3 server announces nothing, and its mailbox is locked while a session is open, so no line is held.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.events import Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.backend import Backend
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.reporting import problem_of, trouble_in
from qtmail.engine.retry import Backoff
from qtmail.engine.session_holder import SessionHolder
from qtmail.engine.stopping import StopToken, wait_by_clock
from qtmail.errors import QtmailError, Retry, Stopped
from qtmail.log import logger
from qtmail.protocols.pop3 import Pop3Refused, Pop3Session

log = logger("pop3")

LONGEST_LOGIN_DELAY = 24 * 3600
"""Seconds; a server that asks for more is taken to be joking."""


class Pop3Loop:
    """The duty of an account's fetching thread.

    Attributes:
        NAME: under which it reports to the monitor.
    """

    NAME = "fetch"

    def __init__(
        self,
        account: Account,
        backend: Backend[Pop3Session],
        sync: Pop3Sync,
        *,
        monitor: AccountMonitor,
        wake: threading.Event,
        retry: threading.Event,
        stop: StopToken,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`wake`: look now. `retry`: the user asks, or mended something; comes with a `wake`."""
        self._account = account
        self._backend = backend
        self._sync = sync
        self._monitor = monitor
        self._wake = wake
        self._retry = retry
        self._stop = stop
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._holder = SessionHolder(stop)
        self._signed_in = 0.0
        self._login_delay = 0

    def run(self) -> None:
        """Work until the stop token is set; never raises for a fault of the environment."""
        try:
            while True:
                self._wake.clear()
                self._retry.clear()
                self._stop.check()  # after these: a stop is set before they are
                self._one_round()
        except Stopped:
            pass
        self._monitor.set(self.NAME, Connection.OFFLINE)

    def abort(self) -> None:
        """Break off what is under way, from another thread after the stop token was set."""
        self._holder.abort()

    def _one_round(self) -> None:
        try:
            self._let_login_delay_pass()
            self._look()
        except QtmailError as error:
            log.warning("%s: %s (%s)", self._account.name, error, error.detail)
            self._wait_after(error)
            return
        finally:
            self._holder.release()
        wait_by_clock(self._wake, self._account.sync.poll_seconds)

    def _look(self) -> None:
        self._monitor.set(self.NAME, Connection.CONNECTING)
        report = self._sync.run(self._open)
        self._backoff.succeeded()
        self._monitor.set(self.NAME, Connection.WATCHING, problem=trouble_in(report))

    def _open(self) -> Pop3Session:
        self._let_login_delay_pass()
        session = self._backend.open(on_created=self._holder.hold)
        self._signed_in = self._clock()
        self._login_delay = min(session.capabilities.login_delay or 0, LONGEST_LOGIN_DELAY)
        self._monitor.heard(session.last_heard)
        self._monitor.set(self.NAME, Connection.SYNCING)
        return session

    def _let_login_delay_pass(self) -> None:
        """A server that wants some time between two sign-ins (LOGIN-DELAY, RFC 2449 section 6.5) refuses the
        one that comes too soon, so even the user has to wait for it.
        """
        while not self._stop.stopped:
            left = self._signed_in + self._login_delay - self._clock()
            if not 0 < left <= self._login_delay:  # the clock on the wall may have been set back
                return
            self._wake.clear()
            self._stop.check()
            wait_by_clock(self._wake, left)

    def _wait_after(self, error: QtmailError) -> None:
        problem = problem_of(error, self._account.id)
        if error.retry is Retry.ASK_USER:
            self._monitor.set(self.NAME, Connection.NEEDS_USER, problem=problem)
            self._retry.wait()
            return
        delay = self._backoff.failed()
        if isinstance(error, Pop3Refused) and error.retry_after:
            delay = max(delay, min(error.retry_after, LONGEST_LOGIN_DELAY))
        self._monitor.set(self.NAME, Connection.WAITING, problem=problem, retry_at=self._clock() + delay)
        wait_by_clock(self._wake, delay)
