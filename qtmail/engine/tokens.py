"""The access tokens of accounts: had from the provider with the refresh token, renewed in time, and kept in
memory only.

Some providers change the refresh token at every use and take the old one for stolen from then on. So of all
threads, and all processes on one profile, one renews a token at a time, and the new refresh token is in the
keyring before the access token is used. A refresh is never broken off, not even by the end of the program:
the answer would be lost, and the sign-in with it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.oauth import OAuthProvider, Permission
from qtmail.domain.sign_in import AccessToken
from qtmail.engine.oauth_providers import OAuthProviders
from qtmail.engine.oauth_sign_in import check_scope
from qtmail.errors import ConnectionFailed, KeyringFailed, SignInExpired, SignInFailed, StoreFailed
from qtmail.log import logger
from qtmail.process_lock import ProcessLock
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.oauth import AuthorizationServer, GrantRefused, TokenAnswer

_MARGIN = 60.0
"""Seconds before its end from which on a token is no longer used: the clock is not the server's, and the
sign-in takes its time."""

_LOCK_PATIENCE = 60.0
"""Seconds to wait for another process that renews the same token; longer than a refresh can take."""

_log = logger("oauth")


class Tokens:
    """Safe to use from several threads.

    Args:
        profile: the folder for the locks that keep processes apart.
        unkept: told when a new refresh token could only be kept until the program ends.
        timeout: seconds a provider may take to answer.
    """

    def __init__(
        self,
        credentials: Credentials,
        profile: Path,
        trust: TlsTrust,
        *,
        providers: OAuthProviders | None = None,
        unkept: Callable[[Account, KeyringFailed], None] = lambda account, error: None,
        timeout: float = 15.0,
    ) -> None:
        self._credentials = credentials
        self._profile = profile
        self._trust = trust
        self._providers = providers or OAuthProviders(trust)
        self._unkept = unkept
        self._timeout = timeout
        self._wallets: dict[str, _Wallet] = {}
        self._wallets_lock = threading.Lock()

    def access_token(self, account: Account) -> AccessToken:
        """A token that is good for another while, from memory or from the provider.

        Raises:
            SignInExpired: the user has to sign in again.
            KeyringFailed, VaultLocked: the refresh token cannot be read.
            ConnectionFailed: the provider was not reached; later it may be.
            TlsFailed, ProtocolViolation, QtmailError: by layer.
        """
        if not account.sign_in.provider:
            raise _not_signed_in(account)
        wallet = self._wallet(account)
        with wallet.lock:
            if not wallet.good():
                with self._one_process(wallet):
                    self._renew(account, wallet)
            return AccessToken(wallet.token)

    def refused(self, account: Account, token: AccessToken) -> None:
        """A server did not take this token: the next one is a new one, unless it is by now."""
        wallet = self._wallet(account)
        with wallet.lock:
            if wallet.token == token.value:
                wallet.token = ""

    def keep(self, account: Account, permission: Permission, *, remember: bool) -> None:
        """The user has signed in. With `remember` False the permission ends with the program.

        Raises KeyringFailed, VaultLocked, StoreFailed, ConnectionFailed; the permission is then kept until
        the program ends.
        """
        wallet = self._wallet(account)
        text = _to_text(permission)
        with wallet.lock:
            wallet.void = ""
            wallet.fill(permission.access_token, permission.expires_at - time.time())
            self._credentials.session(account, text, "oauth")
            if remember:
                # Not while another process may put what it just got for the old one in its place.
                with self._one_process(wallet):
                    self._credentials.remember(account, text, "oauth")

    def forget(self, account: Account) -> None:
        """Drop the access token; the permission itself is the keyring's."""
        wallet = self._wallet(account)
        with wallet.lock:
            wallet.token = ""

    # -- renewing ----------------------------------------------------------------------------------

    def _renew(self, account: Account, wallet: _Wallet) -> None:
        permission = self._permission(account)
        provider = self._providers.find(account.sign_in, client_secret=permission.client_secret)
        if permission.refresh_token == wallet.void:
            raise _expired(account, provider.title)
        try:
            # The program waits for this thread when it ends, as it does not for the one that asks.
            with ThreadPoolExecutor(1, "token") as to_the_end:
                answer = to_the_end.submit(self._refresh, account, wallet, provider, permission).result()
            check_scope(provider, answer)
        except SignInFailed as error:
            raise _expired(account, provider.title, error) from error
        wallet.fill(answer.access_token, answer.seconds)

    def _refresh(
        self, account: Account, wallet: _Wallet, provider: OAuthProvider, permission: Permission
    ) -> TokenAnswer:
        """Ask for a new token, and store the refresh token that comes with it."""
        answer = self._ask(account, wallet, provider, permission)
        if answer.refresh_token not in ("", permission.refresh_token):
            self._replace(account, replace(permission, refresh_token=answer.refresh_token))
        return answer

    def _ask(
        self, account: Account, wallet: _Wallet, provider: OAuthProvider, permission: Permission
    ) -> TokenAnswer:
        server = AuthorizationServer(provider, trust=self._trust, timeout=self._timeout)
        try:
            return server.refresh(permission.refresh_token)
        except GrantRefused as error:
            if error.code != "invalid_grant":
                raise
            wallet.void = permission.refresh_token
            # Another profile with this account may have renewed it at this very moment.
            newer = _from_text(self._credentials.get(account, "oauth"))
            if newer is None or newer.refresh_token == wallet.void:
                raise
            return server.refresh(newer.refresh_token)

    def _permission(self, account: Account) -> Permission:
        permission = _from_text(self._credentials.get(account, "oauth"))
        if permission is None:
            raise _not_signed_in(account)
        return permission

    def _replace(self, account: Account, permission: Permission) -> None:
        try:
            self._credentials.replace(account, _to_text(permission), "oauth")
        except KeyringFailed as error:
            _log.warning("the new refresh token of account %d is kept for this session only", account.id)
            self._unkept(account, error)

    # -- one at a time -----------------------------------------------------------------------------

    def _wallet(self, account: Account) -> _Wallet:
        """Accounts that share an entry of the keyring share what comes of it."""
        shared = f"{account.sign_in.provider}\0{self._credentials.user(account, 'oauth')}"
        name = hashlib.sha256(shared.encode()).hexdigest()[:16]
        with self._wallets_lock:
            if name not in self._wallets:
                self._wallets[name] = _Wallet(ProcessLock(self._profile / f"token-{name}.lock"))
            return self._wallets[name]

    @contextmanager
    def _one_process(self, wallet: _Wallet) -> Iterator[None]:
        deadline = time.monotonic() + _LOCK_PATIENCE
        try:
            while not wallet.process.acquire(patience=0.2):
                if time.monotonic() > deadline:
                    raise ConnectionFailed("Another qtmail has been renewing this sign-in for too long.")
        except OSError as error:
            raise StoreFailed(
                "The sign-in could not be renewed, because the profile folder cannot be written to.",
                advice="Check that the disk is not full and that you may write there.",
                detail=str(error),
            ) from error
        try:
            yield
        finally:
            wallet.process.release()


@dataclass
class _Wallet:
    """The access token of one permission.

    Attributes:
        process: held while it is renewed.
        token: "" where there is none.
        void: a refresh token that the provider no longer takes; it is not asked for it again.
    """

    process: ProcessLock
    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = field(default="", repr=False)
    void: str = field(default="", repr=False)
    _ends: tuple[float, float] = (0.0, 0.0)

    def fill(self, token: str, seconds: float) -> None:
        left = seconds - min(_MARGIN, seconds / 2)
        self.token = token
        self._ends = (time.time() + left, time.monotonic() + left)

    def good(self) -> bool:
        """By both clocks: one may be set back, and the other stands still while the computer sleeps."""
        wall, steady = self._ends
        return bool(self.token) and time.time() < wall and time.monotonic() < steady


def _not_signed_in(account: Account) -> SignInExpired:
    return SignInExpired(
        f"“{account.name}” is not signed in.", advice="Sign in, in the browser. Your mail stays."
    )


def _expired(account: Account, title: str, error: SignInFailed | None = None) -> SignInExpired:
    if error is not None and not (isinstance(error, GrantRefused) and error.code == "invalid_grant"):
        return SignInExpired(error.sentence, advice=f"{error.advice} Your mail stays.", detail=error.detail)
    return SignInExpired(
        f"{title} asks to sign in to “{account.name}” again.",
        advice="Sign in again, in the browser. Your mail stays.",
        detail=error.detail if error is not None else "",
    )


def _to_text(permission: Permission) -> str:
    """What the keyring holds of a permission; the access token is not part of it."""
    members = {"refresh_token": permission.refresh_token, "scope": permission.scope}
    if permission.client_secret:
        members["client_secret"] = permission.client_secret
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _from_text(text: str | None) -> Permission | None:
    """None for a text that is no permission: somebody changed it in the keyring."""
    try:
        members = json.loads(text or "null")
        return Permission(
            str(members["refresh_token"]),
            scope=str(members.get("scope", "")),
            client_secret=str(members.get("client_secret", "")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
