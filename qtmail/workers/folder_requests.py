"""What is particular to an account's folders and servers: what the window may ask about it. Every method
returns at once; answers come on the GUI thread.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from qtmail.domain.account import Account, FolderPolicy, Pop3Policy
from qtmail.domain.account_settings import Exemption
from qtmail.domain.folder import FolderSettings, SpecialUse
from qtmail.engine.folder_rules import choose_special_folder, folder_settings
from qtmail.engine.local_mail import local_account
from qtmail.workers.setup_requests import SetupRequests


class FolderRequests(SetupRequests):
    """The part of the mail service that is about folders and servers of accounts, and what is special about
    them.
    """

    @abstractmethod
    def sync_now(self, account_id: int | None = None) -> None:
        """Check for mail in one account or in all."""

    @abstractmethod
    def _start_account(self, account: Account) -> None:
        """Start the workers of an account, if it is enabled and they do not run."""

    # -- folders

    def folder_settings(self, account_id: int, done: Callable[[list[FolderSettings]], None]) -> None:
        """The folders of an account, with what each does otherwise, and what it was chosen for."""
        self.background.submit(lambda: folder_settings(self._store, account_id), done, self._say)

    def set_folder_policy(self, account_id: int, wire_name: bytes, policy: FolderPolicy) -> None:
        """Let a folder have its own rule, or follow its account again."""

        def store_it() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.set_folder_policy(tx, account_id, wire_name, policy)

        self._writes.submit(store_it, lambda _: self.sync_now(account_id), self._say)

    def choose_special_folder(self, account_id: int, use: SpecialUse, wire_name: bytes) -> None:
        """Use this folder for that purpose; b"": the one the server names."""

        def choose() -> None:
            choose_special_folder(self._store, account_id, use, wire_name)

        self._writes.submit(choose, lambda _: self.sync_now(account_id), self._say)

    def local_folders(self, done: Callable[[int], None]) -> None:
        """The id of the account of the local folders, which is made if need be."""

        def ready(account: Account) -> None:
            self._start_account(account)
            done(account.id)

        self._writes.submit(lambda: local_account(self._store), ready, self._say)

    # -- what stays on a POP3 server

    def server_deletions(
        self, account_id: int, policy: Pop3Policy, done: Callable[[int | None], None]
    ) -> None:
        """How many messages this rule would delete on the server at the next look for mail."""
        # Only settings of POP3 accounts need it: not at every start.
        from qtmail.engine.pop3_forecast import server_deletions  # noqa: PLC0415 - see above

        self.background.submit(lambda: server_deletions(self._store, account_id, policy), done, self._say)

    # -- what is allowed beyond the usual

    def exemptions(self, account_id: int, done: Callable[[list[Exemption]], None]) -> None:
        """What the user allowed the servers of an account."""

        def look() -> list[Exemption]:
            account = self._store.accounts.get(account_id)
            servers = (account.imap, account.pop3, account.smtp) if account is not None else ()
            places = {(server.host.lower(), server.port) for server in servers if server is not None}
            return [one for one in self._store.accounts.exemptions() if (one.host, one.port) in places]

        self.background.submit(look, done, self._say)

    def withdraw(self, exemption: Exemption) -> None:
        """Allow it no longer."""

        def withdraw() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.withdraw(tx, exemption)

        self._writes.submit(withdraw, lambda _: None, self._say)
