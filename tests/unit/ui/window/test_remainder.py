from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.mime.parser import parse
from qtmail.models.roles import MessageColumn
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.shared.notice_strip import NoticeStrip
from qtmail.workers.loaded import LoadedMessage, LoadedSource
from tests.fakes.message_reader import message_row
from tests.unit.ui.window.local_desk import LocalDesk

HEADER = b"From: Ann <ann@example.org>\r\nSubject: Film\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"


@pytest.fixture
def desk(qapp, qtbot, tmp_path: Path) -> LocalDesk:
    desk = LocalDesk(qapp, qtbot, tmp_path / "window.ini")
    desk.messages.put(message_row(50, size=13_000_000, header_only=True))
    desk.model.open(desk.model.query)
    desk.table.select_row(0)
    load(desk)
    return desk


def load(desk: LocalDesk, raw: bytes = HEADER) -> None:
    desk.service.bridge.message_loaded.emit(LoadedMessage(50, parse(raw)))


def strip(view: MessageView) -> NoticeStrip:
    strip = view.notices.notice("rest")
    assert strip is not None
    return strip


def press_button(desk: LocalDesk, text: str) -> None:
    desk.qtbot.mouseClick(strip(desk.window.view).button(text), Qt.MouseButton.LeftButton)


def came(desk: LocalDesk) -> None:
    """The rest is here, and the window hears of it."""
    desk.messages.put(replace(desk.messages.messages[50], header_only=False))
    change = StoreChange(frozenset({ChangeKind.BODIES}), frozenset({1}), frozenset({50}))
    desk.service.bridge.store_changed.emit(change)


def words(desk: LocalDesk) -> str:
    return strip(desk.window.view).text()


def test_it_is_said_that_there_is_more_and_not_that_it_is_damaged(desk):
    assert words(desk) == "Only the header of this message is here; 12 MB are on the server."
    assert desk.window.view.notices.notice("problems") is None


def test_the_rest_is_fetched_and_shown_when_it_has_come(desk):
    press_button(desk, "Download")
    assert desk.service.downloads == [50]
    assert words(desk) == "The rest of this message is fetched as soon as its server answers."
    before = len(desk.service.loads)
    came(desk)
    assert desk.service.loads[before:] == [50]
    load(desk, b"Subject: Film\r\n\r\nHere it is.\r\n")
    assert desk.window.view.notices.notice("rest") is None
    assert not desk.window.actions_["message.download"].isEnabled()


def test_it_is_deleted_on_its_server_after_a_question(desk):
    press_button(desk, "Delete on server")
    assert desk.service.server_deletes == []
    assert desk.agree() == "Delete this message on its server, unread?"
    assert desk.service.server_deletes == [50]
    assert words(desk) == "This message is deleted as soon as its server answers."


def test_both_are_commands_for_a_selection(desk):
    actions = desk.window.actions_
    assert actions["message.download"].isEnabled() and actions["message.delete_on_server"].isEnabled()
    actions["message.download"].trigger()
    actions["message.delete_on_server"].trigger()
    desk.agree()
    assert (desk.service.downloads, desk.service.server_deletes) == ([50], [50])
    desk.table.select_row(1)
    assert not actions["message.download"].isEnabled()


def test_the_row_is_marked_and_a_screen_reader_hears_it(desk):
    index = desk.model.index(0, MessageColumn.SUBJECT)
    assert "Only its header is on this computer" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    mark = index.siblingAtColumn(MessageColumn.ATTACHMENT)
    assert mark.data(Qt.ItemDataRole.ToolTipRole) == "Only its header is on this computer"
    for show in (desk.window.view_commands.show_cards, desk.window.view_commands.show_columns):
        show()
        marked = desk.table.viewport().grab().toImage()
        desk.messages.put(replace(desk.messages.messages[50], header_only=False))
        desk.model.open(desk.model.query)
        desk.table.select_row(0)
        assert desk.table.viewport().grab().toImage() != marked
        desk.messages.put(replace(desk.messages.messages[50], header_only=True))
        desk.model.open(desk.model.query)
        desk.table.select_row(0)


def test_a_window_of_its_own_shows_the_rest_when_it_has_come(desk):
    desk.window.actions_["message.open"].trigger()
    (window,) = desk.window.windows.windows()
    desk.qtbot.addWidget(window)
    desk.qtbot.mouseClick(strip(window.view).button("Download"), Qt.MouseButton.LeftButton)
    assert desk.service.downloads == [50]
    came(desk)
    assert desk.service.sources == [50]
    raw = b"Subject: Film\r\n\r\nHere it is.\r\n"
    desk.service.bridge.source_loaded.emit(LoadedSource(50, raw))
    assert window.view.notices.notice("rest") is None
    assert window.view.message().text.strip() == "Here it is."
