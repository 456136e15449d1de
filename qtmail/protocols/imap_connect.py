"""From a server's address to a protected line on which the server has greeted (RFC 9051 sections 6.2.1,
7.1, 11).

TLS, whether from the first byte or by STARTTLS, either succeeds or ends the connection: there is no way
from here to a clear-text session but the user's own choice of Security.NONE.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from contextlib import suppress

from qtmail.domain.account import Security, ServerSettings
from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, QtmailError, ServerRefused, TlsFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust, open_socket, tls_context
from qtmail.protocols.failures import certificate_failure
from qtmail.protocols.imap_dialogue import Dialogue
from qtmail.protocols.imap_refusals import turned_away
from qtmail.protocols.imap_syntax import Response, parse_code, parse_untagged, sentence_end, words
from qtmail.protocols.stream import Stream
from qtmail.protocols.wake import Wake

_GREETING_LIMIT = 8192
_CHECK = "Check the server name and the port in the account's settings."
_STRANGERS: tuple[tuple[str, str, str], ...] = (
    (
        r"HTTP/|<!doctype|<html|<head",
        " but a web server (perhaps the sign-in page of a public network)",
        f"On a public network, sign in to it with a web browser first. {_CHECK}",
    ),
    (r"\+OK|-ERR", " but a POP3 server", _CHECK),
    (r"220[ -].*(SMTP|mail)|220[ -]|[45]\d\d[ -]", " but an SMTP or FTP server", _CHECK),
    (r"SSH-", " but an SSH server", _CHECK),
    (
        r"\x15\x03|\x16\x03",
        " but one that expects TLS from the first byte",
        "Choose TLS in the account's settings.",
    ),
    ("", "", _CHECK),
)
"""How what is not an IMAP server begins to speak, what it is, and what to do; the first that matches."""


class Door:
    """Opens lines to one server as its settings and the user's trust demand.

    Attributes:
        preauthenticated: True if the greeting said that no sign-in is needed (PREAUTH).
    """

    def __init__(
        self, settings: ServerSettings, trust: TlsTrust, log: ProtocolLog, timeout: float, stop: Wake
    ) -> None:
        self._settings = settings
        self._trust = trust
        self._log = log
        self._timeout = timeout
        self._stop = stop
        self._line: Stream | None = None
        self.preauthenticated = False

    def open(self) -> Dialogue:
        """A line the server has greeted on, encrypted as the settings say, with its capabilities known.

        Raises ConnectionFailed, TlsFailed (with the certificate, if that is what failed),
        ProtocolViolation, Stopped.
        """
        try:
            return self._open()
        except BaseException:
            if self._line is not None:
                self._line.close()
            raise

    def _open(self) -> Dialogue:
        if self._settings.security is Security.NONE:
            dialogue = self._connect()
            self._greet(dialogue)
        else:
            dialogue = self._open_pinned() or self._open_verified()
        self._learn_capabilities(dialogue)
        return dialogue

    def _learn_capabilities(self, dialogue: Dialogue) -> None:
        if not dialogue.capabilities:
            try:
                dialogue.complete(dialogue.submit(b"CAPABILITY", doing="say what it can do"))
            except (ServerRefused, ConnectionFailed) as error:
                error.layer = Layer.CAPABILITY
                raise

    def _open_verified(self) -> Dialogue:
        try:
            dialogue = self._open_encrypted(tls_context(self._trust))
        except ssl.SSLCertVerificationError as error:
            settings = self._settings
            self._log.note(f"certificate refused: {error.verify_message}")
            raise certificate_failure(
                error, settings.host, settings.port, certificate=self._shown_certificate()
            ) from error
        assert dialogue is not None
        return dialogue

    def _open_pinned(self) -> Dialogue | None:
        """The line, if the server shows a certificate that the user accepted for this host and port."""
        accepted = self._trust.accepted(self._settings.host, self._settings.port)
        if not accepted:
            return None
        return self._open_encrypted(
            tls_context(self._trust, verify=False), check=lambda stream: stream.fingerprint() in accepted
        )

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
    ) -> Dialogue | None:
        """Connect, encrypt, and go on only if `check` agrees; None if it does not."""
        dialogue = self._connect()
        if self._settings.security is Security.STARTTLS:
            self._ask_for_tls(dialogue)
        dialogue.stream.start_tls(context)
        if check is not None and not check(dialogue.stream):
            dialogue.stream.close()
            return None
        dialogue.capabilities = frozenset()  # what was said in clear text may have been forged
        if self._settings.security is Security.TLS:
            self._greet(dialogue)
        return dialogue

    def _connect(self) -> Dialogue:
        settings = self._settings
        self._log.note(f"connecting to {settings}")
        connected = open_socket(settings.host, settings.port, self._timeout, self._stop)
        self._line = Stream(connected, settings.host, settings.port, self._timeout, self._stop)
        return Dialogue(self._line, settings.host, self._log)

    def _ask_for_tls(self, dialogue: Dialogue) -> None:
        self._greet(dialogue)
        if self.preauthenticated:
            # A signed-in session cannot begin TLS: whoever forges this greeting gets everything in clear
            # text.
            raise self._no_tls(dialogue, "claims that no sign-in is needed, which rules out encryption")
        self._learn_capabilities(dialogue)
        if not dialogue.offers("STARTTLS"):
            raise self._no_tls(dialogue, "does not offer encryption (STARTTLS)")
        pending = dialogue.submit(b"STARTTLS", doing="begin encryption")
        for _ in dialogue.answers(pending):
            pass
        if pending.refused:
            raise self._no_tls(dialogue, f"refused to begin encryption: {sentence_end(pending.text)}")

    def _no_tls(self, dialogue: Dialogue, what: str) -> TlsFailed:
        dialogue.stream.close()
        return TlsFailed(
            f"{self._settings.host} {sentence_end(what)}",
            advice="Nothing was sent. If the server offers TLS on another port (often 993), choose that.",
        )

    def _greet(self, dialogue: Dialogue) -> None:
        """Read the greeting. Raises ConnectionFailed for BYE, ProtocolViolation for what is not IMAP."""
        try:
            text = dialogue.stream.read_line(_GREETING_LIMIT)
        except ProtocolViolation as error:
            raise self._stranger(dialogue, b"") from error
        except ConnectionFailed as error:
            raise self._no_greeting(error) from error
        dialogue.log.received(text)
        untagged = parse_untagged(Response(text))
        if untagged is None or untagged.name not in (b"OK", b"PREAUTH", b"BYE", b"NO", b"BAD"):
            raise self._stranger(dialogue, text)
        code, arguments, greeting = parse_code(untagged.text)
        if untagged.name not in (b"OK", b"PREAUTH"):
            dialogue.stream.close()
            raise turned_away(untagged.text, self._settings.host)
        self.preauthenticated = untagged.name == b"PREAUTH"
        if code == b"CAPABILITY":
            dialogue.learn_capabilities(arguments)
        elif code == b"ALERT":
            dialogue.updates.alert(greeting)

    def _no_greeting(self, error: ConnectionFailed) -> ConnectionFailed:
        advice = "Check the port."
        if self._settings.security is not Security.TLS:
            advice = "If the server expects TLS from the first byte on this port, choose TLS in the settings."
        return ConnectionFailed(error.sentence, advice=advice, detail=error.detail, layer=Layer.GREETING)

    def _stranger(self, dialogue: Dialogue, text: bytes) -> ProtocolViolation:
        dialogue.stream.close()
        shown = text.decode("latin-1")
        matching = (what for what in _STRANGERS if re.match(what[0], shown, re.IGNORECASE))
        _, kind, advice = next(matching)
        settings = self._settings
        return ProtocolViolation(
            f"What answers at {settings.host}, port {settings.port}, is not an IMAP server{kind}.",
            advice=advice,
            detail=words(text)[:200],
            layer=Layer.GREETING,
        )
