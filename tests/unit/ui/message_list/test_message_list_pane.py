from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from qtmail.domain.message import Flag, SortKey
from qtmail.models.folder_nodes import FolderNode, NodeKind
from qtmail.models.message_list import MessageListModel
from qtmail.ui.message_list.message_list_pane import MessageListPane
from qtmail.ui.shared.immediate import Immediate
from tests.fakes.message_reader import MemoryMessages, message_row
from tests.fakes.window import TEXTS, folder, light_theme

INBOX = FolderNode("folder/1/INBOX", NodeKind.FOLDER, "Inbox", folder=folder(1, "INBOX"), folder_ids=(1,))


class Bench:
    def __init__(self, app: QApplication) -> None:
        rows = [message_row(id_, flags=Flag.SEEN) for id_ in range(1, 301)]
        self.messages = MemoryMessages(rows)
        for id_ in (40, 290):
            self.messages.put(message_row(id_))
        self.theme = light_theme(app)
        self.pane = MessageListPane(
            MessageListModel(self.messages, Immediate(), TEXTS, refresh_ms=0), self.theme
        )

    def empty_text(self) -> str:
        return self.pane._empty.sentence()


@pytest.fixture
def bench(qapp, qtbot):
    bench = Bench(qapp)
    qtbot.addWidget(bench.pane)
    bench.pane.resize(420, 600)
    bench.pane.show()
    return bench


def test_the_title_says_which_folder_and_how_many_messages(bench):
    bench.pane.open(INBOX)
    assert (bench.pane.filter._title.text(), bench.pane.filter._count.text()) == ("Inbox", "300")


def test_a_filter_narrows_the_list_and_another_folder_drops_it(bench, qtbot):
    bench.pane.open(INBOX)
    qtbot.mouseClick(bench.pane.filter._unread, Qt.MouseButton.LeftButton)
    assert bench.pane._model.rowCount() == 2
    bench.pane.open(INBOX)
    assert bench.pane._model.rowCount() == 300


def test_a_filter_that_matches_nothing_says_so_and_offers_the_way_out(bench, qtbot):
    bench.pane.open(INBOX)
    qtbot.mouseClick(bench.pane.filter._flagged, Qt.MouseButton.LeftButton)
    assert bench.empty_text() == "No message here matches the filter"
    bench.pane._empty.button_clicked.emit()
    assert bench.pane._model.rowCount() == 300


def test_an_empty_folder_says_whether_mail_may_still_come(bench):
    bench.messages.messages.clear()
    bench.pane.open(INBOX)
    assert bench.empty_text() == "This folder is empty"
    bench.pane.set_syncing(True)
    assert bench.empty_text() == "Looking for messages…"
    bench.pane.set_syncing(False)
    bench.pane.open(None)
    assert bench.empty_text() == "No folder is open"


def test_n_goes_to_the_nearest_unread_and_round(bench):
    bench.pane.open(INBOX)
    for expected in (290, 40, 290):
        bench.pane.select_next_unread()
        assert bench.pane.selected_message().id == expected
    bench.pane.select_previous_unread()
    assert bench.pane.selected_message().id == 40


def test_another_order_keeps_the_selected_message_selected(bench):
    bench.pane.open(INBOX)
    bench.pane.table.select_row(250)
    chosen = bench.pane.selected_message()
    bench.pane.sort_by(SortKey.SIZE, False)
    assert bench.pane.selected_message() == chosen
    assert bench.pane.table.currentIndex().row() == 49


def test_the_selection_is_told_once_for_each_change(bench, qtbot):
    bench.pane.open(INBOX)
    told: list[int] = []
    bench.pane.selection_changed.connect(lambda: told.append(bench.pane.selected_count()))
    bench.pane.select_all()
    bench.pane.select_all()
    bench.pane.table.select_row(3)
    assert told == [300, 1]


def test_of_several_selected_the_one_under_the_keyboard_is_current(bench):
    bench.pane.open(INBOX)
    bench.messages.put(replace(message_row(300), flags=Flag.FLAGGED | Flag.SEEN))
    bench.pane.select_all()
    assert bench.pane.current_message().id in (300, bench.pane._model.ids[0])
    assert bench.pane.selected_message() is None


def test_the_group_stands_above_the_list_only_when_sorted_by_date(bench):
    bench.pane.open(INBOX)
    assert bench.pane._group.text() == "November 2023"
    bench.pane.sort_by(SortKey.SUBJECT, False)
    assert bench.pane._group.isHidden()


def test_where_no_folder_is_open_the_pane_says_what_to_do(bench, qtbot):
    """An account whose server never answered has no folders, and an empty pane would explain nothing."""
    qtbot.waitUntil(lambda: bench.pane._stack.currentWidget() is bench.pane._empty)
    assert bench.empty_text() == "No folder is open"
