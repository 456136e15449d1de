"""One account's way to the server mail is handed in to: opens sessions that are signed in and ready."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security
from qtmail.errors import PasswordNeeded
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.smtp import DEFAULT_TIMEOUT, SendTimeouts, SmtpSession
from qtmail.store.store import Store


class SmtpBackend:
    """Opens sessions for one account; the caller owns and closes them."""

    def __init__(
        self,
        account: Account,
        store: Store,
        *,
        credentials: Credentials,
        trust: TlsTrust,
        protocol_log: ProtocolLog,
        timeout: float = DEFAULT_TIMEOUT,
        timeouts: SendTimeouts | None = None,
    ) -> None:
        """`timeout`: seconds a server may stay silent before the line counts as broken; `timeouts`: the same
        for the steps of sending.

        Raises ValueError for an account without an SMTP server.
        """
        if account.smtp is None:
            raise ValueError(f"account {account.id} has no SMTP server")
        self.account = account
        self._server = account.smtp
        self._store = store
        self._credentials = credentials
        self._trust = trust
        self._protocol_log = protocol_log
        self._timeout = timeout
        self._timeouts = timeouts

    def open(self, *, on_created: Callable[[SmtpSession], None] = lambda session: None) -> SmtpSession:
        """Connect and, where the account has a user name there, sign in.

        Args:
            on_created: told of the session before anything blocks, so that another thread can abort it.

        Raises:
            PasswordNeeded: no password is known; nothing was sent.
            KeyringFailed: the password store is locked or broken.
            ConnectionFailed, TlsFailed, SignInFailed, ProtocolViolation: by layer.
        """
        server = self._server
        password = self._credentials.get(self.account, "smtp") if server.user else None
        # Over a clear line there are relays that ask nobody for a password.
        if server.user and password is None and server.security is not Security.NONE:
            raise self._password_needed()
        session = SmtpSession(
            server,
            trust=self._trust,
            log=self._protocol_log,
            timeout=self._timeout,
            timeouts=self._timeouts,
            allow_clear_password=_stays_here(server.host)
            or self._store.accounts.clear_allowed(server.host, server.port),
        )
        on_created(session)
        try:
            session.connect()
            if password is not None:
                session.sign_in(password)
            elif server.user and session.offers.mechanisms:
                raise self._password_needed()
        except BaseException:
            session.close()
            raise
        return session

    def _password_needed(self) -> PasswordNeeded:
        return PasswordNeeded(
            f"The password of “{self.account.name}” for sending is not known.",
            advice="Enter it to go on; it can be kept in the system's password store.",
        )


def _stays_here(host: str) -> bool:
    """Whether the line to this host never leaves the computer."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
