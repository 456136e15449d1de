"""One account's way to its IMAP server: opens sessions that are signed in and ready."""

from __future__ import annotations

from collections.abc import Callable

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.engine.stopping import StopToken
from qtmail.errors import PasswordNeeded
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import DEFAULT_TIMEOUT, ImapSession
from qtmail.store.store import Store


def tls_trust(store: Store) -> TlsTrust:
    """The system's trust, and the certificates the user accepted by hand."""
    return TlsTrust(accepted=store.accounts.trusted)


class ImapBackend:
    """Opens sessions for one account; the caller owns and closes them."""

    def __init__(
        self,
        account: Account,
        *,
        credentials: Credentials,
        trust: TlsTrust,
        protocol_log: ProtocolLog,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        """`timeout`: seconds a server may stay silent before the line counts as broken.

        Raises ValueError for an account without an IMAP server.
        """
        if account.imap is None:
            raise ValueError(f"account {account.id} has no IMAP server")
        self._server = account.imap
        self.account = account
        self._credentials = credentials
        self._trust = trust
        self._protocol_log = protocol_log
        self._timeout = timeout

    def open(self, *, on_created: Callable[[ImapSession], None] | None = None) -> ImapSession:
        """Connect and sign in.

        Args:
            on_created: told of the session before anything blocks, so that another thread can abort it.

        Raises:
            PasswordNeeded: no password is known; nothing was sent.
            KeyringFailed: the password store is locked or broken.
            ConnectionFailed, TlsFailed, SignInFailed, ProtocolViolation: by layer.
        """
        password = self._credentials.get(self.account)
        if password is None:
            raise PasswordNeeded(
                f"The password of “{self.account.name}” is not known.",
                advice="Enter it to go on; it can be kept in the system's password store.",
            )
        session = ImapSession(self._server, trust=self._trust, log=self._protocol_log, timeout=self._timeout)
        if on_created is not None:
            on_created(session)
        try:
            session.connect()
            session.sign_in(password)
        except BaseException:
            session.close()
            raise
        return session


class SessionHolder:
    """The session a thread is using now, so that another thread can break it off."""

    def __init__(self, stop: StopToken) -> None:
        self._stop = stop
        self._session: ImapSession | None = None

    def hold(self, session: ImapSession) -> None:
        self._session = session
        if self._stop.stopped:
            session.abort()

    def release(self) -> None:
        self._session = None

    def abort(self) -> None:
        """Break off whatever the session is doing; called from another thread after the stop token was
        set.
        """
        session = self._session
        if session is not None:
            session.abort()
