"""One account's way to the server mail is handed in to: opens sessions that are signed in and ready."""

from __future__ import annotations

from collections.abc import Callable

from qtmail.domain.account import Account, Security
from qtmail.domain.sign_in import Secret
from qtmail.engine.secrets import Secrets
from qtmail.errors import PasswordNeeded
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.sign_in import certificate_in
from qtmail.protocols.smtp import DEFAULT_TIMEOUT, SendTimeouts, SmtpSession


class SmtpBackend:
    """Opens sessions for one account; the caller owns and closes them."""

    def __init__(
        self,
        account: Account,
        *,
        secrets: Secrets,
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
        self._secrets = secrets
        self._trust = trust
        self._protocol_log = protocol_log
        self._timeout = timeout
        self._timeouts = timeouts

    def open(self, *, on_created: Callable[[SmtpSession], None] = lambda session: None) -> SmtpSession:
        """Connect and, where the account has a user name there, sign in.

        Args:
            on_created: told of the session before anything blocks, so that another thread can abort it.

        Raises:
            PasswordNeeded, SignInExpired: there is nothing to sign in with; nothing was sent.
            KeyringFailed: the password store is locked or broken.
            ConnectionFailed, TlsFailed, SignInFailed, ProtocolViolation: by layer.
        """
        if not self._server.user:
            return self._open(None, None, on_created)
        try:
            return self._secrets.use(
                self.account, "smtp", lambda secret: self._open(secret, None, on_created)
            )
        except PasswordNeeded as needed:
            # Over a clear line there are relays that ask nobody for a password.
            if self._server.security is not Security.NONE:
                raise
            return self._open(None, needed, on_created)

    def _open(
        self,
        secret: Secret | None,
        needed: PasswordNeeded | None,
        on_created: Callable[[SmtpSession], None],
    ) -> SmtpSession:
        """`needed`: raised if the server wants a sign-in and there is no secret."""
        server = self._server
        session = SmtpSession(
            server,
            trust=self._trust,
            log=self._protocol_log,
            timeout=self._timeout,
            timeouts=self._timeouts,
            allow_clear_password=self._trust.clear_allowed(server.host, server.port),
            client_certificate=certificate_in(secret),
        )
        on_created(session)
        try:
            session.connect()
            if secret is not None:
                session.sign_in(secret)
            elif needed is not None and session.offers.mechanisms:
                raise needed
        except BaseException:
            session.close()
            raise
        return session
