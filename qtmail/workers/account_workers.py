"""The two threads of one account: *sync* walks the folders, *watch* attends to the user and rests in IDLE.

Each owns its session and its store connections; they meet only in queues, wakes and the store.
"""

from __future__ import annotations

from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Connection, Problem
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.account_sync import AccountSync, FolderLocks
from qtmail.engine.attendant import Attendant, Errand
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.reporting import Listener
from qtmail.engine.session_loop import SessionLoop
from qtmail.engine.stopping import StopToken
from qtmail.errors import Retry
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
        self._sync_wake = Wake()
        self._watch_wake = Wake()
        self._sync = AccountSync(store, account, listener, self.stop_token, FolderLocks())
        self._attendant = Attendant(
            store,
            account,
            sync=self._sync,
            monitor=self._monitor,
            listener=listener,
            wake=self._watch_wake,
            stop=self.stop_token,
        )
        self._sync_loop = SessionLoop(
            SYNC,
            backend,
            self._keep_in_step,
            monitor=self._monitor,
            wake=self._sync_wake,
            stop=self.stop_token,
        )
        self._watch_loop = SessionLoop(
            Attendant.NAME,
            backend,
            self._attendant.attend,
            monitor=self._monitor,
            wake=self._watch_wake,
            stop=self.stop_token,
            on_failure=self._attendant.give_up,
        )
        self._threads = [
            Worker(f"{name}-{account.id}", loop.run, store=store, crashed=self._crashed(name))
            for name, loop in ((SYNC, self._sync_loop), (Attendant.NAME, self._watch_loop))
        ]

    @property
    def state(self) -> AccountState:
        return self._monitor.state

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask both threads to end; returns at once. `join` waits for them."""
        self.stop_token.stop()
        for wake in (self._sync_wake, self._watch_wake):
            wake.set()
        for loop in (self._sync_loop, self._watch_loop):
            loop.holder.abort()

    def join(self, timeout: float) -> None:
        for thread in self._threads:
            thread.join(timeout)
        if not any(thread.is_alive() for thread in self._threads):
            self._sync_wake.close()
            self._watch_wake.close()

    def sync_now(self) -> None:
        """Check for mail now, and do not wait for a retry that is due later."""
        self._sync_wake.set()
        self._watch_wake.set()

    def request(self, errand: Errand) -> None:
        """Do something for the user on the attending session."""
        self._attendant.request(errand)

    def nudge(self) -> None:
        """The journal has something to replay."""
        # A password that was refused must not be tried again with every message the user reads: servers lock
        # accounts for that.
        if self.state.connection is not Connection.NEEDS_USER:
            self._attendant.nudge()

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
            self._sync_wake.wait(self.account.sync.poll_seconds)

    def _crashed(self, duty: str) -> Callable[[BaseException], None]:
        def report(bug: BaseException) -> None:
            problem = Problem(
                self.account.id,
                "This account stopped because of a fault in qtmail.",
                "Restart qtmail to go on; please report the fault.",
                detail=f"{type(bug).__name__}: {bug}",
                retry=Retry.NEVER,
            )
            self._monitor.set(duty, Connection.NEEDS_USER, problem=problem)

        return report
