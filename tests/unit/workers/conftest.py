"""Programs on a profile, for the tests of the compose service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtmail.domain.events import Connection
from qtmail.store.store import Store
from tests.fakes.memory_backend import PASSWORD, MemoryHosts
from tests.fakes.memory_imap import MemoryServer
from tests.unit.workers.compose_desk import ACCOUNT, WITH_FILE, Desk
from tests.unit.workers.service_desk import ServiceDesk


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "profile") as store, store.user_transaction() as tx:
        store.accounts.add(tx, ACCOUNT)
    return tmp_path / "profile"


@pytest.fixture
def start(qtbot: QtBot, profile: Path) -> Iterator[Callable[[], Desk]]:
    """Starts the program; all that were started are quit at the end."""
    with ExitStack() as stack:

        def start_one() -> Desk:
            desk = Desk(qtbot, profile)
            stack.callback(desk.end)
            return desk

        yield start_one


@pytest.fixture
def desk(start: Callable[[], Desk]) -> Desk:
    return start()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> MemoryServer:
    """The account's server, with a message that has a file attached."""
    hosts = MemoryHosts()
    hosts.servers["ann"] = MemoryServer()
    hosts.servers["ann"].inbox.deliver(WITH_FILE)
    monkeypatch.setattr("qtmail.engine.incoming.ImapBackend", hosts)
    return hosts.servers["ann"]


@pytest.fixture
def online(server: MemoryServer, desk: Desk) -> Desk:
    """The program in step with its server."""
    (account,) = desk.store.accounts.list()
    desk.credentials.session(account, PASSWORD)
    desk.mail.start()
    desk.until(lambda: [one.connection for one in desk.mail.states().values()] == [Connection.WATCHING])
    return desk


@pytest.fixture
def office(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceDesk]:
    """A service without accounts, whose IMAP servers are in memory."""
    hosts = MemoryHosts()
    monkeypatch.setattr("qtmail.engine.incoming.ImapBackend", hosts)
    desk = ServiceDesk(qtbot, tmp_path / "profile", hosts)
    yield desk
    desk.close()
