"""One account's way to its POP3 server: opens sessions that are signed in and ready."""

from __future__ import annotations

from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.sign_in import Secret
from qtmail.engine.secrets import Secrets
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.pop3 import DEFAULT_TIMEOUT, Pop3Session
from qtmail.protocols.sign_in import certificate_in


class Pop3Backend:
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

        Raises ValueError for an account without a POP3 server.
        """
        if account.pop3 is None:
            raise ValueError(f"account {account.id} has no POP3 server")
        self.account = account
        self._server = account.pop3
        self._secrets = secrets
        self._trust = trust
        self._protocol_log = protocol_log
        self._timeout = timeout

    def open(self, *, on_created: Callable[[Pop3Session], None] = lambda session: None) -> Pop3Session:
        """Connect and sign in.

        Args:
            on_created: told of the session before anything blocks, so that another thread can abort it.

        Raises:
            PasswordNeeded, SignInExpired, KeyringFailed: there is nothing to sign in with; nothing was sent.
            Pop3Refused: the mailbox is in use, or was looked at a moment ago.
            ConnectionFailed, TlsFailed, SignInFailed, ProtocolViolation: by layer.
        """
        return self._secrets.use(self.account, "pop3", lambda secret: self._open(secret, on_created))

    def _open(self, secret: Secret, on_created: Callable[[Pop3Session], None]) -> Pop3Session:
        server = self._server
        session = Pop3Session(
            server,
            trust=self._trust,
            log=self._protocol_log,
            timeout=self._timeout,
            allow_clear_password=self._trust.clear_allowed(server.host, server.port),
            apop=self.account.pop3_policy.apop,
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
