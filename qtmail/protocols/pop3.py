"""One POP3 session: everything qtmail asks of a POP3 server (RFC 1939 and its extensions).

    Pop3Session          this file: the verbs
      Pop3Door           pop3_connect: address → greeted, encrypted line, CAPA (door: what all protocols do
                         the same)
      sign_in            pop3_sign_in: AUTH (sasl: the mechanisms of all protocols), APOP, USER and PASS
    Pop3Dialogue         pop3_dialogue: commands, replies, lists, pipelining (pop3_syntax, pop3_values)
      Text               the text of a message (pop3_data: its dots)
      Stream             stream: bytes, time limits, abort

poplib is not used. It waits for the reply to each command, makes a list of the lines of each message, so that
a large one is several times in memory and loses its bare line feeds, refuses lines beyond 2,048 bytes, does
not notice what was slipped in behind STLS, knows nothing of AUTH, and cannot be broken off by another thread.

The three phases of RFC 1939 are three groups of methods: what is deleted in the second takes effect with QUIT
in the third, and with nothing else. A session that ends in any other way has deleted nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from types import TracebackType

from qtmail.domain.account import ServerSettings
from qtmail.domain.sign_in import ClientCertificate, Secret
from qtmail.errors import ConnectionFailed, QtmailError, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols import pop3_sign_in
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.pop3_connect import Pop3Door, learn_capabilities
from qtmail.protocols.pop3_dialogue import Pop3Dialogue, Request
from qtmail.protocols.pop3_syntax import parse_listing, parse_two_numbers
from qtmail.protocols.pop3_values import Listed, Pop3Capabilities, Pop3Refused, Pop3Reply, Retrieved
from qtmail.protocols.quirks import Quirks, quirks_for
from qtmail.protocols.session import Session

__all__ = ["Listed", "Pop3Capabilities", "Pop3Refused", "Pop3Session", "Retrieved"]

DEFAULT_TIMEOUT = 60.0
"""Seconds without a byte after which the line counts as broken; servers open large mailboxes slowly."""
HEADER_LIMIT = 1 << 20
"""Bytes of a header that are kept; servers that take TOP for RETR send the whole message."""
_LISTING_LINES = 1_000_000
_GOODBYE_SECONDS = 2.0
_DELETION_SECONDS = 300.0
"""How long a server may take to delete what was marked; giving up earlier leaves the outcome unknown."""
_UNKNOWN_SIZE = 64 * 1024
_TIMES_LISTED, _AND_MORE = 4, 256 << 20
_MOST_BYTES = 4 << 30
"""A message may have four times the bytes that were listed and 256 MB, for sizes are often wrong (line ends
counted once, packed on the disk, unknown), but never more than 4 GB.
"""
_HEADER_SIZE = 4 * 1024
"""How much TOP is expected to bring."""


class Pop3Session(Session[Pop3Dialogue]):
    """One connection to one server, once, from greeting to QUIT. Used by one thread; `abort` by any.

    Every method may raise ConnectionFailed (the line broke or timed out), ProtocolViolation (the server makes
    no sense) and Stopped (after `abort`); `closed` then tells whether the session can still be used. Those
    that ask the server for something raise Pop3Refused, a ServerRefused, if it says -ERR. The owner closes it
    (`quit`, `close`, or a `with` block).
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        trust: TlsTrust,
        log: ProtocolLog,
        timeout: float = DEFAULT_TIMEOUT,
        allow_clear_password: bool = False,
        apop: bool = False,
        client_certificate: ClientCertificate | None = None,
        quirks: Quirks | None = None,
    ) -> None:
        """`allow_clear_password`: the user agreed that everybody on the way may read it.

        `apop`: the user asked for this way of signing in, which hides the password but can be broken.

        `client_certificate`: shown to the server where it asks for one, while the line is encrypted.
        """
        super().__init__()
        self.settings = settings
        self._allow_clear_password = allow_clear_password
        self._apop = apop
        self._quirks = quirks if quirks is not None else quirks_for(settings.host)
        self._door = Pop3Door(settings, trust, log, timeout, self._stop, client_certificate)
        self._sizes: dict[int, int] = {}
        self._knows: dict[str, bool] = {}
        self._deletes = False

    # -- what is known of it -----------------------------------------------------------------------

    @property
    def capabilities(self) -> Pop3Capabilities:
        """What the server says it can do, put right by what it then did about UIDL and TOP."""
        told = self._opened.capabilities if self._opened else Pop3Capabilities()
        return replace(told, uidl=self._knows.get("UIDL", told.uidl), top=self._knows.get("TOP", told.top))

    # -- the first phase: who is there -------------------------------------------------------------

    def connect(self) -> None:
        """Open the line, encrypted as the settings demand, and learn what the server can do.

        Raises ConnectionFailed (layers NAME_LOOKUP, CONNECTION, GREETING, CAPABILITY), TlsFailed with the
        server's certificate, ProtocolViolation with layer GREETING if something else than a POP3 server
        answers, FileFailed if the client certificate cannot be used, Stopped.
        """
        self._opened = self._door.open()

    def sign_in(self, secret: Secret) -> None:
        """Sign in, and learn what the server can do for this user.

        Raises:
            SignInFailed: with the server's words in `detail`; TokenRefused, ClearPasswordRefused among them.
            TlsFailed: a line that should be encrypted is not; nothing was sent.
            Pop3Refused: for a reason that has nothing to do with the password, with layer SIGN_IN: the
                mailbox is in use (IN-USE), was looked at a moment ago (LOGIN-DELAY, `retry_after`), or is out
                of order (SYS/TEMP, SYS/PERM).
        """
        dialogue = self._ready()
        if (
            dialogue.capabilities.utf8
        ):  # RFC 6856 section 2.1: before signing in or never, else mail is rewritten
            dialogue.ask(b"UTF8")
        pop3_sign_in.sign_in(
            dialogue,
            self.settings,
            secret,
            self._quirks,
            allow_clear_password=self._allow_clear_password,
            apop=self._apop,
        )
        if dialogue.capabilities.per_user:
            learn_capabilities(dialogue)

    # -- the second phase: messages ----------------------------------------------------------------

    def stat(self) -> tuple[int, int]:
        """How many messages there are, and their bytes."""
        dialogue = self._ready()
        reply = _granted(dialogue, dialogue.ask(b"STAT"), "count the messages")
        counted = parse_two_numbers(reply.text)
        if counted is None:
            raise dialogue.violation("answered STAT without numbers", detail=reply.text)
        return counted

    def listing(self) -> list[Listed]:
        """All messages, by number; in one round trip where the server takes commands ahead.

        Their unique ids are asked for even if CAPA does not name UIDL: without them nothing tells for sure
        which message was fetched already. What makes no sense in the lists is left out and noted in the log.
        """
        dialogue = self._ready()
        ask_uidls = self._knows.get("UIDL", True)
        requests = [Request(0, b"LIST"), *([Request(0, b"UIDL")] if ask_uidls else [])]
        replies: list[Pop3Reply] = []
        lists: list[list[bytes]] = []
        for _, reply in dialogue.each(requests):
            replies.append(reply)
            lists.append(dialogue.lines(_LISTING_LINES) if reply.positive else [])
        if not replies[0].positive and self.stat()[0] > 0:  # some servers refuse to list an empty mailbox
            raise dialogue.refused(replies[0], "list the messages")
        if ask_uidls and lists[0]:
            self._learn_from("UIDL", replies[1])
        messages, wrong = parse_listing(lists[0], lists[1] if ask_uidls else [])
        if wrong:
            dialogue.log.note(f"{wrong:,} lines of the lists of messages make no sense")
        self._sizes = {message.number: message.size for message in messages}
        return messages

    def retrieve(self, numbers: Sequence[int]) -> Iterator[Retrieved]:
        """The messages with these numbers, in this order, each byte for byte as the server sends it, which is
        with a line end at its end.

        Where the server takes commands ahead, the next are on the way while one is read. Leaving the iterator
        before its end closes the session, as nobody could tell the answers apart that are still on the way.
        """
        dialogue = self._ready()
        requests = (Request(n, b"RETR %d" % n, self._sizes.get(n, _UNKNOWN_SIZE)) for n in numbers)
        with closing(dialogue.each(requests)) as answers:
            for request, reply in answers:
                if not reply.positive:
                    refusal = dialogue.refused(reply, f"give message {request.number}")
                    yield Retrieved(request.number, iter(()), refusal)
                    continue
                text = dialogue.text(self._most_bytes(request.number))
                yield Retrieved(request.number, text)
                text.skip()

    def headers(self, numbers: Sequence[int], lines: int = 0) -> Iterator[tuple[int, bytes | None]]:
        """The header and the first `lines` lines of each message (TOP), up to HEADER_LIMIT bytes; None where
        the server refuses. Leaving the iterator before its end closes the session.
        """
        dialogue = self._ready()
        requests = (
            Request(n, b"TOP %d %d" % (n, lines), _HEADER_SIZE) for n in self._while_known("TOP", numbers)
        )
        answered = 0
        with closing(dialogue.each(requests)) as answers:
            for request, reply in answers:
                answered += 1
                self._learn_from("TOP", reply)
                text = dialogue.text(self._most_bytes(request.number)) if reply.positive else None
                yield request.number, None if text is None else _beginning(text)
        for number in numbers[answered:]:
            yield number, None

    def delete(self, numbers: Sequence[int]) -> list[int]:
        """Mark messages for deletion, which `quit` carries out; returns those the server refuses to mark."""
        dialogue = self._ready()
        self._deletes = self._deletes or bool(numbers)
        requests = (Request(number, b"DELE %d" % number) for number in numbers)
        return [request.number for request, reply in dialogue.each(requests) if not reply.positive]

    def reset(self) -> None:
        """Unmark all that was marked for deletion."""
        dialogue = self._ready()
        _granted(dialogue, dialogue.ask(b"RSET"), "take the deletions back")
        self._deletes = False

    def noop(self) -> None:
        """Make sure that the server is still there; any reply proves it."""
        self._ready().ask(b"NOOP")

    # -- the third phase: goodbye ------------------------------------------------------------------

    def quit(self) -> None:
        """Say goodbye and close: now the server deletes what was marked.

        Without anything marked, a server that is not there any more is not waited for. With it:

        Raises:
            Pop3Refused: some of it could not be deleted (RFC 1939 section 6); only the next listing tells
                what.
            ConnectionFailed, Stopped: nobody knows whether it was deleted.
        """
        try:
            if self._deletes:
                self._carry_out_deletions(self._ready())
            elif not self.closed:
                with suppress(QtmailError, Stopped), self._ready().patience(_GOODBYE_SECONDS):
                    self._ready().ask(b"QUIT")
        finally:
            self.close()

    def _carry_out_deletions(self, dialogue: Pop3Dialogue) -> None:
        try:
            with dialogue.patience(_DELETION_SECONDS):
                reply = dialogue.ask(b"QUIT")
        except ConnectionFailed as error:
            error.advice = (
                error.advice or "Whether the messages were deleted there shows at the next look for mail."
            )
            raise
        if not reply.positive:
            raise dialogue.refused(reply, "delete all the messages it was asked to")

    def __enter__(self) -> Pop3Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.quit() if error is None else self.close()

    def _ready(self) -> Pop3Dialogue:
        if self._opened is None:
            raise RuntimeError("connect() first")
        return self._opened

    def _most_bytes(self, number: int) -> int:
        return min(self._sizes.get(number, 0) * _TIMES_LISTED + _AND_MORE, _MOST_BYTES)

    # -- commands that not every server knows ------------------------------------------------------

    def _while_known(self, command: str, numbers: Iterable[int]) -> Iterator[int]:
        """The numbers, until the server turns out not to know the command."""
        for number in numbers:
            if not self._knows.get(command, True):
                return
            yield number

    def _learn_from(self, command: str, reply: Pop3Reply) -> None:
        """A refusal that names no reason, of a command that neither worked before nor was promised, is meant
        for good."""
        told = self._ready().capabilities
        promised = told.told and (told.uidl if command == "UIDL" else told.top)
        if reply.positive:
            self._knows[command] = True
        elif not reply.code and not promised:
            self._knows.setdefault(command, False)


def _granted(dialogue: Pop3Dialogue, reply: Pop3Reply, doing: str) -> Pop3Reply:
    if not reply.positive:
        raise dialogue.refused(reply, doing)
    return reply


def _beginning(pieces: Iterable[bytes]) -> bytes:
    """All that `pieces` bring, of which HEADER_LIMIT bytes are kept."""
    kept = bytearray()
    for piece in pieces:
        kept += piece[: HEADER_LIMIT - len(kept)]
    return bytes(kept)
