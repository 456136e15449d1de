"""What the window asks of mail on this computer: it returns at once, and is done in the order asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtmail.domain.folder import Folder
from qtmail.domain.message import Flag
from qtmail.domain.moves import Moved
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.engine.local_mail import LocalMail
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.loaded import LoadedMessage
from qtmail.workers.local_requests import LocalRequests
from tests.fakes.local_bench import add_account, deliver, folder_of, id_of, kept, paths


class Desk:
    """A service, and what it said.

    Attributes:
        problems: sentences.
    """

    def __init__(self, qtbot: QtBot, profile: Path) -> None:
        self.store = Store.open(profile)
        self.account = add_account(self.store)
        LocalMail(self.store, self.account).ensure_folders()
        deliver(self.store, self.account, "one", "two", "three")
        self.bridge = EngineBridge()
        self.background = Background("background", self.store)
        self.service = LocalRequests(self.store, self.bridge, self.background)
        self.problems: list[str] = []
        self.bridge.problem.connect(lambda problem: self.problems.append(problem.sentence))
        self._qtbot = qtbot

    def end(self) -> None:
        self.service._writes.stop()
        self.background.stop()
        self.bridge.close()
        self.store.close()

    def done(self) -> None:
        """Everything that was asked for is done."""
        ready: list[None] = []
        self.service._writes.submit(lambda: None, ready.append)
        self._qtbot.waitUntil(lambda: bool(ready), timeout=5000)

    def where(self) -> dict[str, set[str]]:
        self.done()
        return {path: set(messages) for path, messages in kept(self.store, self.account).items()}

    def ids(self, *subjects: str) -> list[int]:
        return [id_of(self.store, subject) for subject in subjects]


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(qtbot, tmp_path / "profile")
    yield desk
    desk.end()


def test_messages_are_moved_and_put_back(desk: Desk):
    moved: list[Moved] = []
    desk.service.move_messages(
        desk.ids("one", "two"), folder_of(desk.store, desk.account, "Archive").id, moved.append
    )
    assert desk.where() == {"Inbox": {"three"}, "Archive": {"one", "two"}}
    desk.service.undo_move(moved[0])
    assert desk.where() == {"Inbox": {"one", "two", "three"}}


def test_messages_are_archived_deleted_and_marked(desk: Desk):
    desk.service.archive_messages(desk.ids("one"))
    desk.service.delete_messages(desk.ids("two"))
    desk.service.mark_junk(desk.ids("three"))
    assert desk.where() == {"Archive": {"one"}, "Trash": {"two"}, "Junk": {"three"}}
    desk.service.mark_junk(desk.ids("three"), junk=False)
    desk.service.delete_messages(desk.ids("one"), for_good=True)
    desk.service.empty_trash(desk.account.id)
    assert desk.where() == {"Inbox": {"three"}}
    assert desk.problems == []


def test_what_is_asked_for_together_keeps_its_order(desk: Desk):
    ids = desk.ids("one")
    desk.service.set_flags(ids, Flag.SEEN, Flag.NONE)
    desk.service.archive_messages(ids)
    desk.service.set_flags(ids, Flag.FLAGGED, Flag.SEEN)
    desk.service.delete_messages(ids)
    desk.done()
    assert kept(desk.store, desk.account)["Trash"] == {"one": Flag.FLAGGED}


def test_folders_are_made_renamed_and_removed(desk: Desk):
    made: list[Folder] = []
    desk.service.create_folder(desk.account.id, "工作/会议", made.append)
    desk.done()
    desk.service.move_messages(desk.ids("one"), made[0].id)
    desk.service.rename_folder(made[0].id, "Meetings")
    desk.done()
    assert {"Meetings", "工作"} <= set(paths(desk.store, desk.account))
    desk.service.remove_folder(made[0].id)
    assert desk.where() == {"Inbox": {"two", "three"}, "Trash": {"one"}}


def test_what_cannot_be_done_is_said(desk: Desk):
    desk.service.create_folder(desk.account.id, "inbox")
    desk.done()
    assert desk.problems == ["There is already a folder “Inbox”."]


def test_the_rest_of_a_message_is_wished_for(desk: Desk):
    (header,) = deliver(desk.store, desk.account, "big", server_size=9000)
    note = Pop3Message(desk.account.id, b"u", 9000, 1, header.uid, whole=False)
    with desk.store.user_transaction() as tx:
        desk.store.pop3_messages.note(tx, note)

    def wish() -> Pop3Wish:
        desk.done()
        return desk.store.pop3_messages.list(desk.account.id)[0].wish

    desk.service.download_rest(desk.ids("big"))
    assert wish() is Pop3Wish.DOWNLOAD
    desk.service.delete_on_server(desk.ids("big"))
    assert wish() is Pop3Wish.DELETE


@pytest.mark.parametrize(("subject", "on_server"), [("one", 0), ("big", 9000)])
def test_a_message_is_loaded_with_what_is_left_on_the_server(
    desk: Desk, qtbot: QtBot, subject: str, on_server: int
):
    deliver(desk.store, desk.account, "big", server_size=9000)
    loaded: list[LoadedMessage] = []
    desk.bridge.message_loaded.connect(loaded.append)
    desk.service.load_message(desk.ids(subject)[0])
    qtbot.waitUntil(lambda: bool(loaded), timeout=5000)
    assert loaded[0].on_server == on_server
    assert loaded[0].message is not None
    assert loaded[0].message.envelope.subject == subject
