"""The threads of one account: those that receive its mail, *outbox*, which sends, and, where mail is kept on
this computer, *local*, which shows it, and ends.

Each owns its session and its store connections; they meet only in queues, wakes and the store. An account
that only reads, or only sends, has the threads it needs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.attendant import Errand
from qtmail.engine.backend import Incoming
from qtmail.engine.local_mail import LocalMail
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_loop import OutboxLoop
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.report_intake import ReportIntake
from qtmail.engine.reporting import Listener, problem_of
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError, Stopped
from qtmail.store.store import Store
from qtmail.workers.worker import Worker

LOCAL = "local"


class AccountWorkers:
    """Everything that runs for one account."""

    def __init__(
        self,
        store: Store,
        account: Account,
        listener: Listener,
        *,
        incoming: Incoming | None = None,
        sends: OutboxSender | None = None,
        lock: OutboxLock,
        stop: StopToken,
    ) -> None:
        """`incoming` and `sends`: the ways to its servers; None for what it does not do."""
        self.account = account
        self.stop_token = stop
        self._store = store
        self._monitor = AccountMonitor(account.id, listener)
        self._send_wake = threading.Event()
        self._send_retry = threading.Event()
        self._sender = sends
        self._local = LocalMail(store, account, stop) if account.keeps_mail_here else None
        self._reports = ReportIntake(store, account.id)
        self._end_reports: Callable[[], None] = lambda: None
        self._threads: list[Worker] = []
        self._receiver = None
        if incoming is not None:
            self._receiver = incoming.receiver(self._monitor, listener, stop, alone=lambda: lock.held)
            self._threads += [self._worker(name, run) for name, run in self._receiver.duties.items()]
        if sends is not None:
            self._send(sends, lock)
        # The thread that fetches shows what it fetches into.
        if self._local is not None and (incoming is None or account.pop3_policy.deliver_to):
            self._threads.append(self._worker(LOCAL, partial(self._show_here, self._local, listener)))

    def _send(self, sender: OutboxSender, lock: OutboxLock) -> None:
        loop = OutboxLoop(
            self.account,
            sender,
            lock,
            monitor=self._monitor,
            wake=self._send_wake,
            retry=self._send_retry,
            stop=self.stop_token,
            on_accepted=self.nudge,
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
        if self._receiver is not None:
            self._receiver.abort()
        if self._sender is not None and not self._sender.awaits_answer:
            self._sender.abort()

    def join(self, deadline: float, *, break_off: bool = True) -> None:
        """Wait for the threads, until `deadline` (of time.monotonic) at most.

        Args:
            break_off: then do not wait for what a server says to a message that it has, either.
        """
        for thread in reversed(self._threads):
            if thread.ident is not None:  # it was started
                thread.join(max(0.0, deadline - time.monotonic()))
        if self._sender is not None and break_off:
            self._sender.abort()
        self._end_reports()

    @property
    def ended(self) -> bool:
        """Whether no thread is left."""
        return not any(thread.is_alive() for thread in self._threads)

    def sync_now(self) -> None:
        """Check for mail now, and do not wait for a retry that is due later."""
        if self._receiver is not None:
            self._receiver.look_now()
        self._send_retry.set()
        self._send_wake.set()

    def send_now(self) -> None:
        """Something was queued: send what is due, without waiting for a retry that is due later."""
        self._send_wake.set()

    def request(self, errand: Errand) -> None:
        """Do something for the user over a line to the server, or say at once that it cannot be done."""
        if self._receiver is not None:
            self._receiver.request(errand)
        else:
            errand.failed(_no_server())

    def nudge(self) -> None:
        """There is something to tell the server: the user changed a flag, wrote a draft or sent a message."""
        if self._receiver is not None:
            self._receiver.nudge()

    def _worker(self, name: str, run: Callable[[], None]) -> Worker:
        return Worker(
            f"{name}-{self.account.id}", run, store=self._store, crashed=partial(self._crashed, name)
        )

    def _file_here(self) -> None:
        """Keep what was sent on this computer, where no server does."""
        if self._local is not None:
            self._local.file_accepted()

    def _show_here(self, local: LocalMail, listener: Listener) -> None:
        """Show what is kept on this computer, also what a crash, or a new cache, does not show yet."""
        try:
            local.show()
        except Stopped:
            return
        except QtmailError as error:
            listener(problem_of(error, self.account.id))

    def _crashed(self, duty: str, bug: BaseException) -> None:
        fault = QtmailError(
            "This account stopped because of a fault in qtmail.",
            advice="Restart qtmail to go on; please report the fault.",
            detail=f"{type(bug).__name__}: {bug}",
        )
        self._monitor.set(duty, Connection.NEEDS_USER, problem=problem_of(fault, self.account.id))
        if self._receiver is not None:
            self._receiver.crashed(duty, fault)


def _no_server() -> QtmailError:
    return QtmailError("There is no server that this message could be had from.", layer=Layer.MESSAGE)
