"""From an IMAP server's address to a protected line on which it has greeted (RFC 9051 sections 6.2.1, 7.1,
11)."""

from __future__ import annotations

from qtmail.domain.account import ServerSettings
from qtmail.domain.sign_in import ClientCertificate
from qtmail.errors import ConnectionFailed, Layer, ServerRefused
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.door import ServerDoor
from qtmail.protocols.imap_dialogue import Dialogue
from qtmail.protocols.imap_refusals import turned_away
from qtmail.protocols.imap_syntax import Response, parse_code, parse_untagged, sentence_end
from qtmail.protocols.imap_updates import UpdatesNote
from qtmail.protocols.stream import Stream
from qtmail.protocols.wake import Wake

_GREETING_LIMIT = 8192


class Door(ServerDoor[Dialogue]):
    """Opens lines to one IMAP server.

    Attributes:
        preauthenticated: True if the greeting said that no sign-in is needed (PREAUTH).
    """

    kind = "an IMAP server"
    tls_port = 993

    def __init__(
        self,
        settings: ServerSettings,
        trust: TlsTrust,
        log: ProtocolLog,
        timeout: float,
        stop: Wake,
        client_certificate: ClientCertificate | None = None,
    ) -> None:
        super().__init__(settings, trust, log, timeout, stop, client_certificate)
        self.preauthenticated = False

    def _converse(self, stream: Stream) -> Dialogue:
        return Dialogue(stream, self._settings.host, self._log)

    def _greet(self, dialogue: Dialogue) -> None:
        text = self._read_greeting(dialogue, _GREETING_LIMIT)
        untagged = parse_untagged(Response(text))
        if untagged is None or untagged.name not in (b"OK", b"PREAUTH", b"BYE", b"NO", b"BAD"):
            raise self._stranger(dialogue, text)
        code, arguments, greeting = parse_code(untagged.text)
        if untagged.name not in (b"OK", b"PREAUTH"):
            dialogue.stream.close()
            raise turned_away(untagged.text, self._settings.host)
        self.way_in.greeted(text)
        self.preauthenticated = untagged.name == b"PREAUTH"
        if code == b"CAPABILITY":
            dialogue.learn_capabilities(arguments)
        elif code == b"ALERT":
            dialogue.updates.alert(greeting)

    def _ask_for_tls(self, dialogue: Dialogue) -> None:
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

    def _forget(self, dialogue: Dialogue) -> None:
        dialogue.capabilities = frozenset()
        dialogue.capabilities_told = False
        dialogue.updates = UpdatesNote()  # alerts, and mailbox data that no server sends before a sign-in

    def _learn_capabilities(self, dialogue: Dialogue) -> None:
        if not dialogue.capabilities:
            try:
                dialogue.complete(dialogue.submit(b"CAPABILITY", doing="say what it can do"))
            except (ServerRefused, ConnectionFailed) as error:
                error.layer = Layer.CAPABILITY
                raise
