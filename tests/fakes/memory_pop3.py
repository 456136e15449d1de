"""A POP3 server in memory, and sessions that behave as `Pop3Session` does over a real line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from qtmail.errors import ConnectionFailed, Stopped
from qtmail.protocols.imap_values import Counters
from qtmail.protocols.pop3 import Listed, Pop3Capabilities, Pop3Refused, Retrieved

PIECE = 64 * 1024


@dataclass
class StoredMail:
    """A message in the mailbox. `size`: as the server lists it, which may be wrong."""

    uidl: bytes
    raw: bytes
    size: int


@dataclass
class MemoryPop3Server:
    """One mailbox.

    Attributes:
        mails: what is in it, oldest first.
        capabilities: what it says it can do, and does.
        refuses: the ids of messages it does not give.
        keeps_all: it answers +OK to QUIT and deletes nothing.
        quit_refusal: what it says to QUIT instead of deleting, or "".
        cut_after: how much may still be said before the line breaks; None: it holds.
        lost_quit: QUIT is carried out and its answer lost, instead of not heard at all.
        retrieved, looked_at: ids of the messages that were fetched, and whose headers were, in this order.
        sessions: how many were opened.
        meanwhile: called whenever a header is asked for: what the user does while it comes.
    """

    mails: list[StoredMail] = field(default_factory=list)
    capabilities: Pop3Capabilities = field(default_factory=lambda: Pop3Capabilities(told=True, uidl=True))
    refuses: set[bytes] = field(default_factory=set)
    keeps_all: bool = False
    quit_refusal: str = ""
    cut_after: int | None = None
    lost_quit: bool = False
    retrieved: list[bytes] = field(default_factory=list)
    looked_at: list[bytes] = field(default_factory=list)
    sessions: int = 0
    meanwhile: Callable[[], None] = lambda: None
    _next: int = 1

    def deliver(self, raw: bytes, *, uidl: bytes | None = None, size: int | None = None) -> StoredMail:
        """New mail comes."""
        mail = StoredMail(uidl or b"uid-%d" % self._next, raw, len(raw) if size is None else size)
        self._next += 1
        self.mails.append(mail)
        return mail

    def without(self, *commands: str) -> MemoryPop3Server:
        """As a server that does not know "uidl" or "top"."""
        self.capabilities = replace(
            self.capabilities,
            uidl=self.capabilities.uidl and "uidl" not in commands,
            top=self.capabilities.top and "top" not in commands,
        )
        return self

    def renumber(self) -> None:
        """The mailbox moves to another machine, which gives all messages other ids."""
        for mail in self.mails:
            mail.uidl = b"moved-%d" % self._next
            self._next += 1

    def find(self, uidl: bytes) -> StoredMail:
        return next(mail for mail in self.mails if mail.uidl == uidl)

    @property
    def uidls(self) -> list[bytes]:
        return [mail.uidl for mail in self.mails]

    def session(self) -> MemoryPop3Session:
        self.sessions += 1
        return MemoryPop3Session(self)


class MemoryPop3Session:
    """A session that is signed in; it sees the mailbox as it was then (RFC 1939 section 5)."""

    last_heard = 1_790_000_000.0

    def __init__(self, server: MemoryPop3Server) -> None:
        self._server = server
        self._mails = list(server.mails)
        self._marked: list[StoredMail] = []
        self._aborted = False
        self.closed = False
        self.counters = Counters()

    @property
    def capabilities(self) -> Pop3Capabilities:
        return self._server.capabilities

    def listing(self) -> list[Listed]:
        self._say()
        uidl = self.capabilities.uidl
        return [Listed(n, mail.size, mail.uidl if uidl else None) for n, mail in enumerate(self._mails, 1)]

    def retrieve(self, numbers: Sequence[int]) -> Iterator[Retrieved]:
        for number in numbers:
            self._say()
            mail = self._mails[number - 1]
            if mail.uidl in self._server.refuses:
                yield Retrieved(number, iter(()), Pop3Refused("The server cannot read it.", detail="-ERR"))
                continue
            self._server.retrieved.append(mail.uidl)
            yield Retrieved(number, self._pieces(mail.raw))

    def _pieces(self, raw: bytes) -> Iterator[bytes]:
        for start in range(0, len(raw), PIECE):
            self._say()
            yield raw[start : start + PIECE]

    def headers(self, numbers: Sequence[int], lines: int = 0) -> Iterator[tuple[int, bytes | None]]:
        for number in numbers:
            self._say()
            mail = self._mails[number - 1]
            if not self.capabilities.top:
                yield number, None
                continue
            self._server.looked_at.append(mail.uidl)
            self._server.meanwhile()
            yield number, mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    def delete(self, numbers: Sequence[int]) -> list[int]:
        for number in numbers:
            self._say()
            self._marked.append(self._mails[number - 1])
        return []

    def quit(self) -> None:
        try:
            if self._server.lost_quit:
                self._expunge()
            self._say()
            if self._marked and self._server.quit_refusal:
                raise Pop3Refused(self._server.quit_refusal)
            self._expunge()
        finally:
            self.closed = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self._aborted = True

    def _expunge(self) -> None:
        if not self._server.keeps_all:
            gone = set(map(id, self._marked))
            self._server.mails = [mail for mail in self._server.mails if id(mail) not in gone]

    def _say(self) -> None:
        """Something is said; the line may break here."""
        if self._aborted:
            raise Stopped
        if self._server.cut_after is not None:
            if self._server.cut_after == 0:
                self.closed = True
                raise ConnectionFailed("The line dropped.")
            self._server.cut_after -= 1


def mail(number: int, *, body: bytes = b"Hello.", stamped: bool = True, subject: bytes = b"") -> bytes:
    """A message like no other; `stamped`: a server has put its Received field on top."""
    stamp = b"Received: from a by b with SMTP id q%d;\r\n\tSat, 3 Feb 2024 04:05:06 +0000\r\n" % number
    return (stamp if stamped else b"") + (
        b"From: Bob <bob@example.org>\r\nTo: ann@example.org\r\nSubject: %b\r\n"
        b"Date: Sat, 3 Feb 2024 04:05:06 +0000\r\nMessage-ID: <%d@example.org>\r\n\r\n%b\r\n"
        % (subject or b"Number %d" % number, number, body)
    )
