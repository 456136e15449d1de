"""Accounts: what the window may ask about those there are. Every method returns at once; answers come on the
GUI thread, and what could not be done is said through the bridge.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import Problem
from qtmail.domain.oauth import Permission
from qtmail.domain.removal import Removal
from qtmail.engine.accounts import (
    add_account,
    check_forgettable,
    forget_account,
    removal,
    update_account,
)
from qtmail.errors import QtmailError, UsageError
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.folder_requests import FolderRequests
from qtmail.workers.searches import Search

STOP_SECONDS = 1.5
"""How long stopping may take in all; a thread that has not ended by then is left behind."""


class AccountRequests(FolderRequests):
    """The part of the mail service that is about stored accounts."""

    def __init__(
        self, store: Store, credentials: Credentials, bridge: EngineBridge, background: Background
    ) -> None:
        super().__init__(store, credentials, bridge, background)
        self._changing: Counter[int] = Counter()  # by account: changes after which it is to be started
        self._parting: list[AccountWorkers] = []  # of accounts that were changed, and not through yet

    @abstractmethod
    def _forget_log(self, account_id: int) -> None:
        """Its conversation with its servers is of no interest any more."""

    # -- coming and going

    def add_account(self, account: Account, secret: str | Permission | None, *, remember: bool) -> None:
        """Store an account and start it; a secret that cannot be kept is used for this session and said
        so.
        """

        def stored(added: Account) -> None:
            self._changing[added.id] += 1
            self._take_secret(added, secret, remember, lambda: self._resume(added.id))

        self._writes.submit(lambda: add_account(self._store, account), stored, self._say)

    def update_account(self, account: Account) -> None:
        """Store new settings of an account, and go on with them; its password goes with it to its new
        server.
        """

        def update() -> Account | None:
            before = self._store.accounts.get(account.id)
            update_account(self._store, account)
            return before

        self._change_account(account.id, update)

    def set_enabled(self, account_id: int, enabled: bool) -> None:
        """Let an account rest, with its mail in sight and no server asked, or wake it."""

        def switch() -> Account | None:
            before = self._store.accounts.get(account_id)
            if before is not None:
                update_account(self._store, replace(before, enabled=enabled))
            return before

        self._change_account(account_id, switch)

    def arrange_accounts(self, account_ids: Sequence[int]) -> None:
        """Show the accounts in this order."""
        ids = list(account_ids)

        def arrange() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.arrange(tx, ids)

        self._writes.submit(arrange, lambda _: None, self._say)

    def removal(self, account_id: int, done: Callable[[Removal], None]) -> None:
        """What removing an account would mean, to be asked about."""
        self.background.submit(lambda: removal(self._store, account_id), done, self._say)

    def remove_account(self, account_id: int, *, keep_mail: bool = True, drop_unsent: bool = False) -> None:
        """Stop an account and forget it, its passwords and what was cached of it; the server is not
        touched. Where mail of it waits in the outbox, and may not be dropped, that is said, and nothing
        happens.

        Args:
            keep_mail: messages that are on this computer only move to the local folders.
        """

        def check() -> None:
            check_forgettable(self._store, account_id, drop_unsent=drop_unsent)

        def forget() -> Account | None:
            before = self._store.accounts.get(account_id)
            if before is not None:
                forget_account(self._store, account_id, keep_mail=keep_mail, drop_unsent=drop_unsent)
            return before

        self._writes.submit(check, lambda _: self._change_account(account_id, forget), self._say)

    # -- signing in

    def supply_password(
        self, account_id: int, password: str, *, remember: bool, sending: bool = False
    ) -> None:
        """Use this password from now on, and try again at once.

        `sending`: for the server mail is handed in to.
        """

        def take(account: Account) -> None:
            self._take_secret(
                account, password, remember, partial(self.sync_now, account_id), sending=sending
            )

        self._with_account(account_id, take)

    def keep_permission(self, account_id: int, permission: Permission, *, remember: bool) -> None:
        """The user signed in again in the browser: use that from now on, and try again at once."""

        def take(account: Account) -> None:
            self._take_secret(account, permission, remember, partial(self.sync_now, account_id))

        self._with_account(account_id, take)

    def trust_certificate(self, problem: Problem) -> None:
        """Accept the certificate a problem is about, for that server and that certificate only, and try
        again.
        """

        def trust(account: Account) -> None:
            server = account.server_for(sending=problem.sending)
            again = partial(self.sync_now, account.id)
            self.trust_server(server.host, server.port, problem.certificate, again)

        if problem.certificate:
            self._with_account(problem.account_id, trust)

    def allow_clear_password(self, problem: Problem) -> None:
        """Let the password go to the server a problem is about over a line that is not encrypted."""

        def allow(account: Account) -> None:
            server = account.server_for(sending=problem.sending)
            self.allow_clear_password_at(server.host, server.port, partial(self.sync_now, account.id))

        self._with_account(problem.account_id, allow)

    def check_connection(self, account_id: int, done: Callable[[list[Verdict]], None]) -> None:
        """Try the servers of an account step by step, with the secrets that are known of it."""
        from qtmail.engine.doctor import check_account  # noqa: PLC0415 - 10 ms that a start can do without

        def check(_search: Search) -> list[Verdict]:
            account = self._store.accounts.get(account_id)
            if account is None:
                raise UsageError("This account is no longer there.")
            return check_account(self._store, self._secrets, account, self._log(account))

        self._searches.start(check, done, self._say, heeds=False)

    def connection_report(self, account: Account, verdicts: Sequence[Verdict], toolkit: str) -> str:
        """What a check found, as a text for others, without secrets and names.

        `toolkit`: the versions of Qt and PySide6.
        """
        from qtmail.engine.doctor_report import report_text  # noqa: PLC0415 - as above

        return report_text(account, verdicts, self._log(account).lines(), toolkit=toolkit)

    # -- inside

    def _with_account(self, account_id: int, use: Callable[[Account], None]) -> None:
        """Go on with an account as it is stored once all that was asked for before is done; if it is gone,
        do nothing.
        """

        def found(account: Account | None) -> None:
            if account is not None:
                use(account)

        self._writes.submit(lambda: self._store.accounts.get(account_id), found, self._say)

    def _change_account(self, account_id: int, change: Callable[[], Account | None]) -> None:
        """Make a change while nobody works for an account, then start it as it is stored by then.

        Of several changes in a row the last one starts it.

        Args:
            change: returns the account as it was before, or None where it is gone.
        """
        workers = self._workers.pop(account_id, None)
        if workers is not None:
            workers.stop()
        self._changing[account_id] += 1

        def run() -> tuple[Account | None, Account | None]:
            if workers is not None:
                self._part(workers)
            return change(), self._store.accounts.get(account_id)

        def changed(found: tuple[Account | None, Account | None]) -> None:
            before, after = found
            if before is None or (after is not None and self._credentials.unmoved(before, after)):
                self._resume(account_id)
                return
            self._passwords.submit(
                lambda: self._settle_secrets(before), lambda _: self._resume(account_id), failed
            )

        def failed(error: QtmailError) -> None:
            self._say(error)
            self._resume(account_id)

        self._writes.submit(run, changed, failed)

    def _part(self, workers: AccountWorkers) -> None:
        """Let workers end. Who waits for a server's word on a message that it has by now stays for that, and
        keeps the lock of the outbox until then.
        """
        workers.join(time.monotonic() + STOP_SECONDS, break_off=False)
        self._parting = [one for one in (*self._parting, workers) if not one.ended]

    def _settle_secrets(self, before: Account) -> None:
        """What an account signs in with goes with it to its new servers; what no account signs in with any
        more is forgotten. May block on a prompt of the keyring.
        """
        accounts = self._store.accounts.list()
        after = next((account for account in accounts if account.id == before.id), None)
        if after is not None:
            self._secrets.carry_over(before, after, keep_for=accounts)
        else:
            self._secrets.forget(before, keep_for=accounts)

    def _resume(self, account_id: int) -> None:
        """One change of an account is over."""

        def start(account: Account | None) -> None:
            self._changing[account_id] -= 1
            if self._changing[account_id]:
                return
            del self._changing[account_id]
            if account is None:
                self._forget_log(account_id)
            else:
                self._start_account(account)

        def failed(error: QtmailError) -> None:
            self._say(error)
            start(None)

        self._writes.submit(lambda: self._store.accounts.get(account_id), start, failed)

    def _take_secret(
        self,
        account: Account,
        secret: str | Permission | None,
        remember: bool,
        then: Callable[[], None],
        *,
        sending: bool = False,
    ) -> None:
        """Keep a secret for this session and, if wanted, in the keyring, which may block on a prompt."""

        def keep() -> None:
            if isinstance(secret, Permission):
                self._secrets.keep(account, secret, remember=remember)
            elif secret is not None:
                self._secrets.keep_password(account, secret, remember=remember, sending=sending)

        def not_kept(error: QtmailError) -> None:
            self._say(error)
            then()

        self._passwords.submit(keep, lambda _: then(), not_kept)
