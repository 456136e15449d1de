"""From a POP3 server's address to a protected line on which it has told what it can do (RFC 1939 section 4,
RFC 2449 section 5, RFC 2595 section 4, RFC 8314)."""

from __future__ import annotations

from qtmail.errors import ConnectionFailed, Layer, Retry
from qtmail.protocols.door import ServerDoor
from qtmail.protocols.imap_syntax import sentence_end
from qtmail.protocols.pop3_dialogue import LINE_LIMIT, Pop3Dialogue
from qtmail.protocols.pop3_syntax import parse_capabilities, parse_reply, parse_timestamp
from qtmail.protocols.pop3_values import Pop3Capabilities, Pop3Reply
from qtmail.protocols.stream import Stream

_CAPABILITY_LINES = 500


class Pop3Door(ServerDoor[Pop3Dialogue]):
    """Opens lines to one POP3 server."""

    kind = "a POP3 server"
    tls_port = 995

    def _converse(self, stream: Stream) -> Pop3Dialogue:
        return Pop3Dialogue(stream, self._settings.host, self._log)

    def _greet(self, dialogue: Pop3Dialogue) -> None:
        said = self._read_greeting(dialogue, LINE_LIMIT)
        reply = parse_reply(said)
        if reply is None:
            raise self._stranger(dialogue, said)
        if not reply.positive:
            raise self._turned_away(dialogue, reply)
        self.way_in.greeted(said)
        dialogue.timestamp = parse_timestamp(said)

    def _turned_away(self, dialogue: Pop3Dialogue, reply: Pop3Reply) -> ConnectionFailed:
        dialogue.stream.close()
        advice = "It may be overloaded or under repair: try again later."
        if reply.about("IN-USE"):
            advice = "Close other programs that use this account, or wait a little."
        elif reply.about("SYS/PERM"):
            advice = "Ask the server's owner."
        return ConnectionFailed(
            f"{self._settings.host} turned the connection away: {sentence_end(reply.text)}",
            advice=advice,
            detail=str(reply),
            layer=Layer.GREETING,
        )

    def _learn_capabilities(self, dialogue: Pop3Dialogue) -> None:
        if not dialogue.asked:
            try:
                learn_capabilities(dialogue)
            except ConnectionFailed as error:
                error.layer = Layer.CAPABILITY
                raise

    def _ask_for_tls(self, dialogue: Pop3Dialogue) -> None:
        self._learn_capabilities(dialogue)
        if not dialogue.capabilities.stls:
            raise self._no_tls(dialogue, "does not offer encryption (STLS)")
        reply = dialogue.ask(b"STLS")
        if not reply.positive:
            fault = self._no_tls(dialogue, f"refused to begin encryption: {sentence_end(reply.text)}")
            fault.retry = Retry.LATER if reply.about("SYS/TEMP") else fault.retry
            raise fault

    def _forget(self, dialogue: Pop3Dialogue) -> None:
        dialogue.capabilities = Pop3Capabilities()
        dialogue.asked = False
        dialogue.timestamp = b""


def learn_capabilities(dialogue: Pop3Dialogue) -> None:
    """Ask what the server can do; one that does not know the question keeps the usual assumptions."""
    reply = dialogue.ask(b"CAPA")
    dialogue.asked = True
    if reply.positive:
        lines = dialogue.lines(_CAPABILITY_LINES)
        for line in lines:
            dialogue.log.received(line)
        dialogue.capabilities = parse_capabilities(lines)
