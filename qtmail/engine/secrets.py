"""What an account signs in with, wherever that comes from: one place for all backends to ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from qtmail.credentials import Credentials
from qtmail.credentials.places import incoming_purpose, one_password, same_user
from qtmail.domain.account import Account
from qtmail.domain.oauth import KNOWN_PROVIDERS, Permission
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret, SignInMethod
from qtmail.domain.token_audience import may_see_tokens
from qtmail.engine.certificates import tls_trust
from qtmail.errors import KeyringFailed, PasswordNeeded, SignInExpired, SignInFailed, TokenRefused
from qtmail.protocols.connection import TlsTrust, stays_here
from qtmail.store.store import Store

if TYPE_CHECKING:
    from qtmail.engine.tokens import Tokens

_T = TypeVar("_T")


class Secrets:
    """The passwords, tokens and certificates of accounts. Safe to use from several threads.

    Args:
        profile: the folder for the locks that keep processes apart.
        trust: whom to trust when a provider is asked for a token.
        unkept: told when a renewed permission could only be kept until the program ends.
        tokens: to use instead of one made when it is needed.
    """

    def __init__(
        self,
        credentials: Credentials,
        profile: Path,
        trust: TlsTrust,
        *,
        unkept: Callable[[Account, KeyringFailed], None] = lambda account, error: None,
        tokens: Tokens | None = None,
    ) -> None:
        self._credentials = credentials
        self._profile = profile
        self._trust = trust
        self._unkept = unkept
        self._made = tokens
        self._making = threading.Lock()

    def secret(self, account: Account, purpose: str) -> Secret:
        """What to sign in with at the server for `purpose` ("imap", "pop3" or "smtp").

        May ask the keyring, and the provider for a new token: never on the GUI thread.

        Raises:
            PasswordNeeded: no password is known.
            SignInExpired: the user has to sign in at the provider again.
            SignInFailed: the server is not one the provider's tokens are for.
            KeyringFailed, VaultLocked: the password store is broken or locked.
            ConnectionFailed, TlsFailed, ProtocolViolation, QtmailError: no new token could be had.
        """
        match account.sign_in.method:
            case SignInMethod.OAUTH:
                check_audience(account, purpose)
                return self._tokens().access_token(account)
            case SignInMethod.CERTIFICATE:
                passphrase = self._credentials.get(account, purpose) or ""
                return ClientCertificate(account.sign_in.certificate_file, passphrase)
            case SignInMethod.PASSWORD:
                password = self._credentials.get(account, purpose)
                if password is None:
                    raise _password_needed(account, purpose)
                return password

    def refused(self, account: Account, secret: Secret) -> None:
        """The server did not take this: if it is a token, the next `secret` is a new one."""
        if isinstance(secret, AccessToken):
            self._tokens().refused(account, secret)

    def keep(self, account: Account, permission: Permission, *, remember: bool) -> None:
        """The user has signed in at the provider. With `remember` False that ends with the program.

        Raises KeyringFailed, VaultLocked, StoreFailed, ConnectionFailed; the permission is then kept until
        the program ends.
        """
        self._tokens().keep(account, permission, remember=remember)

    def keep_password(
        self, account: Account, password: str, *, remember: bool, sending: bool = False
    ) -> None:
        """Use this password from now on. With `remember` False that ends with the program.

        Args:
            sending: for the server mail is handed in to; else for the one it comes from, if there is one.

        Raises KeyringFailed; the password is then kept until the program ends.
        """
        for purpose in _purposes(account, sending=sending):
            self._credentials.session(account, password, purpose)
            if remember:
                self._credentials.remember(account, password, purpose)

    def carry_over(self, before: Account, after: Account, *, keep_for: Collection[Account] = ()) -> None:
        """The settings of an account were changed: what it signs in with stays known, and what it no longer
        uses is dropped, unless one of `keep_for` does.

        Raises KeyringFailed, VaultLocked.
        """
        self._drop_token(before, (after, *keep_for))
        self._credentials.carry_over(before, after, keep_for=keep_for)

    def forget(self, account: Account, *, keep_for: Collection[Account] = ()) -> None:
        """Drop everything this account signs in with, here and in the keyring.

        Args:
            keep_for: what one of these signs in with stays.

        Raises KeyringFailed, VaultLocked.
        """
        self._drop_token(account, keep_for)
        self._credentials.forget(account, keep_for=keep_for)

    def _drop_token(self, account: Account, keep_for: Collection[Account]) -> None:
        if account.sign_in.provider and not self._credentials.shares(account, "oauth", keep_for):
            self._tokens().forget(account)

    def _tokens(self) -> Tokens:
        from qtmail.engine.tokens import Tokens  # noqa: PLC0415 - HTTP, 20 ms that passwords do without

        with self._making:
            if self._made is None:
                self._made = Tokens(self._credentials, self._profile, self._trust, unkept=self._unkept)
            return self._made

    def use(self, account: Account, purpose: str, sign_in: Callable[[Secret], _T]) -> _T:
        """What `sign_in` returns when it is given the secret.

        A token that the server refuses though it should still be good (taken back, or its clock is wrong) is
        renewed once, and `sign_in` called again.

        Raises as `secret` and `sign_in` do; SignInExpired where the new token is refused as well.
        """
        secret = self.secret(account, purpose)
        try:
            return sign_in(secret)
        except TokenRefused:
            self.refused(account, secret)
        try:
            return sign_in(self.secret(account, purpose))
        except TokenRefused as error:
            raise SignInExpired(
                f"The server of “{account.name}” does not accept the sign-in, not even a new one.",
                advice="Sign in again, in the browser, as the user this mail belongs to. Your mail stays.",
                detail=" ".join(part for part in (error.sentence, error.detail) if part),
            ) from error


def _purposes(account: Account, *, sending: bool) -> list[str]:
    """What a password given for one of an account's servers is for: also for sending in another domain, where
    the user is called the same, because nobody but the user may say so.
    """
    if sending or account.incoming is None:
        return ["smtp"]
    elsewhere = same_user(account) and not one_password(account)
    return [incoming_purpose(account), *(["smtp"] if elsewhere else [])]


def secrets_of(
    store: Store,
    credentials: Credentials,
    *,
    unkept: Callable[[Account, KeyringFailed], None] = lambda account, error: None,
) -> Secrets:
    """What the accounts of a profile sign in with.

    `unkept`: told, on any thread, when a renewed permission could only be kept until the program ends.
    """
    return Secrets(credentials, store.directory, tls_trust(store), unkept=unkept)


def check_audience(account: Account, purpose: str) -> None:
    """Raises SignInFailed if the server for this purpose must not see the tokens of the account's provider.

    A server on this computer may: it is one the user set up, to pass on what a mail program says.
    """
    server = {"imap": account.imap, "pop3": account.pop3, "smtp": account.smtp}[purpose]
    provider = account.sign_in.provider
    if server is None or stays_here(server.host) or may_see_tokens(server.host, provider):
        return
    title = KNOWN_PROVIDERS[provider].title
    raise SignInFailed(
        f"{server.host} is no server of {title}, so it was not shown the permission to open your mail there.",
        advice="Check the server in the account's settings, or choose another way to sign in.",
    )


def _password_needed(account: Account, purpose: str) -> PasswordNeeded:
    what = " for sending" if purpose == "smtp" else ""
    return PasswordNeeded(
        f"The password of “{account.name}”{what} is not known.",
        advice="Enter it to go on.",
    )
