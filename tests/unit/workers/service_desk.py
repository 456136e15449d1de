"""The service behind the window, with real workers, servers in memory, and several accounts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.events import Connection, Problem
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import MessageQuery
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.mail_service import MailService
from tests.fakes.keyrings import FileKeyring
from tests.fakes.memory_backend import PASSWORD, MemoryHosts
from tests.fakes.memory_imap import MemoryFolder, MemoryServer, plain_message

LIMIT = 10_000
"""Milliseconds until something that was asked for must be done."""


DUTIES = ("sync", "watch", "pop3", "outbox", "local")


def new_account(name: str = "ann", *, address: str = "") -> Account:
    """An account that reads only, from the server of the user of this name."""
    imap = ServerSettings("imap.example.org", 993, Security.TLS, name)
    policy = SyncPolicy(bodies=BodyPolicy.NONE)
    return Account(0, name.title(), address or f"{name}@example.org", name.title(), imap, sync=policy)


class GatedKeyring(FileKeyring):
    """A keyring that waits for its user, as one that is locked does, while `open` is clear."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.open = threading.Event()
        self.open.set()
        self.asked = threading.Event()

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        super().set_password(service, username, password)

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return super().get_password(service, username)

    def _wait(self) -> None:
        if not self.open.is_set():
            self.asked.set()
            self.open.wait(20)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self.asked.clear()
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()


class ServiceDesk:
    """A service, and what it said.

    Attributes:
        hosts: the IMAP servers, one for each user.
        keyring: where passwords outlive the session.
        problems: what was said through the bridge.
    """

    def __init__(self, qtbot: QtBot, profile: Path, hosts: MemoryHosts) -> None:
        self._qtbot = qtbot
        self.hosts = hosts
        self.keyring = GatedKeyring(profile.parent)
        self.store = Store.open(profile)
        self.credentials = Credentials(self.keyring, profile=profile)
        self.bridge = EngineBridge()
        self.background = Background("reads", self.store)
        self.service = MailService(self.store, self.credentials, self.bridge, self.background)
        self.problems: list[Problem] = []
        self.bridge.problem.connect(self.problems.append)

    def close(self) -> None:
        self.service.stop()
        self.background.stop()
        self.store.close()

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=LIMIT)

    def server(self, user: str, *subjects: str) -> MemoryServer:
        """The server of a user, with messages in the inbox and a folder for everything."""
        server = self.hosts.servers.setdefault(user, MemoryServer())
        for name, use in ((b"Sent", SpecialUse.SENT), (b"Archive", SpecialUse.ARCHIVE), (b"Other", None)):
            server.folders.setdefault(name, MemoryFolder(name, use))
        for number, subject in enumerate(subjects, 1):
            server.inbox.deliver(plain_message(number, subject))
        return server

    def add(self, account: Account, password: str = PASSWORD, *, remember: bool = True) -> Account:
        """Add an account and wait until it has found out how it stands."""
        known = {one.id for one in self.service.accounts()}
        self.service.add_account(account, password, remember=remember)
        self.until(lambda: {one.id for one in self.service.accounts()} - known)
        (added,) = (one for one in self.service.accounts() if one.id not in known)
        self.until(lambda: self.stands(added, Connection.WATCHING, Connection.NEEDS_USER, Connection.WAITING))
        return added

    def stands(self, account: Account, *connections: Connection) -> bool:
        state = self.service.states().get(account.id)
        return state is not None and state.connection in connections

    def watching(self, account: Account) -> bool:
        return self.stands(account, Connection.WATCHING)

    def account(self, account: Account) -> Account | None:
        """As it is stored now."""
        return self.store.accounts.get(account.id)

    def changed(self, account: Account, **values: object) -> Account:
        """The account as the settings would hand it over."""
        return replace(account, **values)  # type: ignore[arg-type]

    def subjects(self, account: Account) -> set[str]:
        folders = tuple(folder.id for folder in self.store.folders.list(account.id))
        rows = (self.store.messages.get(id_) for id_ in self.store.messages.ids(MessageQuery(folders)))
        return {row.subject for row in rows if row is not None}

    def sentences(self) -> str:
        return "\n".join(f"{problem.sentence} {problem.advice}" for problem in self.problems)

    def settled(self) -> None:
        """All that was asked for is done, however often one thread asked another."""
        for _ in range(4):
            for thread in (self.service._writes, self.service._passwords):
                done: list[None] = []
                thread.submit(lambda: None, done.append)
                self.until(lambda done=done: done)  # type: ignore[misc]

    def threads(self) -> list[str]:
        """Those that work for accounts."""
        names = (thread.name for thread in threading.enumerate())
        return sorted(name for name in names if name.partition("-")[0] in DUTIES)

    def secrets(self) -> dict[str, str]:
        """What is in the keyring."""
        return self.keyring._load()
