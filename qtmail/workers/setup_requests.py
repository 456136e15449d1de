"""Setting an account up: what the window may ask before there is an account. Every method returns at once;
answers come on the GUI thread.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.discovery import Discovery
from qtmail.domain.oauth import BrowserStep, DeviceStep, Permission
from qtmail.domain.sign_in import Secret, SignIn
from qtmail.engine.certificates import changes_since_trusted, tls_trust
from qtmail.engine.secrets import Secrets
from qtmail.errors import QtmailError
from qtmail.log import ProtocolLog
from qtmail.protocols.certificates import fingerprint
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.message_requests import MessageRequests
from qtmail.workers.searches import Search as Search
from qtmail.workers.searches import Searches

Failed = Callable[[QtmailError], None]
SignInStep = BrowserStep | DeviceStep


class SetupRequests(MessageRequests):
    """The part of the mail service that is about accounts to be."""

    _secrets: Secrets

    def __init__(
        self, store: Store, credentials: Credentials, bridge: EngineBridge, background: Background
    ) -> None:
        super().__init__(store, bridge, background)
        self._credentials = credentials
        self._passwords = Background("passwords", store)  # apart: a keyring may wait for its user
        self._searches = Searches(store, self._passwords)

    def discover(
        self, address: str, full_name: str, done: Callable[[Discovery], None], failed: Failed
    ) -> Search:
        """Find out about the servers behind an address; only the address' domain, and the address itself to
        its own provider, are told to anybody.
        """
        from qtmail.engine.discovery import Discoverer  # noqa: PLC0415 - DNS and XML, 60 ms nobody else needs

        trust = tls_trust(self._store)
        return self._searches.start(lambda search: Discoverer(trust).run(address, search.stop), done, failed)

    def test_account(
        self, account: Account, secret: Secret | None, done: Callable[[list[Verdict]], None]
    ) -> None:
        """Try an account's servers step by step, as they stand in `account`.

        `secret`: to sign in with; None: what is known of the account, if it is one that is stored.
        """
        from qtmail.engine.doctor import check_account, check_server  # noqa: PLC0415 - 10 ms, not at the start

        def check(_search: Search) -> list[Verdict]:
            if secret is None and account.id:
                return check_account(self._store, self._secrets, account, self._log(account))
            return check_server(account, secret, tls_trust(self._store))

        self._searches.start(check, done, self._say, heeds=False)

    def check_computer(self, done: Callable[[list[Verdict]], None]) -> None:
        """Look whether this computer keeps mail and passwords as it should."""
        from qtmail.engine.computer_checks import check_computer  # noqa: PLC0415 - 10 ms, not at the start

        def check(_search: Search) -> list[Verdict]:
            return check_computer(self._store, self._credentials)

        self._searches.start(check, done, self._say, heeds=False)

    def sign_in_by_browser(
        self,
        sign_in: SignIn,
        address: str,
        *,
        show: Callable[[SignInStep], None],
        done: Callable[[Permission], None],
        failed: Failed,
        device: bool = False,
        client_secret: str = "",
    ) -> Search:
        """Let the user give this program a permission at the provider.

        Args:
            show: told what the user has to do: an address for the browser, or a code for another device.
            device: by a code, because there is no browser here.
        """
        from qtmail.engine.oauth_sign_in import OAuthSignIn  # noqa: PLC0415 - HTTP, which few need

        def run(search: Search) -> Permission:
            attempt = OAuthSignIn(
                sign_in, address, trust=tls_trust(self._store), stop=search.stop, client_secret=client_secret
            )

            def tell(step: SignInStep) -> None:
                self._searches.tell(search, show, step)

            return (
                attempt.by_device(tell) if device else attempt.by_browser(lambda url: tell(BrowserStep(url)))
            )

        return self._searches.start(run, done, failed)

    def trust_server(self, host: str, port: int, pem: str, done: Callable[[], None]) -> None:
        """Accept this certificate from this server, and no other."""

        def trust() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.trust(tx, host, port, fingerprint(pem))

        self._writes.submit(trust, lambda _: done(), self._say)

    def certificate_changes(
        self, host: str, port: int, pem: str, done: Callable[[tuple[str, ...]], None]
    ) -> None:
        """In what a certificate differs from the one this server was last trusted with, in sentences."""
        self.background.submit(
            lambda: changes_since_trusted(self._store, host, port, pem), done, lambda _error: done(())
        )

    def allow_clear_password_at(self, host: str, port: int, done: Callable[[], None]) -> None:
        """Let passwords go to this server over a line that is not encrypted."""

        def allow() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.allow_clear(tx, host, port)

        self._writes.submit(allow, lambda _: done(), self._say)

    def keyring_problem(self) -> str:
        """Why passwords cannot be kept on this computer, in a sentence; "" where they can.

        May block on a prompt: call it in the background.
        """
        return self._credentials.unusable_reason()

    @abstractmethod
    def _log(self, account: Account) -> ProtocolLog:
        """The conversation with an account's servers."""

    # -- the file with the passwords; making its key takes a fraction of a second

    def has_vault(self) -> bool:
        """Whether passwords are kept in a file that a master password locks."""
        return self._credentials.vault_exists

    def create_vault(self, master_password: str, done: Callable[[], None], failed: Failed) -> None:
        """From now on keep passwords in a file that this master password locks."""
        self._passwords.submit(
            lambda: self._credentials.create_vault(master_password), lambda _: done(), failed
        )

    def unlock_vault(self, master_password: str, done: Callable[[], None], failed: Failed) -> None:
        """Open the file with the passwords, for this session."""
        self._passwords.submit(lambda: self._credentials.unlock(master_password), lambda _: done(), failed)

    def change_master_password(self, old: str, new: str, done: Callable[[], None], failed: Failed) -> None:
        """Lock the file with another master password from now on."""
        self._passwords.submit(lambda: self._credentials.change_master(old, new), lambda _: done(), failed)

    def forget_vault(self, done: Callable[[], None], failed: Failed) -> None:
        """Start again without the passwords in the file, whose master password is forgotten."""
        self._passwords.submit(self._credentials.forget_vault, lambda _: done(), failed)
