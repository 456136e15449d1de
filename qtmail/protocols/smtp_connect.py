"""From an SMTP server's address to a protected line on which it has told what it can do (RFC 5321 sections
3.1, 3.2, 4.1.1.1; RFC 3207; RFC 8314)."""

from __future__ import annotations

import re

from qtmail.errors import ConnectionFailed, Layer, Retry
from qtmail.protocols.door import ServerDoor
from qtmail.protocols.imap_syntax import sentence_end
from qtmail.protocols.smtp_dialogue import LINE_LIMIT, SmtpDialogue
from qtmail.protocols.smtp_syntax import make_reply, parse_offers, parse_reply_line
from qtmail.protocols.smtp_values import SmtpOffers
from qtmail.protocols.strangers import FTP_GREETING
from qtmail.protocols.stream import Stream

_READY = 220
_FTP = re.compile(FTP_GREETING.encode(), re.IGNORECASE)
_LOOPBACK = "127.0.0.1"


class SmtpDoor(ServerDoor[SmtpDialogue]):
    """Opens lines to one SMTP server."""

    kind = "an SMTP server"
    tls_port = 465

    def _converse(self, stream: Stream) -> SmtpDialogue:
        return SmtpDialogue(stream, self._settings.host, self._log)

    def _greet(self, dialogue: SmtpDialogue) -> None:
        said = self._read_greeting(dialogue, LINE_LIMIT)
        line = parse_reply_line(said)
        if line is None or (line.code < 400 and line.code != _READY) or _FTP.match(said):
            raise self._stranger(dialogue, said)
        texts = [line.text]
        if line.more:
            texts += self._rest_of_greeting(dialogue, line.code)
        if line.code != _READY:
            raise self._turned_away(dialogue, line.code, texts)
        self.way_in.greeted(said)

    def _rest_of_greeting(self, dialogue: SmtpDialogue, code: int) -> list[bytes]:
        rest_code, texts = dialogue.read()
        if rest_code != code:
            raise dialogue.violation(f"changed its greeting from {code} to {rest_code} half-way")
        return texts

    def _turned_away(self, dialogue: SmtpDialogue, code: int, texts: list[bytes]) -> ConnectionFailed:
        dialogue.stream.close()
        reply = make_reply(code, texts)
        return ConnectionFailed(
            f"{self._settings.host} turned the connection away: {sentence_end(reply.text)}",
            advice="It takes no mail from the network this computer is in, or from anybody."
            if reply.permanent
            else "It may be overloaded or under repair: try again later.",
            detail=str(reply),
            layer=Layer.GREETING,
        )

    def _learn_capabilities(self, dialogue: SmtpDialogue) -> None:
        if dialogue.greeted:
            return
        try:
            dialogue.offers = self._introduce(dialogue)
        except ConnectionFailed as error:
            error.layer = Layer.CAPABILITY
            raise
        dialogue.greeted = True

    def _introduce(self, dialogue: SmtpDialogue) -> SmtpOffers:
        """EHLO, else HELO; a server that refuses the name is given the next one."""
        for greeting in _greetings(dialogue.stream.local_address):
            dialogue.submit(greeting)
            code, lines = dialogue.read()
            reply = make_reply(code, lines)
            if code == 250:
                return parse_offers(lines if greeting.startswith(b"EHLO") else lines[:1])
            if not reply.permanent:
                break
        dialogue.stream.close()
        raise ConnectionFailed(
            f"{self._settings.host} does not want to speak with this program: {sentence_end(reply.text)}",
            advice="Try again later; if it goes on, ask the server's owner.",
            detail=str(reply),
        )

    def _ask_for_tls(self, dialogue: SmtpDialogue) -> None:
        self._learn_capabilities(dialogue)
        if not dialogue.offers.starttls:
            raise self._no_tls(dialogue, "does not offer encryption (STARTTLS)")
        reply = dialogue.ask(b"STARTTLS")
        if reply.code != _READY:
            fault = self._no_tls(dialogue, f"refused to begin encryption: {sentence_end(reply.text)}")
            fault.retry = Retry.LATER if reply.transient else fault.retry
            raise fault

    def _forget(self, dialogue: SmtpDialogue) -> None:
        dialogue.offers = SmtpOffers()
        dialogue.greeted = False


def _greetings(own_address: str) -> list[bytes]:
    """How to introduce ourselves, best first.

    The name ends up in the header of every message sent. So the first to be tried is one that tells nobody
    what this computer is called, or its address in the local network; only a server that refuses it gets the
    address literal that RFC 5321 section 4.1.4 asks for.
    """
    anonymous, own = _literal(_LOOPBACK), _literal(own_address)
    return list(dict.fromkeys((b"EHLO " + anonymous, b"EHLO " + own, b"HELO " + own)))


def _literal(address: str) -> bytes:
    """An IP address as RFC 5321 section 4.1.3 writes it, without the name of the interface."""
    plain = address.partition("%")[0]
    return f"[IPv6:{plain}]".encode() if ":" in plain else f"[{plain}]".encode()
