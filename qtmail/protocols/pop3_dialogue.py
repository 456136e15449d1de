"""Commands out, answers in: the conversation beneath a POP3 session (RFC 1939 section 3).

An answer carries no tag, so everything rests on its order: whatever cannot be understood ends the session,
and so does leaving an answer half-read, because nobody could tell any more which answer belongs to which
command.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from qtmail.errors import ProtocolViolation, Retry
from qtmail.log import ProtocolLog
from qtmail.protocols.imap_syntax import sentence_end, words
from qtmail.protocols.pop3_data import Unstuffing
from qtmail.protocols.pop3_syntax import parse_challenge, parse_reply
from qtmail.protocols.pop3_values import Pop3Capabilities, Pop3Refused, Pop3Reply
from qtmail.protocols.stream import Stream

LINE_LIMIT = 8192
"""Bytes in one line of an answer, a message's text excepted; the standard allows 512."""
COMMANDS_AHEAD = 200
"""Commands on the line at a time, where the server takes them ahead."""
BYTES_AHEAD = 1 << 20
"""Bytes of answers after which no more is asked for ahead."""
LIST_LINE = 128
"""Bytes that the lines of a list may have on average; a unique id has up to 70."""
_PIECE = 64 * 1024


class Request(NamedTuple):
    """A command about one message, and how many bytes its answer may bring."""

    number: int
    command: bytes
    size: int = 0


class Pop3Dialogue:
    """The conversation with one server.

    Attributes:
        capabilities: what the server says it can do; forgotten when TLS begins.
        asked: it was asked for them on this line as it is now.
        timestamp: what APOP needs, or b"".
    """

    def __init__(self, stream: Stream, host: str, log: ProtocolLog) -> None:
        self.stream = stream
        self.host = host
        self.log = log
        self.capabilities = Pop3Capabilities()
        self.asked = False
        self.timestamp = b""

    # -- one command -------------------------------------------------------------------------------

    def submit(self, command: bytes, *, shown: bytes | None = None) -> None:
        """Put a command into the next burst; `shown` is logged in place of one that holds a secret."""
        self.log.sent(command, shown=shown)
        self.stream.write(command + b"\r\n")

    def ask(self, command: bytes, *, shown: bytes | None = None) -> Pop3Reply:
        """Send the burst, with this command as its last, and read one reply."""
        self.submit(command, shown=shown)
        return self.reply()

    def reply(self) -> Pop3Reply:
        """Send the burst and read the first line of the next answer."""
        return self.understood(self.line())

    def line(self) -> bytes:
        """Send the burst and read the next line."""
        self.stream.flush()
        said = self.stream.read_line(LINE_LIMIT)
        # With a challenge of a sign-in others could try passwords until one fits.
        self.log.received(said if parse_challenge(said) is None else b"+ ***")
        return said

    def understood(self, line: bytes) -> Pop3Reply:
        """The reply that a line is. Raises ProtocolViolation."""
        reply = parse_reply(line)
        if reply is None:
            raise self.violation("sent something that is not POP3", detail=words(line)[:200])
        return reply

    # -- what follows a +OK ------------------------------------------------------------------------

    def lines(self, most: int) -> list[bytes]:
        """The lines up to the one with a dot alone, of a list and not of a message."""
        lines: list[bytes] = []
        room = most * LIST_LINE
        while (line := self.stream.read_line(LINE_LIMIT)) != b".":
            room -= len(line)
            if len(lines) == most or room < 0:
                raise self.violation(f"sent a list of more than {most:,} lines, or of very long ones")
            lines.append(line.removeprefix(b"."))
        self.log.note(f"received a list of {len(lines):,} lines")
        return lines

    def text(self, most: int) -> Text:
        """The text of a message, of which up to `most` bytes are believed."""
        return Text(self, most)

    # -- many commands -----------------------------------------------------------------------------

    def each(self, requests: Iterable[Request]) -> Generator[tuple[Request, Pop3Reply], None, None]:
        """The reply to each request in turn; where the server allows it (PIPELINING, RFC 2449 section 6.6),
        others are on the way while it is read.

        What follows a reply has to be read before the next is asked for; whoever leaves early leaves answers
        behind that nobody could sort, so the line is closed. More is sent once half of what was asked for
        has come: the line stays full, and a thousand small messages cost a few bursts.
        """
        most = COMMANDS_AHEAD if self.capabilities.pipelining else 1
        source = iter(requests)
        waiting: deque[Request] = deque()
        expected = 0
        try:
            while True:
                if len(waiting) <= most // 2 and expected <= BYTES_AHEAD // 2:
                    sent = self._submit_some(source, most - len(waiting))
                    waiting.extend(sent)
                    expected += sum(request.size for request in sent)
                if not waiting:
                    return
                yield waiting[0], self._next_reply()
                expected -= waiting.popleft().size
        finally:
            if waiting:
                self.stream.close()

    def _submit_some(self, source: Iterator[Request], most: int) -> list[Request]:
        """Put up to `most` requests into the next burst, fewer if much is expected of them."""
        submitted: list[Request] = []
        expected = 0
        for request in islice(source, most):
            self.stream.write(request.command + b"\r\n")
            submitted.append(request)
            expected += request.size
            if expected >= BYTES_AHEAD:
                break
        if submitted:
            more = b" and %d more" % (len(submitted) - 1) if len(submitted) > 1 else b""
            self.log.sent(submitted[0].command + more)
        return submitted

    def _next_reply(self) -> Pop3Reply:
        """Send the burst and read a reply; only refusals are logged, or a thousand messages would leave
        nothing else in the log."""
        self.stream.flush()
        said = self.stream.read_line(LINE_LIMIT)
        reply = self.understood(said)
        if not reply.positive:
            self.log.received(said)
        return reply

    # -- faults ------------------------------------------------------------------------------------

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

    def refused(self, reply: Pop3Reply, doing: str) -> Pop3Refused:
        """The error for a refusal to do something ("list the messages")."""
        later = reply.about("SYS/TEMP") or reply.about("IN-USE")
        return Pop3Refused(
            f"{self.host} refused to {doing}: {sentence_end(reply.text)}",
            code=reply.code,
            detail=str(reply),
            retry=Retry.LATER if later else None,
        )

    @contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """Let the server be silent for so long within."""
        before = self.stream.set_timeout(seconds)
        try:
            yield
        finally:
            self.stream.set_timeout(before)


class Text:
    """The text of a message, piece by piece as it arrives, dots unstuffed; never more of it in memory than
    one piece.

    Reading on after `skip` raises RuntimeError, so that nobody takes what was left out for the end. A text
    that does not end in time ends the session: it would fill the disk.
    """

    def __init__(self, dialogue: Pop3Dialogue, most: int) -> None:
        self._dialogue = dialogue
        self._stream = dialogue.stream
        self._most = self._room = most
        self._unstuffing = Unstuffing()
        self._skipped = False

    def __iter__(self) -> Text:
        return self

    def __next__(self) -> bytes:
        if self._skipped:
            raise RuntimeError("the rest of this message was left out")
        if piece := self._next_piece():
            return piece
        raise StopIteration

    def skip(self) -> None:
        """Read past what is left."""
        while self._next_piece():
            self._skipped = True

    def _next_piece(self) -> bytes:
        """What comes next, or b"" at the end."""
        text = b""
        while not (text or self._unstuffing.ended):
            text, used = self._unstuffing.feed(self._stream.peek(_PIECE))
            self._stream.skip(used)
            self._room -= used
            if self._room < 0:
                raise self._dialogue.violation(
                    f"sent a message far larger than it said, more than {self._most:,} bytes"
                )
        return text
