"""Ending the program takes less than two seconds, whatever the servers do."""

import socket
import threading
import time

import pytest

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.events import Connection
from qtmail.engine.stopping import StopToken, heavy_lane
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.mail_service import MailService

GREETING = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"
LIMIT = 2.0


class SilentServer:
    """Accepts, says what it is given, and never says another word."""

    def __init__(self, greeting=b""):
        self._greeting = greeting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            if not self.port:
                connection.close()
                return
            self.connections.append(connection)
            connection.sendall(self._greeting)

    def close(self):
        port, self.port = self.port, 0
        socket.create_connection(("127.0.0.1", port)).close()
        self._thread.join(5)
        self._listener.close()
        for connection in self.connections:
            connection.close()


@pytest.fixture
def service(qtbot, tmp_path):
    with Store.open(tmp_path / "profile") as store:
        background = Background("reads", store)
        yield MailService(store, Credentials(), EngineBridge(), background)
        background.stop()


def start(service, server, security, accounts=3):
    for number in range(accounts):
        settings = ServerSettings("127.0.0.1", server.port, security, f"user{number}")
        account = Account(0, "A", f"user{number}@example.org", "A", settings)
        service.add_account(account, "secret", remember=False)


@pytest.mark.parametrize(
    ("security", "greeting"),
    [
        pytest.param(Security.NONE, b"", id="before the greeting"),
        pytest.param(Security.TLS, b"", id="in the TLS handshake"),
        pytest.param(Security.NONE, GREETING, id="at the sign-in"),
        pytest.param(Security.NONE, b"* OK [CAPABILITY IMAP4r", id="in the middle of a line"),
    ],
)
def test_stalling_servers_do_not_hold_up_the_end(qtbot, service, security, greeting):
    server = SilentServer(greeting)
    try:
        start(service, server, security)
        qtbot.waitUntil(lambda: len(server.connections) == 6, timeout=10_000)
        began = time.monotonic()
        service.stop()
        assert time.monotonic() - began < LIMIT
        assert not [t for t in threading.enumerate() if t.name.startswith(("sync-", "watch-"))]
    finally:
        server.close()


def test_a_dead_address_does_not_hold_up_the_end(qtbot, service):
    # Connections to a port whose queue is full stay without an answer.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        host, port = full.getsockname()
        settings = ServerSettings(host, port, Security.TLS, "ann")
        service.add_account(Account(0, "A", "ann@example.org", "A", settings), "secret", remember=False)
        qtbot.waitUntil(
            lambda: [state.connection for state in service.states().values()] == [Connection.CONNECTING],
            timeout=10_000,
        )
        began = time.monotonic()
        service.stop()
        assert time.monotonic() - began < LIMIT
        for filler in fillers:
            filler.close()


def test_a_password_store_that_waits_for_its_user_does_not_hold_up_the_end(qtbot, tmp_path, monkeypatch):
    asked, answered = threading.Event(), threading.Event()

    def ask(self, account, purpose="imap"):
        asked.set()
        answered.wait(20)

    monkeypatch.setattr(Credentials, "get", ask)
    store = Store.open(tmp_path / "profile")
    background = Background("reads", store)
    service = MailService(store, Credentials(), EngineBridge(), background)
    settings = ServerSettings("127.0.0.1", 1, Security.TLS, "ann")
    service.add_account(Account(0, "A", "ann@example.org", "A", settings), None, remember=False)
    qtbot.waitUntil(asked.is_set, timeout=10_000)
    began = time.monotonic()
    service.stop()
    background.stop(0.1)
    store.close()
    assert time.monotonic() - began < LIMIT
    left_behind = [t for t in threading.enumerate() if t.name.startswith(("sync-", "watch-"))]
    answered.set()
    for thread in left_behind:
        thread.join(5)
        assert not thread.is_alive(), "it ends by itself, and says nothing to whoever is gone"


def test_threads_that_wait_to_parse_end_instead(qtbot):
    stop = StopToken()
    ended = []

    def parse():
        try:
            with heavy_lane(stop):
                ended.append("parsed")
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is looked at
            ended.append(type(error).__name__)

    with heavy_lane(StopToken()):
        thread = threading.Thread(target=parse)
        thread.start()
        stop.stop()
    thread.join(5)
    assert ended == ["Stopped"]
