"""Commands out, answers in: the tagged conversation beneath an IMAP session (RFC 9051 section 2.2).

Commands are submitted without waiting, so that several travel in one burst (section 5.5), and their answers
are taken in order. Whatever the server says of its own accord is noted on the way, wherever it comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qtmail.errors import ConnectionFailed, ProtocolViolation, ServerRefused
from qtmail.log import ProtocolLog
from qtmail.protocols.imap_syntax import (
    LITERAL,
    Literal,
    LiteralStream,
    Response,
    SkippedLiteral,
    Untagged,
    parse_code,
    parse_untagged,
    sentence_end,
    words,
)
from qtmail.protocols.imap_updates import UpdatesNote
from qtmail.protocols.stream import Stream

LOGGED_IN_A_ROW = 3
"""Of many FETCH responses in a row, so many are logged; the others are counted."""
LINE_LIMIT = 1_000_000
"""Bytes of text in one response, literals apart."""
SET_LIMIT = 32_000_000
"""The same for responses that list UIDs, which may be scattered over a very large folder."""
LITERAL_LIMIT = 1_000_000
"""Bytes of literals in one response, unless a caller expects more."""
AT_ONCE_LIMIT = 256 * 1024
"""Bytes of a literal that are sent unasked where the server allows it. A larger one waits until the server
asks for it: that round trip is little beside the upload, which a refusal then spares.
"""
READ_PAST_LIMIT = 1 << 30
"""A literal up to this size is read past when it is over its limit; a larger one ends the session."""

_LITERAL_END = re.compile(rb"\{(\d{1,19})\+?\}$")
_STATUS = re.compile(rb"(OK|NO|BAD)(?: (.*))?", re.IGNORECASE | re.DOTALL)
_FREE_TEXT = re.compile(rb"(?:\*|[^ *+]+) (?:OK|NO|BAD|BYE|PREAUTH)\b|\+", re.IGNORECASE)

LiteralLimit = Callable[[bytes], int]
"""How many bytes of literals the response may have whose text begins like this."""


@dataclass(slots=True)
class Pending:
    """A command that was submitted, and what became of it.

    Attributes:
        doing: what it does, to complete "The server refused to …".
        status: b"OK", b"NO" or b"BAD"; b"" while unanswered.
        code, arguments, text: the response code of the answer, and the server's words.
    """

    tag: bytes
    doing: str
    status: bytes = b""
    code: bytes = b""
    arguments: bytes = b""
    text: str = ""

    @property
    def refused(self) -> bool:
        return self.status in (b"NO", b"BAD")

    @property
    def answer(self) -> str:
        """The server's answer as it gave it, for support."""
        code = f"[{self.code.decode('ascii', 'replace')}] " if self.code else ""
        return f"{self.status.decode()} {code}{self.text}"

    def check(self) -> None:
        """Raise ServerRefused if the server said NO or BAD."""
        if self.refused:
            sentence = f"The server refused to {self.doing}: {sentence_end(self.text)}"
            raise ServerRefused(sentence, detail=self.answer)


class Dialogue:
    """The conversation with one server.

    Attributes:
        capabilities: what the server says it can do, in upper case; forgotten when TLS begins.
        capabilities_told: False once the server may have changed them without saying so.
        enabled: what ENABLE switched on.
        updates: what the server said of its own accord.
        challenge: what the server said when it last asked for more of a command.
    """

    def __init__(self, stream: Stream, host: str, log: ProtocolLog) -> None:
        self.stream = stream
        self.host = host
        self.log = log
        self.capabilities: frozenset[str] = frozenset()
        self.capabilities_told = False
        self.enabled: frozenset[str] = frozenset()
        self.updates = UpdatesNote()
        self.challenge = b""
        self.closing = False
        self._in_flight: dict[bytes, Pending] = {}
        self._serial = 0
        self._continuation = False
        self._unlogged = 0

    @property
    def utf8(self) -> bool:
        """Names are UTF-8, and quoted strings may be (RFC 6855)."""
        return "UTF8=ACCEPT" in self.enabled

    def offers(self, *capabilities: str) -> bool:
        return self.capabilities.issuperset(capabilities)

    # -- sending -----------------------------------------------------------------------------------

    def submit(
        self, *parts: bytes | Literal | LiteralStream, doing: str, shown: bytes | None = None
    ) -> Pending:
        """Put a command, its words separated by spaces, into the next burst.

        Args:
            doing: completes "The server refused to …".
            shown: what to log in place of a command whose last word is a secret.

        Raises whatever the pieces of a LiteralStream raise, and ValueError if they are not as long as they
        said; the line is closed then, because a literal cannot be left half.
        """
        self._serial += 1
        pending = Pending(b"q%d" % self._serial, doing)
        self._in_flight[pending.tag] = pending
        if shown is not None:
            self.log.hide(_content(parts[-1]))
        self.log.sent(pending.tag + b" " + (shown if shown is not None else b" ".join(map(_loggable, parts))))
        self.stream.write(pending.tag)
        for part in parts:
            self.stream.write(b" ")
            if isinstance(part, bytes):
                self.stream.write(part)
            elif not self._write_literal(part, pending):
                return pending
        self.stream.write(b"\r\n")
        return pending

    def _write_literal(self, literal: Literal | LiteralStream, pending: Pending) -> bool:
        """Write a literal (RFC 7888 where offered); False if the server refused it."""
        at_once = literal.size <= self._at_once_limit()
        self.stream.write(b"{%d%s}\r\n" % (literal.size, b"+" if at_once else b""))
        if not at_once and not self.await_continuation(pending):
            return False
        if isinstance(literal, Literal):
            self.stream.write(literal.data)
        else:
            self._write_pieces(literal)
        return True

    def _at_once_limit(self) -> int:
        if self.offers("LITERAL+"):
            return AT_ONCE_LIMIT
        return 4096 if self.offers("LITERAL-") else -1

    def _write_pieces(self, literal: LiteralStream) -> None:
        left = literal.size
        try:
            for piece in literal.pieces:
                left -= len(piece)
                if left < 0:
                    break
                self.stream.write(piece)
                self.stream.flush()
            if left:
                raise ValueError(f"a literal of {literal.size} bytes is {abs(left)} bytes off")
        except BaseException:
            self.stream.close()
            raise

    def await_continuation(self, pending: Pending) -> bool:
        """Send the burst and wait until the server wants more of this command (True) or has answered it
        (False)."""
        self._continuation = False
        self.stream.flush()
        while not self._continuation and not pending.status:
            self._note(self.next())
        return self._continuation

    def send_line(self, line: bytes, *, shown: bytes | None = None) -> None:
        """Send one line of a command that is under way (SASL response, DONE)."""
        self.log.sent(line, shown=shown)
        self.stream.write(line + b"\r\n")
        self.stream.flush()

    # -- receiving ---------------------------------------------------------------------------------

    def answers(
        self, pending: Pending, *, literal_limit: LiteralLimit | None = None, line_limit: int = LINE_LIMIT
    ) -> Iterator[Untagged]:
        """Send the burst and yield every untagged response until this command is answered.

        What the caller does not want belongs to `updates.note`. After the last one the caller looks at, or
        checks, the Pending. A caller that stops early leaves the rest to whoever reads next.
        """
        self.stream.flush()
        while not pending.status:
            untagged = self.next(literal_limit=literal_limit, line_limit=line_limit)
            if untagged is not None:
                yield untagged

    def complete(self, pending: Pending) -> Pending:
        """Wait for the answer to a command that returns no data. Raises ServerRefused."""
        for untagged in self.answers(pending):
            self._note(untagged)
        pending.check()
        return pending

    def settle(self) -> None:
        """Wait until every command that was submitted is answered; their data is dropped."""
        for pending in list(self._in_flight.values()):
            for untagged in self.answers(pending, line_limit=SET_LIMIT):
                self._note(untagged)

    def take_in(self) -> None:
        """Read one response that came unasked, and note it."""
        self._note(self.next())

    def next(
        self, *, literal_limit: LiteralLimit | None = None, line_limit: int = LINE_LIMIT
    ) -> Untagged | None:
        """Read one response. None: it was not untagged, and has been dealt with."""
        response = self.read(literal_limit=literal_limit, line_limit=line_limit)
        first = response.text[:1]
        if first == b"*":
            return self._untagged(response)
        if first == b"+":
            self._continuation = True
            self.challenge = response.text[1:].strip()
            return None
        self._answered(response.text)
        return None

    def take(
        self, pattern: re.Pattern[bytes], size_group: int, end: bytes
    ) -> tuple[re.Match[bytes], bytes] | None:
        """The next response, if it is one of many of the same usual form (see `Stream.take`) and logged by
        their number alone; None sends the caller to `next`, which reads anything.
        """
        if self._unlogged < LOGGED_IN_A_ROW:
            return None
        taken = self.stream.take(pattern, size_group, end)
        if taken is not None:
            self._unlogged += 1
        return taken

    def read(self, *, literal_limit: LiteralLimit | None = None, line_limit: int = LINE_LIMIT) -> Response:
        """Read one whole response with its literals."""
        text = self.stream.read_line(line_limit)
        response = Response(text)
        if text.endswith(b"}") and not _FREE_TEXT.match(text):
            response = self._with_literals(text, literal_limit or _usual_limit, line_limit)
        self._log_received(response)
        return response

    def _with_literals(self, text: bytes, literal_limit: LiteralLimit, line_limit: int) -> Response:
        literals: list[bytes] = []
        used = 0
        while text.endswith(b"}") and (match := _LITERAL_END.match(text, text.rfind(b"{"))):
            size = int(match[1])
            used += size
            literals.append(self._literal(size, used, literal_limit(text)))
            more = self.stream.read_line(line_limit)
            if more and more[0] not in b" )":
                raise self.violation("sent a block of data of another length than it announced")
            text = text[: match.start()].removesuffix(b"~") + LITERAL + more  # ~ marks a literal8 (RFC 3516)
            if len(text) > line_limit:
                raise self.violation(f"sent a response longer than {line_limit:,} bytes")
        return Response(text, tuple(literals))

    def _literal(self, size: int, used: int, limit: int) -> bytes:
        if used <= limit:
            return self.stream.read_exactly(size)
        if size > READ_PAST_LIMIT:
            raise self.violation(f"announced {size:,} bytes of data at once")
        self.log.note(f"reading past {size:,} bytes of data: more than the limit of {limit:,}")
        self.stream.skip(size)
        return SkippedLiteral(size)

    def violation(self, what: str, *, detail: str = "") -> ProtocolViolation:
        """Close the line; the error to raise says that the server did `what`."""
        self.stream.close()
        self.log.note(f"closed the connection: the server {what}")
        return ProtocolViolation(
            f"{self.host} {what}.",
            advice="If this happens again and again, something in between (a virus scanner, a proxy) may be "
            "changing what is sent; else tell the provider.",
            detail=detail,
        )

    # -- what comes in -----------------------------------------------------------------------------

    def _untagged(self, response: Response) -> Untagged | None:
        untagged = parse_untagged(response)
        if untagged is None:
            return None
        if untagged.name == b"BYE" and not self.closing:
            self.stream.close()
            _, _, text = parse_code(untagged.text)
            raise ConnectionFailed(f"{self.host} ended the connection: {sentence_end(text)}")
        if untagged.name == b"CAPABILITY":
            self.learn_capabilities(untagged.text)
        elif untagged.name == b"OK" and untagged.text.upper().startswith(b"[CAPABILITY "):
            self.learn_capabilities(parse_code(untagged.text)[1])
        return untagged

    def _note(self, untagged: Untagged | None) -> None:
        if untagged is not None:
            self.updates.note(untagged)

    def _answered(self, text: bytes) -> None:
        tag, _, rest = text.partition(b" ")
        match = _STATUS.fullmatch(rest)
        pending = self._in_flight.pop(tag, None)
        if match is None or pending is None:
            raise self.violation("sent something that is not IMAP", detail=words(text)[:200])
        pending.code, pending.arguments, pending.text = parse_code(match[2] or b"")
        pending.status = match[1].upper()
        if pending.code == b"CAPABILITY":
            self.learn_capabilities(pending.arguments)
        elif pending.code == b"ALERT":
            self.updates.alert(pending.text)

    def learn_capabilities(self, text: bytes) -> None:
        self.capabilities = frozenset(text.decode("ascii", "replace").upper().split())
        self.capabilities_told = True

    # -- the log -----------------------------------------------------------------------------------

    def _log_received(self, response: Response) -> None:
        """Log a response; of many FETCH responses in a row only the first few, and how many followed."""
        if response.literals and b" FETCH " in response.text[:24]:
            self._unlogged += 1
            if self._unlogged > LOGGED_IN_A_ROW:
                return
        elif self._unlogged:
            if self._unlogged > LOGGED_IN_A_ROW:
                self.log.note(f"and {self._unlogged - LOGGED_IN_A_ROW} more FETCH responses")
            self._unlogged = 0
        text = response.text
        if text.startswith(b"+"):
            text = b"+"  # of a sign-in it may let others try passwords until one fits; else it says nothing
        for literal in response.literals:
            size = literal.size if isinstance(literal, SkippedLiteral) else len(literal)
            text = text.replace(LITERAL, b"{%d bytes}" % size, 1)
        self.log.received(text)


def _usual_limit(_text: bytes) -> int:
    return LITERAL_LIMIT


def _content(word: bytes | Literal | LiteralStream) -> bytes:
    match word:
        case Literal():
            return word.data
        case LiteralStream():
            return b""  # too large to be a secret
    return word[1:-1] if word.startswith(b'"') else word


def _loggable(part: bytes | Literal | LiteralStream) -> bytes:
    return part if isinstance(part, bytes) else b"{%d bytes}" % part.size
