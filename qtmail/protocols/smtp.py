"""One SMTP session: everything qtmail asks of a server that takes outgoing mail (RFC 5321, RFC 6409).

    SmtpSession          this file: the verbs
      SmtpDoor           smtp_connect: address → greeted, encrypted line, EHLO (door: what IMAP does the same)
      sign_in            smtp_sign_in: AUTH (sasl: the mechanisms of all protocols)
      send               smtp_transaction: MAIL, RCPT, DATA or BDAT (smtp_data: its bytes)
    SmtpDialogue         smtp_dialogue: commands, replies (smtp_syntax, smtp_values)
      Stream             stream: bytes, time limits, abort

smtplib is not used. It waits for the reply to each command, knows no BDAT, holds the whole message in memory
several times, buffers clear text across STARTTLS and cannot be broken off by another thread. Above all it
does not say when a message was handed over: whether its last byte was sent before a line broke decides
between sending it again and asking the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType

from qtmail.domain.account import ServerSettings
from qtmail.domain.sign_in import ClientCertificate, Secret
from qtmail.errors import QtmailError, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols import smtp_sign_in, smtp_transaction
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.quirks import Quirks, quirks_for
from qtmail.protocols.session import Session
from qtmail.protocols.smtp_connect import SmtpDoor
from qtmail.protocols.smtp_dialogue import SmtpDialogue
from qtmail.protocols.smtp_values import (
    RecipientResult,
    SendResult,
    SendTimeouts,
    SmtpEnvelope,
    SmtpOffers,
    SmtpReply,
)

__all__ = [
    "RecipientResult",
    "SendResult",
    "SendTimeouts",
    "SmtpEnvelope",
    "SmtpOffers",
    "SmtpReply",
    "SmtpSession",
]

DEFAULT_TIMEOUT = 60.0
"""Seconds without a byte, while nothing is being sent, after which the line counts as broken."""


class SmtpSession(Session[SmtpDialogue]):
    """One connection to one server, once, from greeting to QUIT; any number of messages in between. Used by
    one thread; `abort` by any.

    Every method may raise ConnectionFailed (the line broke, timed out, or the server said 421),
    ProtocolViolation (the server makes no sense) and Stopped (after `abort`); `closed` then tells whether
    the session can still be used. The owner closes it (`quit`, `close`, or a `with` block).
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        trust: TlsTrust,
        log: ProtocolLog,
        timeout: float = DEFAULT_TIMEOUT,
        allow_clear_password: bool = False,
        client_certificate: ClientCertificate | None = None,
        quirks: Quirks | None = None,
        timeouts: SendTimeouts | None = None,
    ) -> None:
        """`allow_clear_password`: the user agreed that everybody on the way may read it.

        `client_certificate`: shown to the server where it asks for one, while the line is encrypted.

        `timeouts`: for the steps of `send`, which may take longer than `timeout`.
        """
        super().__init__()
        self.settings = settings
        self._allow_clear_password = allow_clear_password
        self._quirks = quirks if quirks is not None else quirks_for(settings.host)
        self._timeouts = timeouts or SendTimeouts()
        self._door = SmtpDoor(settings, trust, log, timeout, self._stop, client_certificate)

    # -- what is known of it -----------------------------------------------------------------------

    @property
    def offers(self) -> SmtpOffers:
        """What the server says it can do."""
        return self._opened.offers if self._opened else SmtpOffers()

    # -- beginning ---------------------------------------------------------------------------------

    def connect(self) -> None:
        """Open the line, encrypted as the settings demand, and learn what the server can do.

        Raises ConnectionFailed (layers NAME_LOOKUP, CONNECTION, GREETING, CAPABILITY), TlsFailed with the
        server's certificate, ProtocolViolation with layer GREETING if something else than an SMTP server
        answers, Stopped.
        """
        self._opened = self._door.open()

    def sign_in(self, secret: Secret) -> None:
        """Sign in; nothing is done where the settings name no user.

        Raises SignInFailed with the server's words in `detail` (TokenRefused where it refused a token,
        ClearPasswordRefused where nothing was sent), TlsFailed.
        """
        smtp_sign_in.sign_in(
            self._ready(),
            self.settings,
            secret,
            self._quirks,
            allow_clear_password=self._allow_clear_password,
        )

    # -- messages ----------------------------------------------------------------------------------

    def send(
        self,
        envelope: SmtpEnvelope,
        message: Iterable[bytes],
        *,
        before_end: Callable[[tuple[RecipientResult, ...]], None],
    ) -> SendResult:
        """Hand a message in.

        Whatever the server decides is a result, and the session can go on after it unless `closed`. So is
        what its offers already rule out (size, 8-bit, internationalised addresses): then nothing was sent.

        Args:
            message: its bytes with CRLF line ends, in pieces. What it raises is raised, and nothing is
                delivered.
            before_end: called, with what the server said of each recipient, when all of the message is on
                the wire but what completes it: the place to note durably that it is handed over. What it
                raises is raised, and nothing is delivered.

        Raises:
            MessageUnsendable: a bad address, or bytes that cannot be sent safely; nothing is delivered.
            ConnectionFailed, ProtocolViolation: before `before_end` was called or returned; nothing is
                delivered.
            HandedOver: after it; nobody knows whether it will be delivered.
            Stopped: at any time; what is known is whether `before_end` was called.
        """
        return smtp_transaction.send(self._ready(), envelope, message, before_end, self._timeouts)

    def noop(self) -> None:
        """Make sure that the server is still there; any reply but 421 proves it."""
        self._ready().ask(b"NOOP")

    # -- the end -----------------------------------------------------------------------------------

    def quit(self) -> None:
        """Say goodbye and close; a server that is not there any more is not waited for."""
        if not self.closed:
            with suppress(QtmailError, Stopped):
                dialogue = self._ready()
                with dialogue.patience(2.0):
                    dialogue.ask(b"QUIT")
        self.close()

    def __enter__(self) -> SmtpSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.quit() if error is None else self.close()

    def _ready(self) -> SmtpDialogue:
        if self._opened is None:
            raise RuntimeError("connect() first")
        return self._opened
