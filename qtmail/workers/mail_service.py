"""What the user interface may ask of the engine. Every method returns at once; answers come through the
bridge.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.events import AccountState
from qtmail.domain.operations import Operation
from qtmail.engine.accounts import sweep
from qtmail.engine.backend import Incoming
from qtmail.engine.certificates import tls_trust
from qtmail.engine.incoming import incoming
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.reporting import problem_of
from qtmail.engine.secrets import secrets_of
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.errors import KeyringFailed
from qtmail.log import LogLine, ProtocolLog
from qtmail.store.store import Store
from qtmail.workers.account_requests import STOP_SECONDS
from qtmail.workers.account_workers import AccountWorkers
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.local_requests import LocalRequests
from qtmail.workers.settings_requests import SettingsRequests


class MailService(SettingsRequests, LocalRequests):
    """Supervises the workers of all accounts; lives on the GUI thread.

    Attributes:
        offline: do not connect to any server; set before `start`.
    """

    def __init__(
        self, store: Store, credentials: Credentials, bridge: EngineBridge, background: Background
    ) -> None:
        super().__init__(store, credentials, bridge, background)
        self.offline = False
        self._secrets = secrets_of(store, credentials, unkept=self._say_unkept)
        self._unkept: set[int] = set()  # accounts of which it was said
        self._logs: dict[int, ProtocolLog] = {}
        self._stopped = False
        self._unsubscribe = store.subscribe(bridge.post)

    # -- life

    def start(self) -> None:
        """Start the workers of every account, unless the program was started to stay offline."""

        def ids() -> list[int]:
            return [account.id for account in self._store.accounts.list()]

        self.background.submit(ids, self._start_in_turn, self._say)
        self._writes.submit(lambda: sweep(self._store), lambda _: None)

    def stop(self) -> None:
        """End all workers within two seconds; what they did not finish is resumed at the next start."""
        self._stopped = True
        deadline = time.monotonic() + STOP_SECONDS
        self._searches.cancel()
        for workers in self._workers.values():
            workers.stop()
        self._writes.stop(deadline - time.monotonic())  # first of all, what the user did reaches the disk
        for workers in (*self._workers.values(), *self._parting):
            workers.join(deadline)
        self._searches.join(deadline)
        self._passwords.stop(deadline - time.monotonic())
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

    # -- inside

    def _start_in_turn(self, account_ids: Sequence[int]) -> None:
        """Start one account after the other, each in 2 ms of the window's time: between two it can paint."""
        if not account_ids:
            return

        def found(account: Account | None) -> None:
            if account is not None:
                self._start_account(account)
            self._start_in_turn(account_ids[1:])

        self.background.submit(lambda: self._store.accounts.get(account_ids[0]), found, self._say)

    def _start_account(self, account: Account) -> None:
        asks = account.enabled and not self.offline
        # Mail that is here only is shown also where no server may be asked.
        if self._stopped or not (asks or account.keeps_mail_here):
            return
        if account.id in self._workers or self._changing[account.id]:
            return
        stop = StopToken()
        workers = AccountWorkers(
            self._store,
            account,
            self.bridge.post,
            incoming=self._incoming(account) if asks else None,
            sends=self._sends(account, stop) if asks and account.capabilities.sends else None,
            lock=OutboxLock(self._store.directory, account.id),
            stop=stop,
        )
        self._workers[account.id] = workers
        self._writes.submit(workers.start, lambda _: None)  # starting a thread waits for it to run: 5 ms

    def _incoming(self, account: Account) -> Incoming | None:
        return incoming(
            account,
            self._store,
            secrets=self._secrets,
            trust=tls_trust(self._store),
            protocol_log=self._log(account),
        )

    def _sends(self, account: Account, stop: StopToken) -> OutboxSender:
        backend = SmtpBackend(
            account,
            secrets=self._secrets,
            trust=tls_trust(self._store),
            protocol_log=self._log(account),
        )
        return OutboxSender(self._store, account, backend, self.bridge.post, stop)

    def _log(self, account: Account) -> ProtocolLog:
        return self._logs.setdefault(account.id, ProtocolLog())

    def _forget_log(self, account_id: int) -> None:
        self._logs.pop(account_id, None)

    def _say_unkept(self, account: Account, error: KeyringFailed) -> None:
        """A provider changed an account's permission, and the new one lasts for this session only. From any
        thread; once for each account, though most change it every hour.
        """
        if account.id in self._unkept:
            return
        self._unkept.add(account.id)
        sentence = f"You will have to sign in to “{account.name}” again at the next start."
        self.bridge.post(replace(problem_of(error), sentence=sentence, detail=str(error)))
