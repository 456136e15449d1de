"""The two threads of one account: *sync* walks the folders, *watch* attends to the user and rests in IDLE.

Each owns its session and its store connections; they meet only in queues, wakes and the store.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Connection, Problem
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.attendant import Attendant, Errand
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.reporting import Listener, problem_of
from qtmail.engine.session_loop import SessionLoop
from qtmail.engine.stopping import StopToken, wait_by_clock
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.wake import Wake
from qtmail.store.store import Store
from qtmail.workers.worker import Worker

SYNC = "sync"


class AccountWorkers:
    """Everything that runs for one account."""

    def __init__(self, store: Store, account: Account, backend: ImapBackend, listener: Listener) -> None:
        self.account = account
        self.stop_token = StopToken()
        self._monitor = AccountMonitor(account.id, listener)
        self._sync_wake = threading.Event()
        self._watch_wake = Wake()
        self._sync = AccountSync(store, account, listener, self.stop_token)
        self._attendant = Attendant(
            store,
            account,
            sync=self._sync,
            monitor=self._monitor,
            wake=self._watch_wake,
            stop=self.stop_token,
        )
        self._retries = {SYNC: threading.Event(), Attendant.NAME: threading.Event()}
        self._loops = [
            self._loop(SYNC, backend, self._keep_in_step),
            self._loop(Attendant.NAME, backend, self._attendant.attend, self._attendant.give_up),
        ]
        self._threads = [self._worker(store, loop) for loop in self._loops]

    @property
    def state(self) -> AccountState:
        return self._monitor.state

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask both threads to end; returns at once. `join` waits for them."""
        self.stop_token.stop()
        self.sync_now()
        for loop in self._loops:
            loop.holder.abort()

    def join(self, deadline: float) -> None:
        """Wait for both threads, until `deadline` (of time.monotonic) at most."""
        for thread in self._threads:
            if thread.ident is not None:  # it was started
                thread.join(max(0.0, deadline - time.monotonic()))

    def sync_now(self) -> None:
        """Check for mail now, and do not wait for a retry that is due later."""
        for retry in self._retries.values():
            retry.set()
        self._sync_wake.set()
        self._watch_wake.set()

    def request(self, errand: Errand) -> None:
        """Do something for the user on the attending session, or say at once that there is none to be had."""
        problem = self._monitor.standing(Attendant.NAME)
        if problem is None:
            self._attendant.request(errand)
        else:
            errand.failed(_no_line(problem))

    def nudge(self) -> None:
        """The journal has something to replay."""
        self._attendant.nudge()

    def _loop(
        self,
        name: str,
        backend: ImapBackend,
        duty: Callable[[ImapSession], None],
        on_failure: Callable[[QtmailError], None] = lambda error: None,
    ) -> SessionLoop:
        return SessionLoop(
            name,
            backend,
            duty,
            monitor=self._monitor,
            retry=self._retries[name],
            stop=self.stop_token,
            on_failure=on_failure,
        )

    def _worker(self, store: Store, loop: SessionLoop) -> Worker:
        return Worker(
            f"{loop.name}-{self.account.id}",
            loop.run if loop.name == SYNC else partial(self._watch, loop),
            store=store,
            crashed=partial(self._crashed, loop.name),
        )

    def _watch(self, loop: SessionLoop) -> None:
        with closing(self._watch_wake):  # by this thread, which may be left behind at shutdown
            loop.run()

    def _keep_in_step(self, session: ImapSession) -> None:
        while True:
            self.stop_token.check()
            self._sync_wake.clear()
            self._monitor.set(SYNC, Connection.SYNCING)
            report = self._sync.run(session)
            self._monitor.heard(session.last_heard)
            problem = None
            if report.problems:
                problem = Problem(self.account.id, report.problems[0], detail="\n".join(report.problems))
            self._monitor.set(SYNC, Connection.WATCHING, problem=problem)
            self._attendant.nudge()
            wait_by_clock(self._sync_wake, self.account.sync.poll_seconds)

    def _crashed(self, duty: str, bug: BaseException) -> None:
        fault = QtmailError(
            "This account stopped because of a fault in qtmail.",
            advice="Restart qtmail to go on; please report the fault.",
            detail=f"{type(bug).__name__}: {bug}",
        )
        self._monitor.set(duty, Connection.NEEDS_USER, problem=problem_of(fault, self.account.id))
        if duty == Attendant.NAME:
            self._attendant.give_up(fault)


def _no_line(problem: Problem) -> QtmailError:
    return QtmailError(
        "This message is not on this computer yet, and there is no connection to its server.",
        advice=problem.sentence,
        layer=Layer.CONNECTION,
        retry=Retry.LATER,
    )
