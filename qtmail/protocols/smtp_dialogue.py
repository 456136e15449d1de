"""Commands out, replies in: the conversation beneath an SMTP session (RFC 5321 section 4.2).

A reply carries no tag, so everything rests on its order: whatever cannot be understood ends the session,
because nobody could tell any more which reply belongs to which command.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qtmail.errors import ConnectionFailed, ProtocolViolation
from qtmail.log import ProtocolLog
from qtmail.protocols.imap_syntax import sentence_end, words
from qtmail.protocols.smtp_syntax import make_reply, parse_reply_line
from qtmail.protocols.smtp_values import SmtpOffers, SmtpReply
from qtmail.protocols.stream import Stream

CLOSING = 421
"""The server ends the connection, whatever it was asked (RFC 5321 section 3.8)."""
LINE_LIMIT = 8192
"""Bytes in one line of a reply; the standard allows 512."""
LINES_LIMIT = 500
"""Lines in one reply."""


class SmtpDialogue:
    """The conversation with one server.

    Attributes:
        offers: what the server says it can do; forgotten when TLS begins.
        greeted: EHLO or HELO was answered on this line as it is now.
    """

    def __init__(self, stream: Stream, host: str, log: ProtocolLog) -> None:
        self.stream = stream
        self.host = host
        self.log = log
        self.offers = SmtpOffers()
        self.greeted = False

    def submit(self, command: bytes, *, shown: bytes | None = None) -> None:
        """Put a command into the next burst; `shown` is logged in place of one that holds a secret."""
        self.log.sent(command, shown=shown)
        self.stream.write(command + b"\r\n")

    def ask(self, command: bytes, *, shown: bytes | None = None) -> SmtpReply:
        """Send the burst, with this command as its last, and read one reply."""
        self.submit(command, shown=shown)
        return self.reply()

    def reply(self) -> SmtpReply:
        """Send the burst and read the next reply.

        Raises ConnectionFailed if it says that the server closes the connection (421).
        """
        reply = self.final_reply()
        if reply.code == CLOSING:
            raise ConnectionFailed(
                f"{self.host} ended the connection: {sentence_end(reply.text)}", detail=str(reply)
            )
        return reply

    def final_reply(self) -> SmtpReply:
        """The same for the reply that decides about a message: 421 closes the line, and is returned."""
        code, lines = self.read()
        if code == CLOSING:
            self.stream.close()
        return make_reply(code, lines)

    def read(self) -> tuple[int, list[bytes]]:
        """Send the burst and read one reply: its code, and its lines without it."""
        self.stream.flush()
        lines: list[bytes] = []
        code, more = 0, True
        while more:
            said = self.stream.read_line(LINE_LIMIT)
            # With a challenge of a sign-in others could try passwords until one fits.
            self.log.received(b"334 ***" if said.startswith(b"334") else said)
            line = parse_reply_line(said)
            if line is None:
                raise self.violation("sent something that is not SMTP", detail=words(said)[:200])
            if lines and line.code != code:
                raise self.violation(f"changed its reply from {code} to {line.code} half-way")
            if len(lines) == LINES_LIMIT:
                raise self.violation(f"sent a reply of more than {LINES_LIMIT} lines")
            code, more = line.code, line.more
            lines.append(line.text)
        return code, lines

    def violation(self, what: str, *, detail: str = "") -> ProtocolViolation:
        """Close the line; the error to raise says that the server did `what`."""
        self.stream.close()
        self.log.note(f"closed the connection: the server {what}")
        return ProtocolViolation(
            f"{self.host} {what}.",
            advice="If this happens again and again, a virus scanner or proxy may be changing what is sent; "
            "else tell the provider.",
            detail=detail,
        )

    def unexpected(self, reply: SmtpReply, command: str) -> ProtocolViolation:
        """The error for a reply that makes no sense after this command."""
        return self.violation(f"answered {command} with a reply that makes no sense there", detail=str(reply))

    @contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """Let the server be silent for so long within."""
        before = self.stream.set_timeout(seconds)
        try:
            yield
        finally:
            self.stream.set_timeout(before)
