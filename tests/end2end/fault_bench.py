"""The real engine, session and store against a mailbox server that misbehaves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.events import SyncReport
from qtmail.domain.message import Flag, MessageQuery
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.reporting import Event
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store
from tests.fakes.mailbox_server import Command, Hangup, MailboxServer, Silence, Tamper

TIMEOUT = 5.0
"""Seconds a session waits for the server."""


def letter(number: int) -> bytes:
    """A short message."""
    return b"Subject: %d\r\nMessage-ID: <%d@example.org>\r\n\r\nText\r\n" % (number, number)


def server_settings(server: MailboxServer, security: Security = Security.NONE) -> ServerSettings:
    return ServerSettings("127.0.0.1", server.port, security, "eva")


@dataclass
class Bench:
    """An account, what is kept of it, and the server it is synced with."""

    store: Store
    account: Account
    server: MailboxServer
    events: list[Event] = field(default_factory=list)
    timeout: float = TIMEOUT
    log: ProtocolLog = field(default_factory=ProtocolLog)

    @classmethod
    def make(cls, directory: Path, server: MailboxServer) -> Bench:
        store = Store.open(directory)
        account = Account(
            0, "Eva", "eva@example.org", "Eva", server_settings(server), sync=SyncPolicy(BodyPolicy.ALL)
        )
        with store.user_transaction() as tx:
            return cls(store, store.accounts.add(tx, account), server)

    @contextlib.contextmanager
    def session(self) -> Iterator[ImapSession]:
        session = ImapSession(self.account.server, trust=TlsTrust(), log=self.log, timeout=self.timeout)
        with contextlib.closing(session):
            session.connect()
            session.sign_in("secret")
            yield session

    def sync(self) -> SyncReport:
        with self.session() as session:
            return AccountSync(self.store, self.account, self.events.append, StopToken()).run(session)

    def try_sync(self) -> QtmailError | None:
        """Sync; the fault it ended with, which is always one of ours."""
        try:
            self.sync()
        except QtmailError as error:
            assert error.sentence
            return error
        return None

    def forget(self) -> None:
        """Begin again with nothing cached."""
        with self.store.cache_transaction() as tx:
            self.store.folders.remove_account(tx, self.account.id)

    # -- what is here and there --------------------------------------------------------------------

    def cached(self, path: str = "INBOX") -> list[tuple[int, Flag, str, bytes]]:
        """UID, flags, subject and content of every message kept, by UID."""
        folder = self.store.folders.find(self.account.id, path)
        assert folder is not None
        assert self.store.folders.wrong_counts() == ()
        rows = self.store.messages.rows(self.store.messages.ids(MessageQuery((folder.id,))))
        bodies = {row.id: self.store.bodies.get(row.id).raw or b"" for row in rows}
        return sorted((row.uid, row.flags, row.subject, bodies[row.id]) for row in rows)

    def on_server(self, name: bytes = b"INBOX") -> list[tuple[int, Flag, str, bytes]]:
        messages = self.server.folders[name].messages.values()
        return [(one.uid, one.flags, _subject(one.raw), one.raw) for one in messages]

    def listed_in_step(self) -> bool:
        """All is as on the server but for contents that were not fetched ahead."""
        if self.store.folders.find(self.account.id, "INBOX") is None:
            return False
        with self.server.lock:
            here, there = self.cached(), self.on_server()
        contents_agree = all(mine[3] in (b"", theirs[3]) for mine, theirs in zip(here, there, strict=False))
        return [row[:3] for row in here] == [row[:3] for row in there] and contents_agree

    def check_flags(self) -> None:
        """Every message is here once, with the flags it has there."""
        assert [row[:2] for row in self.cached()] == [row[:2] for row in self.on_server()]

    def check_in_step(self) -> None:
        """Nothing is lost, nothing is here twice, nothing is mixed up."""
        for name in self.server.folders:
            assert self.cached(name.decode()) == self.on_server(name)


def _subject(raw: bytes) -> str:
    return raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode()


# -- what a server may do --------------------------------------------------------------------------


def at(verb: str, tamper: Tamper, *, times: int = 1_000_000) -> Tamper:
    """Misbehave in the answers to one command, the first few times."""
    left = [times]

    def only_there(command: Command, answer: list[bytes]) -> Iterable[bytes]:
        if command.verb != verb or not left[0]:
            return answer
        left[0] -= 1
        return tamper(command, answer)

    return only_there


def in_turn(*tampers: Tamper) -> Tamper:
    """Several faults, each seeing what the one before left."""

    def all_of_them(command: Command, answer: list[bytes]) -> Iterable[bytes]:
        for tamper in tampers:
            answer = list(tamper(command, answer))
        return answer

    return all_of_them


def refusing(status: bytes) -> Tamper:
    return lambda command, _answer: [command.done(status)]


def saying(data: bytes) -> Tamper:
    """Slip something in before each line of the answer."""
    return lambda _command, answer: [piece for line in answer for piece in (data, line)]


def instead(data: bytes) -> Tamper:
    """Send something else, and then the honest tagged line."""
    return lambda _command, answer: [data, answer[-1]]


def replacing(old: bytes, new: bytes) -> Tamper:
    return lambda _command, answer: [line.replace(old, new) for line in answer]


def falling_silent(_command: Command, answer: list[bytes]) -> Iterator[bytes]:
    yield answer[0][: len(answer[0]) // 2]
    raise Silence


def hanging_up(_command: Command, answer: list[bytes]) -> Iterator[bytes]:
    yield answer[0][: len(answer[0]) // 2]
    raise Hangup


def goodbye(_command: Command, _answer: list[bytes]) -> Iterator[bytes]:
    yield b"* BYE [UNAVAILABLE] Server shutting down\r\n"
    raise Hangup
