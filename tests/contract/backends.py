"""Servers with one mailbox each, that all look alike to the contract, and the program in front of one.

A `Way` says what a test has to know of a server: what is in its mailbox, who may sign in, and where its line
breaks. `Desk` is an account there, as the program keeps it.
"""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, BodyPolicy, Pop3Policy, Security, ServerSettings, SyncPolicy
from qtmail.domain.events import SyncReport
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.message import Flag, MessageQuery, MessageRow
from qtmail.engine.backend import Incoming
from qtmail.engine.incoming import ImapIncoming, incoming
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.pop3_incoming import Pop3Incoming
from qtmail.engine.reading import Reading
from qtmail.engine.replay_queue import record_flags
from qtmail.engine.reporting import Event
from qtmail.engine.secrets import Secrets, secrets_of
from qtmail.engine.stopping import StopToken
from qtmail.errors import ConnectionFailed, ProtocolViolation, SignInFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from tests.end2end.dovecot import Dovecot
from tests.end2end.sample_mail import Mail as DovecotMail
from tests.fakes.mailbox_server import Command, MailboxServer, Silence, honest
from tests.fakes.memory_imap import MemoryServer, MemorySession
from tests.fakes.memory_pop3 import MemoryPop3Server
from tests.fakes.pop3_server import Do, Fault, Pop3Server

PASSWORD = "secret"
END_SECONDS = 1.0
"""How soon an account stops when it is asked to."""
MANY = 1_000_000_000

S = TypeVar("S")


class Way(ABC):
    """A server, and the way to it.

    Attributes:
        password: that of the mailbox.
        given: the message as the protocol can say it.
        wired: there is a line, whose bytes count.
    """

    password = PASSWORD
    wired = True

    @abstractmethod
    def account(self) -> Account:
        """The account that belongs to the mailbox, not stored yet."""

    @abstractmethod
    def deliver(self, *raws: bytes) -> None:
        """New mail comes, in this order."""

    @abstractmethod
    def take_away(self, raw: bytes) -> None:
        """Another program deletes a message."""

    @abstractmethod
    def contents(self) -> list[bytes]:
        """What is in the mailbox, oldest first."""

    def given(self, raw: bytes) -> bytes:
        return raw

    def incoming(self, store: Store, account: Account, secrets: Secrets) -> Incoming:
        """As the program makes it."""
        trust = TlsTrust()
        found = incoming(account, store, secrets=secrets, trust=trust, protocol_log=ProtocolLog())
        assert found is not None
        return found


class FaultyWay(Way):
    """A server that does what real ones will not do when they are asked to."""

    @abstractmethod
    def cut(self, after: int | None) -> None:
        """From now on lines break after so much was said: bytes, or answers in memory; None: they hold."""

    @abstractmethod
    def said(self) -> int:
        """How much was said over the last line."""

    @abstractmethod
    def refuse(self, *raws: bytes) -> None:
        """These messages are listed, and not given."""


class WiredWay(FaultyWay):
    """One of them that is reached over a line."""

    @abstractmethod
    def stall(self, after: int) -> None:
        """From now on it says no more once it has said so many bytes, and leaves the line open."""

    @abstractmethod
    def lines(self) -> int:
        """How often somebody has connected."""


# -- IMAP ------------------------------------------------------------------------------------------


def imap_account(host: str, port: int, user: str, security: Security = Security.NONE) -> Account:
    where = ServerSettings(host, port, security, user)
    return Account(0, "Ann", "ann@example.org", "Ann", where, sync=SyncPolicy(BodyPolicy.ALL))


class ImapWay(WiredWay):
    """IMAP over a line."""

    def __init__(self, server: MailboxServer) -> None:
        self._server = server

    def account(self) -> Account:
        return imap_account("127.0.0.1", self._server.port, "ann")

    def deliver(self, *raws: bytes) -> None:
        with self._server.lock:
            for raw in raws:
                self._server.inbox.deliver(raw)

    def take_away(self, raw: bytes) -> None:
        with self._server.lock:
            inbox = self._server.inbox
            inbox.expunge(next(uid for uid, message in inbox.messages.items() if message.raw == raw))

    def contents(self) -> list[bytes]:
        return [message.raw for message in self._server.inbox.messages.values()]

    def cut(self, after: int | None) -> None:
        self._server.tamper = honest
        self._server.cut_after = after

    def said(self) -> int:
        return len(self._server.sent[-1])

    def stall(self, after: int) -> None:
        def fall_silent(_command: Command, answer: list[bytes]) -> Iterator[bytes]:
            for piece in answer:
                left = after - len(self._server.sent[-1])
                yield piece[: max(0, left)]
                if len(piece) > left:
                    raise Silence

        self._server.tamper = fall_silent

    def lines(self) -> int:
        return len(self._server.sent)

    def refuse(self, *raws: bytes) -> None:
        def without(_command: Command, answer: list[bytes]) -> list[bytes]:
            return [piece for piece in answer if not any(raw in piece for raw in raws)]

        self._server.tamper = without


class _PickySession(MemorySession):
    """Does not give some messages."""

    refused: Collection[bytes] = ()

    def fetch_messages(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        given = super().fetch_messages(uids)
        return ((uid, raw) for uid, raw in given if raw not in self.refused)


class MemoryImapWay(FaultyWay):
    """IMAP in memory."""

    wired = False

    def __init__(self) -> None:
        self._server = MemoryServer()
        self._refused: tuple[bytes, ...] = ()

    def account(self) -> Account:
        return imap_account("imap.example.org", 143, "ann")

    def deliver(self, *raws: bytes) -> None:
        for raw in raws:
            self._server.inbox.deliver(raw)

    def take_away(self, raw: bytes) -> None:
        inbox = self._server.inbox
        inbox.expunge(next(uid for uid, message in inbox.messages.items() if message.raw == raw))

    def contents(self) -> list[bytes]:
        return [message.raw for message in self._server.inbox.messages.values()]

    def incoming(self, store: Store, account: Account, secrets: Secrets) -> Incoming:
        return ImapIncoming(store, MemoryBackend(account, secrets, "imap", self._session))  # type: ignore[arg-type]

    def cut(self, after: int | None) -> None:
        self._server.fail_after = after
        self._server.calls.clear()

    def said(self) -> int:
        return len(self._server.calls)

    def refuse(self, *raws: bytes) -> None:
        self._refused = raws

    def _session(self) -> MemorySession:
        session = _PickySession(self._server)
        session.refused = self._refused
        return session


# -- POP3 ------------------------------------------------------------------------------------------


def pop3_account(
    host: str, port: int, user: str, security: Security = Security.NONE, **policy: object
) -> Account:
    where = ServerSettings(host, port, security, user)
    chosen = Pop3Policy(**policy)  # type: ignore[arg-type]
    return Account(0, "Ann", "ann@example.org", "Ann", None, pop3=where, pop3_policy=chosen)


def ended(raw: bytes) -> bytes:
    """RFC 1939 section 3: the text of an answer ends with a line end, and so does every message."""
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


class _PickyPop3Server(Pop3Server):
    """Does not give some messages."""

    refused: Collection[bytes] = ()

    def answer(self, *steps: str) -> str | None:
        verb, _, number = steps[0].partition(" ") if steps else ("", "", "")
        if verb == "RETR" and self.mails[int(number) - 1].data in self.refused:
            return "-ERR [SYS/TEMP] not today"
        return super().answer(*steps)


class Pop3Way(WiredWay):
    """POP3 over a line."""

    def __init__(self, server: _PickyPop3Server) -> None:
        self._server = server

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator[Pop3Way]:
        server = _PickyPop3Server()
        with server:
            yield cls(server)

    def account(self) -> Account:
        return pop3_account("127.0.0.1", self._server.port, "eva")

    def deliver(self, *raws: bytes) -> None:
        self._server.put(*raws)

    def take_away(self, raw: bytes) -> None:
        self._server.remove([mail for mail in self._server.mails if mail.data == raw])

    def contents(self) -> list[bytes]:
        return [mail.data for mail in self._server.mails]

    def given(self, raw: bytes) -> bytes:
        return ended(raw)

    def cut(self, after: int | None) -> None:
        self._server.faults = (Fault(after_out=after, connection=self.lines() + 1),)

    def said(self) -> int:
        return self._server.bytes_out[-1]

    def stall(self, after: int) -> None:
        self._server.faults = (Fault(after_out=after, do=Do.STALL, connection=self.lines() + 1),)

    def lines(self) -> int:
        return self._server.connections

    def refuse(self, *raws: bytes) -> None:
        self._server.refused = raws


class MemoryPop3Way(FaultyWay):
    """POP3 in memory."""

    wired = False

    def __init__(self) -> None:
        self._server = MemoryPop3Server()

    def account(self) -> Account:
        return pop3_account("pop.example.org", 110, "ann")

    def deliver(self, *raws: bytes) -> None:
        for raw in raws:
            self._server.deliver(raw)

    def take_away(self, raw: bytes) -> None:
        self._server.mails = [mail for mail in self._server.mails if mail.raw != raw]

    def contents(self) -> list[bytes]:
        return [mail.raw for mail in self._server.mails]

    def incoming(self, store: Store, account: Account, secrets: Secrets) -> Incoming:
        server = self._server
        return Pop3Incoming(store, MemoryBackend(account, secrets, "pop3", server.session))  # type: ignore[arg-type]

    def cut(self, after: int | None) -> None:
        self._server.cut_after = MANY if after is None else after

    def said(self) -> int:
        assert self._server.cut_after is not None
        return MANY - self._server.cut_after

    def refuse(self, *raws: bytes) -> None:
        self._server.refuses = {mail.uidl for mail in self._server.mails if mail.raw in raws}


class MemoryBackend(Generic[S]):
    """Opens sessions in memory for whoever knows the password."""

    def __init__(self, account: Account, secrets: Secrets, purpose: str, session: Callable[[], S]) -> None:
        self.account = account
        self._secrets = secrets
        self._purpose = purpose
        self._session = session

    def open(self, *, on_created: Callable[[S], None] = lambda session: None) -> S:
        if self._secrets.secret(self.account, self._purpose) != PASSWORD:
            raise SignInFailed("The password was refused.")
        session = self._session()
        on_created(session)
        return session


# -- Dovecot ---------------------------------------------------------------------------------------


class DovecotWay(Way):
    """A real server, by IMAP or by POP3."""

    def __init__(self, dovecot: Dovecot, *, pop3: bool) -> None:
        self._dovecot = dovecot
        self._user = dovecot.add_user()
        self._pop3 = pop3
        self.password = self._user.password

    def account(self) -> Account:
        host, user = self._dovecot.host, self._user.name
        if self._pop3:
            return pop3_account(host, self._dovecot.pop3s_port, user, Security.TLS)
        return imap_account(host, self._dovecot.imaps_port, user, Security.TLS)

    def incoming(self, store: Store, account: Account, secrets: Secrets) -> Incoming:
        trust = TlsTrust(cafile=str(self._dovecot.ca_file))
        found = incoming(account, store, secrets=secrets, trust=trust, protocol_log=ProtocolLog())
        assert found is not None
        return found

    def deliver(self, *raws: bytes) -> None:
        self._dovecot.deliver_all(self._user, "INBOX", [DovecotMail(raw) for raw in raws])

    def take_away(self, raw: bytes) -> None:
        number = self.contents().index(raw) + 1
        self._dovecot.commands(
            self._user, "SELECT INBOX", f"STORE {number} +FLAGS.SILENT (\\Deleted)", "EXPUNGE"
        )

    def contents(self) -> list[bytes]:
        return self._dovecot.messages(self._user, "INBOX")

    def given(self, raw: bytes) -> bytes:
        return ended(raw) if self._pop3 else raw


# -- the program -----------------------------------------------------------------------------------


class Desk:
    """The program, with one account.

    Attributes:
        way: the server of the account.
        events: what was told to whoever listens.
    """

    def __init__(self, way: Way, profile: Path) -> None:
        self.way = way
        self.profile = profile
        self.events: list[Event] = []
        self.store = Store.open(profile)
        with self.store.user_transaction() as tx:
            self.account = self.store.accounts.add(tx, way.account())
        self._begin()

    def _begin(self) -> None:
        self.secrets = secrets_of(self.store, Credentials())
        self.enter_password(self.way.password)
        self.stop = StopToken()
        self._pass = self.incoming().one_pass(self.events.append, self.stop)

    def restart(self, *, without_cache: bool = False) -> None:
        """The program ends, and is started again."""
        self.store.close()
        if without_cache:
            for file in self.profile.glob("cache.db*"):
                file.unlink()
        self.store = Store.open(self.profile)
        (self.account,) = self.store.accounts.list()
        self._begin()

    def change(self, account: Account) -> None:
        """The user changes the settings."""
        with self.store.user_transaction() as tx:
            self.store.accounts.update(tx, account)
        self.restart()

    def incoming(self) -> Incoming:
        return self.way.incoming(self.store, self.account, self.secrets)

    def enter_password(self, password: str) -> None:
        self.secrets.keep_password(self.account, password, remember=False)

    def look(self) -> SyncReport:
        """Look for mail."""
        return self._pass.run()

    def breaks(self) -> bool:
        """Look for mail over a line that may break; whether it did."""
        try:
            self.look()
        except (ConnectionFailed, ProtocolViolation):
            return True
        return False

    @contextlib.contextmanager
    def running(self) -> Iterator[AccountWorkers]:
        """Look for mail again and again, on threads; they end in time."""
        workers = AccountWorkers(
            self.store,
            self.account,
            self.events.append,
            incoming=self.incoming(),
            lock=OutboxLock(self.store.directory, self.account.id),
            stop=StopToken(),
        )
        workers.start()
        try:
            yield workers
        finally:
            began = time.monotonic()
            workers.stop()
            workers.join(began + 10 * END_SECONDS)
            took = time.monotonic() - began
        assert took < END_SECONDS

    # -- what is here

    def folder(self, use: SpecialUse = SpecialUse.INBOX) -> Folder | None:
        folders = self.store.folders.list(self.account.id)
        return next((folder for folder in folders if folder.special_use is use), None)

    def ids(self, use: SpecialUse = SpecialUse.INBOX) -> list[int]:
        folder = self.folder(use)
        return list(self.store.messages.ids(MessageQuery((folder.id,)))) if folder else []

    def rows(self) -> list[MessageRow]:
        return self.store.messages.rows(self.ids())

    def contents(self) -> list[bytes]:
        """What the inbox shows, byte for byte, sorted; b"" for what is not here whole."""
        reading = Reading(self.store, self.account, StopToken())
        return sorted(reading.cached_source(id_) or b"" for id_ in self.ids())

    def expected(self) -> list[bytes]:
        """The same, if all is here that is there."""
        return sorted(map(self.way.given, self.way.contents()))

    def mark(self, subject: str, flags: Flag) -> None:
        """The user sets flags of a message."""
        record_flags(self.store, [self.find(subject)], flags, Flag.NONE)

    def find(self, subject: str) -> int:
        return next(row.id for row in self.rows() if row.subject == subject)
