"""A profile with one account on a server, for whatever writes into folders of a server.

Sessions are real ones: with a `MailboxServer` at the other end a line can be cut at any byte of what is said.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.events import Problem
from qtmail.domain.folder import SpecialUse
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine.reporting import Event
from qtmail.errors import ConnectionFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store
from tests.fakes.mailbox_server import MailboxServer
from tests.fakes.memory_imap import MemoryFolder

START = 1_795_255_200
"""Seconds since the epoch at which the clock of a bench stands first: 21 November 2026."""
SENT = b"Sent"

Result = TypeVar("Result")


class AccountBench:
    """An account on any server.

    Attributes:
        now: what the clock says; a test moves it on.
        events: what was told to the user.
    """

    def __init__(
        self, store: Store, settings: ServerSettings, password: str, trust: TlsTrust | None = None
    ) -> None:
        self.store = store
        self.now: float = START
        self.events: list[Event] = []
        self._password = password
        self._trust = trust or TlsTrust()
        account = Account(0, "Ann", "ann@example.org", "Ann", settings, settings)
        with store.user_transaction() as tx:
            self.account = store.accounts.add(tx, account)

    def clock(self) -> float:
        return self.now

    @contextlib.contextmanager
    def session(self) -> Iterator[ImapSession]:
        """A session that is signed in."""
        assert self.account.imap is not None
        session = ImapSession(self.account.imap, trust=self._trust, log=ProtocolLog(), timeout=10.0)
        with contextlib.closing(session):
            session.connect()
            session.sign_in(self._password)
            yield session

    def over(self, work: Callable[[ImapSession], Result]) -> Result:
        """Do it over a session of its own."""
        with self.session() as session:
            return work(session)

    def attempt(self, work: Callable[[ImapSession], Result]) -> Result | None:
        """As `over`; None when the line was lost."""
        try:
            return self.over(work)
        except ConnectionFailed:
            return None

    def accepted(self, number: int = 1, raw: bytes | None = None, *, sent_folder: bytes = b"") -> OutboxItem:
        """A message that the sending server has taken."""
        raw = raw if raw is not None else sent_message(number)
        with self.store.user_transaction() as tx:
            blob = self.store.blobs.begin(tx, int(self.now))
            for start in range(0, len(raw), max(100, len(raw) // 25)):
                self.store.blobs.append(tx, blob, raw[start : start + max(100, len(raw) // 25)])
            self.store.blobs.finish(tx, blob)
            new = NewOutboxItem(
                self.account.id,
                self.store.identities.list(self.account.id)[0].id,
                f"sent-{number}@example.org",
                f"Sent {number}",
                self.account.address,
                ("bob@example.net",),
                not_before=0,
                sent_folder=sent_folder,
            )
            item = self.store.outbox.add(tx, new, blob, len(raw), int(self.now))
            taken = replace(item, state=OutboxState.ACCEPTED, sent_at=int(self.now), next_try=0)
            self.store.outbox.save(tx, taken, expected=OutboxState.QUEUED)
        return taken

    def item(self, item: OutboxItem) -> OutboxItem:
        """The item as it is now."""
        now = self.store.outbox.get(item.id)
        assert now is not None
        return now

    def problems(self) -> list[Problem]:
        return [event for event in self.events if isinstance(event, Problem)]


class MailboxBench(AccountBench):
    """An account on a server in this process."""

    def __init__(self, store: Store, server: MailboxServer) -> None:
        self.server = server
        super().__init__(
            store, ServerSettings("127.0.0.1", server.port, Security.NONE, "ann"), server.password
        )

    def spoken(self, work: Callable[[ImapSession], object]) -> tuple[range, range]:
        """Do it over a session of its own; returns at which bytes the line can be cut after the sign-in: of
        those the server sends, and of those it hears.
        """
        with self.session():
            pass
        self.over(work)
        (before, sent), (earlier, heard) = self.server.sent[-2:], self.server.heard[-2:]
        return range(len(before), len(sent)), range(earlier, heard)

    def folder(self, name: bytes = SENT, use: SpecialUse | None = SpecialUse.SENT) -> MemoryFolder:
        """A folder on the server, made if it is not there."""
        return self.server.folders.setdefault(name, MemoryFolder(name, use))


def sent_message(number: int) -> bytes:
    """A small message of one's own."""
    return (
        f"From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Sent {number}\r\n"
        f"Message-ID: <sent-{number}@example.org>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
        f'\r\nSaid "so" \\ {number}.\r\n'
    ).encode()


def copies(folder: MemoryFolder) -> list[bytes]:
    """What a folder of the server holds, in the order it came."""
    return [message.raw for _, message in sorted(folder.messages.items())]
