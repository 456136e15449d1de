"""One account's way to its IMAP server: opens sessions that are signed in and ready."""

from __future__ import annotations

from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.sign_in import Secret
from qtmail.engine.secrets import Secrets
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import DEFAULT_TIMEOUT, ImapSession
from qtmail.protocols.sign_in import certificate_in


class ImapBackend:
    """Opens sessions for one account; the caller owns and closes them."""

    def __init__(
        self,
        account: Account,
        *,
        secrets: Secrets,
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
        self._secrets = secrets
        self._trust = trust
        self._protocol_log = protocol_log
        self._timeout = timeout

    def open(self, *, on_created: Callable[[ImapSession], None] = lambda session: None) -> ImapSession:
        """Connect and sign in.

        Args:
            on_created: told of the session before anything blocks, so that another thread can abort it.

        Raises:
            PasswordNeeded, SignInExpired: there is nothing to sign in with; nothing was sent.
            KeyringFailed: the password store is locked or broken.
            ConnectionFailed, TlsFailed, SignInFailed, ProtocolViolation: by layer.
        """
        return self._secrets.use(self.account, "imap", lambda secret: self._open(secret, on_created))

    def _open(self, secret: Secret, on_created: Callable[[ImapSession], None]) -> ImapSession:
        server = self._server
        session = ImapSession(
            server,
            trust=self._trust,
            log=self._protocol_log,
            timeout=self._timeout,
            allow_clear_password=self._trust.clear_allowed(server.host, server.port),
            client_certificate=certificate_in(secret),
        )
        on_created(session)
        try:
            session.connect()
            session.sign_in(secret)
        except BaseException:
            session.close()
            raise
        return session
