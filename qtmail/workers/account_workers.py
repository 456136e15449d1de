"""The threads of one account: *sync* walks the folders, *watch* attends to the user and rests in IDLE,
*outbox* sends.

Each owns its session and its store connections; they meet only in queues, wakes and the store. An account
that only reads, or only sends, has the threads it needs.
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
from qtmail.engine.attendant import Attendant, Chore, Errand
from qtmail.engine.draft_mirror import DraftMirror
from qtmail.engine.filing import Filing
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.local_folders import LocalFolders
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_loop import OutboxLoop
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.report_intake import ReportIntake
from qtmail.engine.reporting import Listener, problem_of
from qtmail.engine.session_loop import SessionLoop
from qtmail.engine.stopping import StopToken, wait_by_clock
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.wake import Wake
from qtmail.store.store import Store
from qtmail.workers.worker import Worker

SYNC = "sync"

LEAST_REST_SECONDS = 1.0
"""Between two passes over an account's folders, whatever intervals were chosen for them."""


class AccountWorkers:
    """Everything that runs for one account."""

    def __init__(
        self,
        store: Store,
        account: Account,
        listener: Listener,
        *,
        reads: ImapBackend | None,
        sends: OutboxSender | None,
        lock: OutboxLock,
        stop: StopToken,
    ) -> None:
        """`reads` and `sends`: the ways to its servers; None for what it does not do."""
        self.account = account
        self.stop_token = stop
        self._store = store
        self._monitor = AccountMonitor(account.id, listener)
        self._sync_wake = threading.Event()
        self._watch_wake = Wake()
        self._send_wake = threading.Event()
        self._sync = AccountSync(store, account, listener, stop)
        self._attendant = Attendant(
            store,
            account,
            sync=self._sync,
            monitor=self._monitor,
            wake=self._watch_wake,
            stop=stop,
            chores=_chores(store, account, listener, lock) if reads is not None else (),
            on_written=self._sync_wake.set,
        )
        self._retries = {name: threading.Event() for name in (SYNC, Attendant.NAME, OutboxLoop.NAME)}
        self._sender = sends
        self._local = LocalFolders(store, account, stop) if account.imap is None else None
        self._shows_local = False
        self._reports = ReportIntake(store, account.id)
        self._end_reports: Callable[[], None] = lambda: None
        self._loops: list[SessionLoop] = []
        self._threads: list[Worker] = []
        if reads is not None:
            self._read(reads)
        if sends is not None:
            self._send(sends, lock)

    def _read(self, backend: ImapBackend) -> None:
        sync = self._loop(SYNC, backend, self._keep_in_step)
        watch = self._loop(Attendant.NAME, backend, self._attendant.attend, self._attendant.give_up)
        self._loops += [sync, watch]
        self._threads += [
            self._worker(SYNC, sync.run),
            self._worker(Attendant.NAME, partial(self._watch, watch)),
        ]

    def _send(self, sender: OutboxSender, lock: OutboxLock) -> None:
        loop = OutboxLoop(
            self.account,
            sender,
            lock,
            monitor=self._monitor,
            wake=self._send_wake,
            retry=self._retries[OutboxLoop.NAME],
            stop=self.stop_token,
            on_accepted=self._attendant.nudge,
            each_round=self._file_here,
        )
        self._threads.append(self._worker(OutboxLoop.NAME, loop.run))

    @property
    def state(self) -> AccountState:
        return self._monitor.state

    def start(self) -> None:
        self._end_reports = self._reports.follow()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask the threads to end; returns at once. `join` waits for them."""
        self.stop_token.stop()
        self.sync_now()
        for loop in self._loops:
            loop.holder.abort()
        if self._sender is not None and not self._sender.awaits_answer:
            self._sender.abort()

    def join(self, deadline: float) -> None:
        """Wait for the threads, until `deadline` (of time.monotonic) at most."""
        for thread in reversed(self._threads):
            if thread.ident is not None:  # it was started
                thread.join(max(0.0, deadline - time.monotonic()))
        if self._sender is not None:
            self._sender.abort()
        self._end_reports()

    def sync_now(self) -> None:
        """Check for mail now, and do not wait for a retry that is due later."""
        for retry in self._retries.values():
            retry.set()
        self._sync_wake.set()
        self._watch_wake.set()
        self._send_wake.set()

    def send_now(self) -> None:
        """Something was queued: send what is due, without waiting for a retry that is due later."""
        self._send_wake.set()

    def request(self, errand: Errand) -> None:
        """Do something for the user on the attending session, or say at once that there is none to be had."""
        problem = self._monitor.standing(Attendant.NAME)
        if problem is None:
            self._attendant.request(errand)
        else:
            errand.failed(_no_line(problem))

    def nudge(self) -> None:
        """The journal has something to replay, or a draft or a sent message is to be put on the server."""
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

    def _worker(self, name: str, run: Callable[[], None]) -> Worker:
        return Worker(
            f"{name}-{self.account.id}", run, store=self._store, crashed=partial(self._crashed, name)
        )

    def _watch(self, loop: SessionLoop) -> None:
        with closing(self._watch_wake):  # by this thread, which may be left behind at shutdown
            loop.run()

    def _file_here(self) -> None:
        """Keep what was sent on this computer, where no server does."""
        if self._local is None:
            return
        if not self._shows_local:
            self._local.show()
            self._shows_local = True
        self._local.file_accepted()

    def _keep_in_step(self, session: ImapSession) -> None:
        asked = True  # by the user, or by what happened
        while True:
            self.stop_token.check()
            self._sync_wake.clear()
            self._monitor.set(SYNC, Connection.SYNCING)
            report = self._sync.run(session, due_only=not asked)
            self._monitor.heard(session.last_heard)
            problem = None
            if report.problems:
                problem = Problem(self.account.id, report.problems[0], detail="\n".join(report.problems))
            self._monitor.set(SYNC, Connection.WATCHING, problem=problem)
            self._attendant.nudge()
            wait_by_clock(self._sync_wake, max(LEAST_REST_SECONDS, self._sync.seconds_to_next()))
            asked = self._sync_wake.is_set()

    def _crashed(self, duty: str, bug: BaseException) -> None:
        fault = QtmailError(
            "This account stopped because of a fault in qtmail.",
            advice="Restart qtmail to go on; please report the fault.",
            detail=f"{type(bug).__name__}: {bug}",
        )
        self._monitor.set(duty, Connection.NEEDS_USER, problem=problem_of(fault, self.account.id))
        if duty == Attendant.NAME:
            self._attendant.give_up(fault)


def _chores(store: Store, account: Account, listener: Listener, lock: OutboxLock) -> list[Chore]:
    """What the attending session puts on the server."""
    return [Filing(store, account, listener, alone=lambda: lock.held), DraftMirror(store, account, listener)]


def _no_line(problem: Problem) -> QtmailError:
    return QtmailError(
        "This message is not on this computer yet, and there is no connection to its server.",
        advice=problem.sentence,
        layer=Layer.CONNECTION,
        retry=Retry.LATER,
    )
