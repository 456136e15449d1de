"""The service behind the window, with real workers and a server in memory."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.events import Connection, Problem, Progress
from qtmail.domain.message import Flag, MessageQuery, PartStructure
from qtmail.errors import ConnectionFailed
from qtmail.mime.summary import summarise_header
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.loaded import LoadedMessage, LoadedPart, LoadedSource
from qtmail.workers.mail_service import MailService
from tests.fakes.memory_backend import PASSWORD, MemoryHosts
from tests.fakes.memory_imap import MemoryServer, plain_message


def new_account(name: str = "ann") -> Account:
    settings = ServerSettings("imap.example.org", 993, Security.TLS, name)
    policy = SyncPolicy(bodies=BodyPolicy.NONE)
    return Account(0, name, f"{name}@example.org", name, settings, sync=policy)


class Desk:
    """A service with one account on a server with two messages, and what its bridge brought."""

    def __init__(self, qtbot, directory):
        self.qtbot = qtbot
        self.store = Store.open(directory)
        self.credentials = Credentials()
        self.bridge = EngineBridge()
        self.background = Background("reads", self.store)
        self.service = MailService(self.store, self.credentials, self.bridge, self.background)
        self.messages: list[LoadedMessage] = []
        self.parts: list[LoadedPart] = []
        self.sources: list[LoadedSource] = []
        self.problems: list[Problem] = []
        self.progress: list[Progress] = []
        for signal, seen in (
            (self.bridge.message_loaded, self.messages),
            (self.bridge.part_loaded, self.parts),
            (self.bridge.source_loaded, self.sources),
            (self.bridge.problem, self.problems),
            (self.bridge.progress, self.progress),
        ):
            signal.connect(seen.append)

    def close(self):
        self.service.stop()
        self.background.stop()
        self.store.close()

    def until(self, condition):
        self.qtbot.waitUntil(condition, timeout=10_000)

    def state(self):
        (state,) = self.service.states().values()
        return state

    def connected(self, *connections):
        return [state.connection for state in self.service.states().values()] == list(connections)

    def message_ids(self):
        folders = tuple(folder.id for folder in self.store.folders.list())
        return list(self.store.messages.ids(MessageQuery(folders)))

    def add(self, account, password=PASSWORD):
        self.service.add_account(account, password, remember=False)
        self.until(lambda: bool(self.service.states()))


@pytest.fixture
def hosts(monkeypatch):
    hosts = MemoryHosts()
    hosts.servers["ann"] = MemoryServer()
    for number in (1, 2):
        hosts.servers["ann"].inbox.deliver(plain_message(number))
    monkeypatch.setattr("qtmail.engine.incoming.ImapBackend", hosts)
    return hosts


@pytest.fixture
def desk(qtbot, tmp_path, hosts):
    desk = Desk(qtbot, tmp_path / "profile")
    yield desk
    desk.close()


@pytest.fixture
def ready(desk):
    """The desk with an account that is in step."""
    desk.add(new_account())
    desk.until(lambda: desk.connected(Connection.WATCHING))
    return desk


@pytest.fixture
def server(hosts):
    return hosts.servers["ann"]


def test_an_account_is_added_and_synced(ready):
    assert len(ready.message_ids()) == 2
    assert [account.name for account in ready.service.accounts()] == ["ann"]


def test_an_account_is_started_once(ready):
    started: list[None] = []
    ready.service.start()
    ready.background.submit(lambda: None, started.append)  # comes after the accounts were read
    ready.until(lambda: bool(started))
    assert sorted(_threads_of_accounts()) == ["sync-1", "watch-1"]


def test_an_account_that_is_there_is_not_added_twice(ready):
    ready.service.add_account(new_account(), PASSWORD, remember=False)
    ready.until(lambda: bool(ready.problems))
    assert "already" in ready.problems[0].sentence
    assert len(ready.service.accounts()) == 1


def test_a_message_comes_from_the_server_once_and_then_from_here(ready, server):
    message_id = ready.message_ids()[0]
    ready.service.load_message(message_id)
    ready.until(lambda: any(answer.message for answer in ready.messages))
    assert [answer.loading for answer in ready.messages] == [True, False]
    assert ready.messages[-1].message.text.strip().startswith("Text of message")
    server.calls.clear()
    ready.messages.clear()
    ready.service.load_message(message_id)
    ready.until(lambda: bool(ready.messages))
    assert ready.messages[0].message and not [call for call in server.calls if call.startswith("BODY")]


def test_a_message_that_is_gone_is_told_so_and_the_line_stays(ready, hosts):
    attempts = hosts.attempts
    ready.service.load_message(9999)
    ready.until(lambda: any(answer.problem for answer in ready.messages))
    assert "no longer in its folder" in ready.messages[-1].problem.sentence
    ready.service.load_source(9999)
    ready.until(lambda: bool(ready.sources))
    assert "no longer in its folder" in ready.sources[0].problem.sentence
    assert hosts.attempts == attempts


def test_a_part_of_a_large_message_is_fetched_when_it_is_asked_for(ready, server):
    account = replace(ready.service.accounts()[0], sync=SyncPolicy(BodyPolicy.NONE, prefetch_bytes=10))
    with ready.store.user_transaction() as tx:
        ready.store.accounts.update(tx, account)
    for message in server.inbox.messages.values():
        message.structure = PartStructure("1", "application/pdf", size=20, disposition="attachment")
    message_id = ready.message_ids()[0]
    ready.service.load_message(message_id)
    ready.until(lambda: any(answer.message for answer in ready.messages))
    (attachment,) = ready.messages[-1].message.attachments
    assert attachment.content is None
    ready.service.load_part(message_id, attachment.section)
    ready.until(lambda: bool(ready.parts))
    assert ready.parts[0].content.startswith(b"Text of message")
    ready.until(lambda: [event.finished for event in ready.progress if event.what == "bytes"][-1:] == [True])


def test_a_part_that_is_not_there_is_told_so_and_its_progress_ends(ready):
    message_id = ready.message_ids()[0]
    ready.service.load_part(message_id, "7")
    ready.until(lambda: bool(ready.parts))
    assert ready.parts[0].problem and ready.parts[0].content is None
    ready.until(lambda: [event.finished for event in ready.progress if event.what == "bytes"] == [True])


def test_the_source_is_the_message_byte_for_byte(ready, server):
    message_id = ready.message_ids()[0]
    ready.service.load_source(message_id)
    ready.until(lambda: bool(ready.sources))
    assert ready.sources[0].raw in [message.raw for message in server.inbox.messages.values()]


def test_flags_show_at_once_and_reach_the_server(ready, server):
    message_id = ready.message_ids()[0]
    ready.service.set_flags([message_id], Flag.SEEN, Flag.NONE)
    ready.until(lambda: any(message.flags & Flag.SEEN for message in server.inbox.messages.values()))
    assert not ready.store.messages.get(message_id).unread
    ready.until(lambda: ready.service.pending_operations(1) == [])


def test_flags_set_just_before_the_end_are_in_the_journal(desk, hosts, tmp_path):
    desk.add(new_account())
    desk.until(lambda: desk.connected(Connection.WATCHING))
    hosts.fault = ConnectionFailed("The network is gone.")
    desk.service.set_flags(desk.message_ids(), Flag.FLAGGED, Flag.NONE)
    desk.service.stop()
    pending = desk.store.operations.pending(1)
    on_server = hosts.servers["ann"].inbox.messages.values()
    assert len(pending) == 2 or all(message.flags & Flag.FLAGGED for message in on_server)


def test_a_removed_account_leaves_nothing(ready, hosts):
    account = ready.service.accounts()[0]
    ready.service.remove_account(account.id)
    ready.until(lambda: ready.service.accounts() == [] and ready.store.folders.list() == [])
    assert ready.service.states() == {}
    assert ready.service.protocol_log(account.id) == []
    ready.until(lambda: not _threads_of_accounts())
    ready.until(lambda: ready.credentials.get(account) is None)


def test_offline_nothing_is_connected_and_what_is_here_can_be_read(desk, hosts):
    with desk.store.user_transaction() as tx:
        account = desk.store.accounts.add(tx, new_account())
    desk.credentials.session(account, PASSWORD)
    desk.service.offline = True
    desk.service.start()
    desk.service.load_message(1)
    desk.until(lambda: any(answer.problem for answer in desk.messages))
    assert hosts.attempts == 0 and desk.service.states() == {}


def test_offline_a_message_that_is_not_here_is_told_so(desk, hosts, tmp_path):
    desk.add(new_account())
    desk.until(lambda: desk.connected(Connection.WATCHING))
    desk.service.stop()
    second = Desk(desk.qtbot, tmp_path / "profile")
    second.service.offline = True
    second.service.load_message(second.message_ids()[0])
    second.until(lambda: any(answer.problem for answer in second.messages))
    problem = second.messages[-1].problem
    assert problem is not None and "offline" in problem.sentence
    second.close()


def test_work_that_waits_does_not_try_a_refused_password_again(desk, hosts):
    desk.add(new_account(), "wrong")
    desk.until(lambda: desk.connected(Connection.NEEDS_USER) and hosts.attempts == 2)
    with desk.store.cache_transaction() as tx:
        remote = hosts.servers["ann"].session().list_folders()
        (folder,) = desk.store.folders.reconcile(tx, 1, remote).added
    _store_letters(desk, folder, hosts)
    for message_id in desk.message_ids():
        desk.service.load_message(message_id)
        desk.service.set_flags([message_id], Flag.SEEN, Flag.NONE)
    desk.until(lambda: any(answer.problem for answer in desk.messages))
    desk.until(lambda: len(desk.service.pending_operations(1)) == 2)
    assert hosts.attempts == 2
    desk.service.supply_password(1, PASSWORD, remember=False)
    desk.until(lambda: desk.connected(Connection.WATCHING))
    desk.until(lambda: desk.service.pending_operations(1) == [])


def _store_letters(desk, folder, hosts):
    """What an earlier session left in the cache."""
    session = hosts.servers["ann"].session()
    session.select(folder.wire_name)
    with desk.store.cache_transaction() as tx:
        for batch in session.fetch_headers(["1:2"]):
            new = [NewMessage(remote, summarise_header(remote.header)) for remote in batch]
            desk.store.messages.add(tx, folder.id, new)


def test_without_a_line_the_reader_is_told_at_once(ready, hosts):
    hosts.fault = ConnectionFailed("The network is gone.")
    hosts.servers["ann"].fail_after = 0
    ready.service.sync_now()
    ready.until(lambda: ready.connected(Connection.WAITING))
    ready.service.load_message(ready.message_ids()[0])
    ready.until(lambda: any(answer.problem for answer in ready.messages))


def test_a_bug_in_the_attending_thread_is_told_and_nobody_waits_for_it(ready, monkeypatch, caplog):
    monkeypatch.setattr("qtmail.engine.bodies.glance", lambda raw: 1 // 0)
    first, second = ready.message_ids()
    ready.service.load_message(first)
    ready.until(lambda: any(answer.problem for answer in ready.messages))
    ready.until(lambda: ready.connected(Connection.NEEDS_USER))
    assert "ZeroDivisionError" in caplog.text
    ready.messages.clear()
    ready.service.load_message(second)
    ready.until(lambda: any(answer.problem for answer in ready.messages))


def test_after_the_end_no_thread_is_left_and_nothing_is_told(ready, server):
    ready.service.stop()
    assert not _threads_of_accounts()
    told: list[object] = []
    ready.bridge.store_changed.connect(told.append)
    with ready.store.cache_transaction() as tx:
        ready.store.messages.set_flags(tx, ready.message_ids(), Flag.FLAGGED, Flag.NONE)
    ready.bridge.post(Progress(1, "headers"))
    QCoreApplication.processEvents()
    assert told == []


def _threads_of_accounts():
    return [t.name for t in threading.enumerate() if t.name.startswith(("sync-", "watch-"))]
