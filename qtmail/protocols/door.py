"""From a server's address to a line that is protected as the settings demand, for every protocol.

TLS, whether from the first byte or by STARTTLS, either succeeds or ends the connection: there is no way
from here to a clear-text session but the user's own choice of Security.NONE. What a protocol says on the
way, it adds in a subclass (imap_connect, smtp_connect).
"""

from __future__ import annotations

import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, Generic, Protocol, TypeVar

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import ClientCertificate
from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, QtmailError, TlsFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.certificate_faults import certificate_failure
from qtmail.protocols.connection import TlsTrust, open_socket, tls_context
from qtmail.protocols.imap_syntax import sentence_end
from qtmail.protocols.strangers import not_the_expected
from qtmail.protocols.stream import Stream
from qtmail.protocols.wake import Wake
from qtmail.protocols.way_in import WayIn


class Conversation(Protocol):
    """What a protocol speaks over a line."""

    @property
    def stream(self) -> Stream: ...


C = TypeVar("C", bound=Conversation)


class ServerDoor(ABC, Generic[C]):
    """Opens lines to one server as its settings and the user's trust demand.

    Attributes:
        kind: what the server has to be, in words.
        tls_port: where such a server usually expects TLS from the first byte.
        way_in: how far `open` came.
    """

    kind: ClassVar[str]
    tls_port: ClassVar[int]

    def __init__(
        self,
        settings: ServerSettings,
        trust: TlsTrust,
        log: ProtocolLog,
        timeout: float,
        stop: Wake,
        client_certificate: ClientCertificate | None = None,
    ) -> None:
        self._settings = settings
        self._client_certificate = client_certificate
        self._trust = trust
        self._log = log
        self._timeout = timeout
        self._stop = stop
        self._line: Stream | None = None
        self.way_in = WayIn()

    def open(self) -> C:
        """A line the server has greeted on, encrypted as the settings say, with its capabilities known.

        Raises ConnectionFailed, TlsFailed (with the certificate, if that is what failed),
        ProtocolViolation, FileFailed (the client certificate cannot be used), Stopped.
        """
        try:
            return self._open()
        except BaseException:
            if self._line is not None:
                self._line.close()
            raise

    def _open(self) -> C:
        if self._settings.security is Security.NONE:
            conversation = self._connect()
            self._greet(conversation)
        else:
            conversation = self._open_pinned() or self._open_verified()
        self._learn_capabilities(conversation)
        return conversation

    def _read_greeting(self, conversation: C, limit: int) -> bytes:
        """The first line the server says, of at most `limit` bytes. Raises ConnectionFailed and
        ProtocolViolation, both with layer GREETING.
        """
        try:
            said = conversation.stream.read_line(limit)
        except ProtocolViolation as error:
            raise self._stranger(conversation, b"") from error
        except ConnectionFailed as error:
            raise self._no_greeting(error) from error
        self._log.received(said)
        return said

    # -- what each protocol says -------------------------------------------------------------------

    @abstractmethod
    def _converse(self, stream: Stream) -> C:
        """The conversation over a new line, with nothing said yet."""

    @abstractmethod
    def _greet(self, conversation: C) -> None:
        """Read the greeting. Raises ConnectionFailed if it turns us away, ProtocolViolation for a
        stranger."""

    @abstractmethod
    def _ask_for_tls(self, conversation: C) -> None:
        """Ask a server that has greeted in clear text to begin TLS. Raises TlsFailed if it does not."""

    @abstractmethod
    def _forget(self, conversation: C) -> None:
        """Forget what was said in clear text: it may have been forged."""

    @abstractmethod
    def _learn_capabilities(self, conversation: C) -> None:
        """Ask what the server can do, unless it has said so."""

    # -- encryption --------------------------------------------------------------------------------

    def _open_verified(self) -> C:
        try:
            context = tls_context(self._trust, client_certificate=self._client_certificate)
            conversation = self._open_encrypted(context)
        except ssl.SSLCertVerificationError as error:
            self._log.note(f"certificate refused: {error.verify_message}")
            shown = self._shown_certificate()
            raise certificate_failure(error, self._settings.host, certificate=shown) from error
        assert conversation is not None
        return conversation

    def _open_pinned(self) -> C | None:
        """The line, if the server shows a certificate that the user accepted for this host and port."""
        accepted = self._trust.accepted(self._settings.host, self._settings.port)
        if not accepted:
            return None
        context = tls_context(self._trust, verify=False, client_certificate=self._client_certificate)
        return self._open_encrypted(context, check=lambda stream: stream.fingerprint() in accepted)

    def _shown_certificate(self) -> str:
        """The certificate the server shows, as PEM: looked at on a line of its own, over which nothing is
        said."""
        shown: list[bytes] = []

        def look(stream: Stream) -> bool:
            shown.append(stream.certificate())
            return False

        with suppress(QtmailError):
            self._open_encrypted(tls_context(self._trust, verify=False), check=look)
        return ssl.DER_cert_to_PEM_cert(shown[0]) if shown else ""

    def _open_encrypted(
        self, context: ssl.SSLContext, check: Callable[[Stream], bool] | None = None
    ) -> C | None:
        """Connect, encrypt, and go on only if `check` agrees; None if it does not."""
        conversation = self._connect()
        if self._settings.security is Security.STARTTLS:
            self._begin_tls(conversation)
        conversation.stream.start_tls(context)
        if check is not None and not check(conversation.stream):
            conversation.stream.close()
            return None
        certificate = conversation.stream.certificate()
        self._trust.note(self._settings.host, self._settings.port, certificate)
        self.way_in.encrypted(conversation.stream.tls_version, certificate)
        self._forget(conversation)
        if self._settings.security is Security.TLS:
            self._greet(conversation)
        return conversation

    def _begin_tls(self, conversation: C) -> None:
        """Everything that is said in clear text, up to the server's consent."""
        try:
            self._greet(conversation)
            self._ask_for_tls(conversation)
        except QtmailError as error:
            # Anybody on the way may have said it, for instance where to renew one's password; so a sentence
            # that quotes the server, after a colon, is told without, and the quote is a technical detail.
            error.sentence, _, said = error.sentence.partition(": ")
            if said:
                error.sentence = sentence_end(error.sentence)
                error.detail = error.detail or said
            raise

    def _connect(self) -> C:
        settings = self._settings
        self._log.note(f"connecting to {settings}")
        connected = open_socket(settings.host, settings.port, self._timeout, self._stop)
        self.way_in.connected()
        self._line = Stream(connected, settings.host, settings.port, self._timeout, self._stop)
        return self._converse(self._line)

    # -- faults ------------------------------------------------------------------------------------

    def _no_tls(self, conversation: C, what: str) -> TlsFailed:
        conversation.stream.close()
        return TlsFailed(
            f"{self._settings.host} {sentence_end(what)}",
            advice="Nothing was sent. If the server offers TLS on another port "
            f"(often {self.tls_port}), choose that.",
        )

    def _no_greeting(self, error: ConnectionFailed) -> ConnectionFailed:
        advice = "Check the port."
        if self._settings.security is not Security.TLS:
            advice = "If the server expects TLS from the first byte on this port, choose TLS in the settings."
        return ConnectionFailed(error.sentence, advice=advice, detail=error.detail, layer=Layer.GREETING)

    def _stranger(self, conversation: C, said: bytes) -> ProtocolViolation:
        conversation.stream.close()
        return not_the_expected(self.kind, self._settings, said)
