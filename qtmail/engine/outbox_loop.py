"""Keeps one account's outbox empty: waits until something is due, sends it, and after a fault comes back.

Unlike the reading sessions it holds no line open: it connects when there is something to send.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.events import Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.reporting import problem_of
from qtmail.engine.retry import Backoff
from qtmail.engine.stopping import StopToken, wait_by_clock
from qtmail.errors import HandedOver, QtmailError, Retry, Stopped
from qtmail.log import logger

log = logger("outbox")

LOOK_SECONDS = 15.0
"""How often it is looked whether another process has queued something, or has stopped sending."""


class OutboxLoop:
    """The duty of an account's sending thread.

    Attributes:
        NAME: under which it reports to the monitor.
    """

    NAME = "outbox"

    def __init__(
        self,
        account: Account,
        sender: OutboxSender,
        lock: OutboxLock,
        *,
        monitor: AccountMonitor,
        wake: threading.Event,
        retry: threading.Event,
        stop: StopToken,
        on_accepted: Callable[[], None] = lambda: None,
        each_round: Callable[[], object] = lambda: None,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`wake`: something was queued. `retry`: the user asks, or mended something; comes with a `wake`.
        `on_accepted`: the server took mail, whose copy is to be filed. `each_round`: called whenever it has
        looked what is due, for what goes with it on this thread.
        """
        self._account = account
        self._sender = sender
        self._lock = lock
        self._monitor = monitor
        self._wake = wake
        self._retry = retry
        self._stop = stop
        self._on_accepted = on_accepted
        self._each_round = each_round
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._recovered = False
        # An account that is also read is told about by its reading sessions.
        self._idle = Connection.OFFLINE if account.capabilities.receives else Connection.WATCHING

    def run(self) -> None:
        """Work until the stop token is set; never raises for a fault of the environment."""
        try:
            self._wait_for_lock()
            while True:
                self._wake.clear()
                self._retry.clear()
                self._stop.check()  # after these: a stop is set before they are
                self._one_round()
        except Stopped:
            pass
        finally:
            self._lock.release()
        self._monitor.set(self.NAME, Connection.OFFLINE)

    def _wait_for_lock(self) -> None:
        while not self._locked():
            self._stop.check()
            wait_by_clock(self._wake, LOOK_SECONDS)
            self._wake.clear()

    def _locked(self) -> bool:
        try:
            return self._lock.acquire()
        except QtmailError as error:
            self._monitor.set(self.NAME, Connection.WAITING, problem=problem_of(error, self._account.id))
            return False

    def _one_round(self) -> None:
        try:
            if not self._recovered:
                self._sender.recover()
                self._recovered = True
            if self._is_due():
                self._send()
            self._each_round()
            seconds = self._seconds_to_wait()
        except QtmailError as error:
            log.warning("%s: %s (%s)", self._account.name, error, error.detail)
            self._wait_after(error)
            return
        self._monitor.set(self.NAME, self._idle)
        wait_by_clock(self._wake, seconds)

    def _send(self) -> None:
        self._monitor.set(self.NAME, Connection.SYNCING, activity="Sending…")
        if self._sender.send_due():
            self._on_accepted()
        self._monitor.solved(self.NAME)
        self._backoff.succeeded()

    def _is_due(self) -> bool:
        due = self._sender.next_time()
        return due is not None and due <= self._clock()

    def _seconds_to_wait(self) -> float:
        due = self._sender.next_time()
        return LOOK_SECONDS if due is None else min(LOOK_SECONDS, max(0.0, due - self._clock()))

    def _wait_after(self, error: QtmailError) -> None:
        problem = problem_of(error, self._account.id, sending=True)
        # What was lost after it was handed over waits for the user in the outbox; the others go on.
        if error.retry is Retry.ASK_USER and not isinstance(error, HandedOver):
            self._monitor.set(self.NAME, Connection.NEEDS_USER, problem=problem)
            self._retry.wait()
        else:
            delay = self._backoff.failed()
            self._monitor.set(self.NAME, Connection.WAITING, problem=problem, retry_at=self._clock() + delay)
            wait_by_clock(self._wake, delay)
