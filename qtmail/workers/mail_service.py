"""What the user interface may ask of the engine. Every method returns at once; answers come through the
bridge.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import AccountState, Problem
from qtmail.domain.operations import Operation
from qtmail.engine.accounts import add_account, check_forgettable, forget_account, sweep
from qtmail.engine.imap_backend import ImapBackend, tls_trust
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError
from qtmail.log import LogLine, ProtocolLog
from qtmail.protocols.certificates import fingerprint
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.message_requests import MessageRequests

T = TypeVar("T")

STOP_SECONDS = 1.5
"""How long stopping may take in all; a thread that has not ended by then is left behind."""


class MailService(MessageRequests):
    """Supervises the workers of all accounts; lives on the GUI thread.

    Attributes:
        offline: do not connect to any server; set before `start`.
    """

    def __init__(
        self, store: Store, credentials: Credentials, bridge: EngineBridge, background: Background
    ) -> None:
        super().__init__(store, bridge, background)
        self.offline = False
        self._credentials = credentials
        self._checks = Background("checks", store)
        self._logs: dict[int, ProtocolLog] = {}
        self._stopped = False
        self._unsubscribe = store.subscribe(bridge.post)

    # -- life

    def start(self) -> None:
        """Start the workers of every account, unless the program was started to stay offline."""

        def start_all(accounts: list[Account]) -> None:
            for account in accounts:
                self._start_account(account)

        self._writes.submit(lambda: sweep(self._store), lambda _: None)
        self.background.submit(self._store.accounts.list, start_all, self._say)

    def stop(self) -> None:
        """End all workers within two seconds; what they did not finish is resumed at the next start."""
        self._stopped = True
        deadline = time.monotonic() + STOP_SECONDS
        for workers in self._workers.values():
            workers.stop()
        self._writes.stop(deadline - time.monotonic())  # first of all, what the user did reaches the disk
        for workers in self._workers.values():
            workers.join(deadline)
        self._checks.stop(0.0)
        self._unsubscribe()
        self.bridge.close()

    # -- what stands

    def accounts(self) -> list[Account]:
        return self._store.accounts.list()

    def states(self) -> dict[int, AccountState]:
        return {account_id: workers.state for account_id, workers in self._workers.items()}

    def pending_operations(self, account_id: int) -> list[Operation]:
        """Changes the server has not confirmed yet."""
        return self._store.operations.pending(account_id)

    def protocol_log(self, account_id: int) -> list[LogLine]:
        """The last lines of the conversation with an account's server, without secrets."""
        log = self._logs.get(account_id)
        return log.lines() if log else []

    def keyring_problem(self) -> str:
        """Why passwords cannot be kept on this computer, in a sentence; "" where they can.

        May block on a prompt: call it in the background.
        """
        return self._credentials.unusable_reason()

    # -- what is to be done now

    def sync_now(self, account_id: int | None = None) -> None:
        """Check for mail in one account or in all."""
        for workers in self._workers.values():
            if account_id in (None, workers.account.id):
                workers.sync_now()

    def send_now(self, account_id: int) -> None:
        """Something was queued in an account's outbox, or is to be tried or filed now."""
        if account_id in self._workers:
            self._workers[account_id].send_now()
            self._workers[account_id].nudge()

    def nudge(self) -> None:
        """The attending sessions have something to put on their servers."""
        for workers in self._workers.values():
            workers.nudge()

    # -- accounts

    def test_account(self, account: Account, password: str, done: Callable[[list[Verdict]], None]) -> None:
        """Try an account's servers step by step; `done` gets the verdicts on the GUI thread."""
        from qtmail.engine.doctor import check_server  # noqa: PLC0415 - 10 ms that a start can do without

        self._checks.submit(lambda: check_server(account, password, tls_trust(self._store)), done)

    def add_account(self, account: Account, password: str | None, *, remember: bool) -> None:
        """Store an account and start it; a password that cannot be kept is used for this session and said
        so.
        """

        def store_it() -> Account:
            return add_account(self._store, account)

        def stored(added: Account) -> None:
            self._take_password(added, password, remember, lambda: self._start_account(added))

        self._writes.submit(store_it, stored, self._say)

    def remove_account(self, account_id: int) -> None:
        """Stop an account and forget it, its password and what was cached of it; the server is not
        touched. Where mail of it waits in the outbox that is said, and nothing happens.
        """

        def check() -> None:
            check_forgettable(self._store, account_id)

        self._writes.submit(check, lambda _: self._stop_and_forget(account_id), self._say)

    def _stop_and_forget(self, account_id: int) -> None:
        workers = self._workers.pop(account_id, None)
        if workers is not None:
            workers.stop()

        self._logs.pop(account_id, None)

        def forget() -> None:
            if workers is not None:
                workers.join(time.monotonic() + STOP_SECONDS)
            account = self._store.accounts.get(account_id)
            if account is not None:
                forget_account(self._store, account_id)
                self._credentials.forget(account)

        def stays(error: QtmailError) -> None:
            """Something was put into its outbox in that moment, or its password could not be forgotten."""
            self._say(error)
            if workers is not None and self._store.accounts.get(account_id) is not None:
                self._start_account(workers.account)

        self._writes.submit(forget, lambda _: None, stays)

    def supply_password(
        self, account_id: int, password: str, *, remember: bool, sending: bool = False
    ) -> None:
        """Use this password from now on, and try again at once.

        `sending`: for the server mail is handed in to.
        """
        workers = self._workers.get(account_id)
        if workers is not None:
            self._take_password(workers.account, password, remember, workers.sync_now, sending=sending)

    def trust_certificate(self, problem: Problem) -> None:
        """Accept the certificate a problem is about, for that server and that certificate only, and try
        again.
        """
        workers = self._workers.get(problem.account_id)
        if workers is None or not problem.certificate:
            return
        server = workers.account.server_for(sending=problem.sending)

        def trust() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.trust(tx, server.host, server.port, fingerprint(problem.certificate))

        self._writes.submit(trust, lambda _: workers.sync_now(), self._say)

    def allow_clear_password(self, problem: Problem) -> None:
        """Let the password go to the server a problem is about over a line that is not encrypted."""
        workers = self._workers.get(problem.account_id)
        if workers is None:
            return
        server = workers.account.server_for(sending=problem.sending)

        def allow() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.allow_clear(tx, server.host, server.port)

        self._writes.submit(allow, lambda _: workers.sync_now(), self._say)

    # -- inside

    def _start_account(self, account: Account) -> None:
        if self.offline or self._stopped or account.id in self._workers:
            return
        stop = StopToken()
        workers = AccountWorkers(
            self._store,
            account,
            self.bridge.post,
            reads=self._reads(account) if account.imap is not None else None,
            sends=self._sends(account, stop) if account.smtp is not None else None,
            lock=OutboxLock(self._store.directory, account.id),
            stop=stop,
        )
        self._workers[account.id] = workers
        self._writes.submit(workers.start, lambda _: None)  # starting a thread waits for it to run: 5 ms

    def _reads(self, account: Account) -> ImapBackend:
        return ImapBackend(
            account,
            credentials=self._credentials,
            trust=tls_trust(self._store),
            protocol_log=self._log(account),
        )

    def _sends(self, account: Account, stop: StopToken) -> OutboxSender:
        backend = SmtpBackend(
            account,
            self._store,
            credentials=self._credentials,
            trust=tls_trust(self._store),
            protocol_log=self._log(account),
        )
        return OutboxSender(self._store, account, backend, self.bridge.post, stop)

    def _log(self, account: Account) -> ProtocolLog:
        return self._logs.setdefault(account.id, ProtocolLog())

    def _take_password(
        self,
        account: Account,
        password: str | None,
        remember: bool,
        then: Callable[[], None],
        *,
        sending: bool = False,
    ) -> None:
        """Keep a password for this session and, if wanted, in the keyring, which may block on a prompt."""
        purpose = "smtp" if sending or account.imap is None else "imap"

        def keep() -> None:
            if password is None:
                return
            self._credentials.session(account, password, purpose)
            if remember:
                self._credentials.remember(account, password, purpose)

        def not_kept(error: QtmailError) -> None:
            self._say(error)
            then()

        self._checks.submit(keep, lambda _: then(), not_kept)
