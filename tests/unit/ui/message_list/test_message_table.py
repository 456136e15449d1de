from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QItemSelectionModel, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import Flag, MessageQuery, SortKey
from qtmail.models.message_list import MessageListModel
from qtmail.models.roles import MessageColumn
from qtmail.ui.message_list.message_table import MessageTable
from qtmail.ui.shared.dates import full_date
from qtmail.ui.shared.message_drag import dragged_messages
from qtmail.ui.window.window_state import ListView
from tests.fakes.message_reader import MemoryMessages, message_row
from tests.fakes.step_background import StepBackground
from tests.fakes.window import TEXTS, light_theme

INBOX = MessageQuery((1,))
DAY = 86_400


class Bench:
    def __init__(self, app: QApplication, count: int) -> None:
        now = int(time.time())
        self.messages = MemoryMessages(
            [message_row(id_, date=now - (count - id_) * DAY) for id_ in range(1, count + 1)]
        )
        self.background = StepBackground()
        self.model = MessageListModel(self.messages, self.background, TEXTS, refresh_ms=0)
        self.theme = light_theme(app)
        self.table = MessageTable(self.model, self.theme)


@pytest.fixture
def bench(qapp, qtbot):
    bench = Bench(qapp, 1000)
    qtbot.addWidget(bench.table)
    bench.table.resize(420, 600)
    bench.table.show()
    return bench


def opened(bench: Bench, query: MessageQuery = INBOX) -> MessageTable:
    bench.model.open(query)
    bench.background.run()
    QCoreApplication.processEvents()
    return bench.table


def card_place(table: MessageTable, row: int) -> QPoint:
    return table.visualRect(table.model().index(row, MessageColumn.SUBJECT)).center()


def test_all_is_selected_at_once_as_one_range(bench):
    table = opened(bench)
    table.selectAll()
    assert table.selected_count() == 1000
    assert table.selectionModel().selection().count() == 1
    assert table.selected_ids() == bench.model.ids


def test_all_means_also_those_still_being_read(bench):
    bench.model.open(INBOX)
    bench.table.selectAll()
    bench.background.run()
    assert bench.table.selected_count() == 1000


def test_a_message_is_selected_alone_also_while_the_keys_of_a_shortcut_are_held_down(bench, qtbot):
    table = opened(bench)
    table.select_row(1)
    qtbot.keyPress(table, Qt.Key.Key_F24, Qt.KeyboardModifier.ControlModifier)
    table.select_row(5)
    qtbot.keyRelease(table, Qt.Key.Key_F24)
    assert table.selected_ids() == bench.model.ids[5:6]


def test_all_but_one_are_selected_after_taking_one_away(bench, qtbot):
    table = opened(bench)
    table.selectAll()
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, card_place(table, 2)
    )
    assert table.selected_count() == 999
    assert bench.model.ids[2] not in table.selected_ids()


def test_a_click_selects_one_and_shift_a_range(bench, qtbot):
    table = opened(bench)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=card_place(table, 1))
    assert table.single_selection() == bench.model.ids[1]
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, card_place(table, 4)
    )
    assert table.selected_ids() == bench.model.ids[1:5]
    assert table.single_selection() is None


def test_new_mail_does_not_move_what_is_on_screen(bench, qtbot):
    table = opened(bench)
    table.verticalScrollBar().setValue(50 * table.row_height() + 7)
    on_top = bench.model.ids[table.top_row()]
    bench.messages.put(*(message_row(id_, date=int(time.time())) for id_ in range(2000, 2005)))
    with qtbot.waitSignal(bench.model.changed):
        bench.model.apply(StoreChange(frozenset({ChangeKind.ADDED}), frozenset({1})))
        qtbot.waitUntil(lambda: bool(bench.background.waiting))
        bench.background.run()
    assert bench.model.ids[table.top_row()] == on_top
    assert table.verticalScrollBar().value() == 55 * table.row_height() + 7


def test_at_the_top_new_mail_comes_into_view(bench, qtbot):
    table = opened(bench)
    bench.messages.put(message_row(2000, date=int(time.time())))
    with qtbot.waitSignal(bench.model.changed):
        bench.model.apply(StoreChange(frozenset({ChangeKind.ADDED}), frozenset({1})))
        qtbot.waitUntil(lambda: bool(bench.background.waiting))
        bench.background.run()
    assert bench.model.ids[table.top_row()] == 2000


def test_the_group_on_top_follows_the_scrolling(bench):
    table = opened(bench)
    assert table.top_group() == "Today"
    table.verticalScrollBar().setValue(table.row_height() + 1)
    assert table.top_group() == "Yesterday"
    bench.model.open(MessageQuery((1,), sort=SortKey.SIZE))
    assert table.top_group() == ""


def test_switching_to_columns_keeps_selection_and_place(bench):
    table = opened(bench)
    table.select_row(400)
    table.verticalScrollBar().setValue(390 * table.row_height())
    table.set_list_view(ListView.COLUMNS)
    assert table.top_row() == 390
    assert table.single_selection() == bench.model.ids[400]
    assert not table.horizontalHeader().isHidden()
    assert not table.isColumnHidden(MessageColumn.SIZE)
    table.set_list_view(ListView.CARDS)
    assert table.top_row() == 390
    assert table.horizontalHeader().isHidden()
    assert table.isColumnHidden(MessageColumn.SIZE)


def test_column_widths_are_kept_over_the_switch_and_over_a_restart(bench, qtbot, qapp):
    table = opened(bench)
    table.set_list_view(ListView.COLUMNS)
    table.setColumnWidth(MessageColumn.CORRESPONDENT, 222)
    table.set_list_view(ListView.CARDS)
    state = table.header.column_state()
    again = Bench(qapp, 10)
    qtbot.addWidget(again.table)
    again.table.header.set_column_state(state)
    again.table.set_list_view(ListView.COLUMNS)
    assert again.table.columnWidth(MessageColumn.CORRESPONDENT) == 222


def test_the_subject_takes_the_room_that_is_left_but_never_too_little(bench):
    table = opened(bench)
    table.set_list_view(ListView.COLUMNS)
    table.resize(1000, 600)
    others = sum(table.columnWidth(column) for column in MessageColumn if column != MessageColumn.SUBJECT)
    assert table.columnWidth(MessageColumn.SUBJECT) == table.viewport().width() - others
    table.setColumnWidth(MessageColumn.SIZE, 150)
    others += 150 - 76
    assert table.columnWidth(MessageColumn.SUBJECT) == table.viewport().width() - others
    table.resize(300, 600)
    assert table.columnWidth(MessageColumn.SUBJECT) == 180


def test_a_click_on_a_title_asks_for_that_order_and_a_second_for_its_reverse(bench, qtbot):
    table = opened(bench)
    table.set_list_view(ListView.COLUMNS)
    header = table.header
    requests: list[tuple[SortKey, bool]] = []
    header.sort_requested.connect(lambda key, descending: requests.append((key, descending)))
    for column in (MessageColumn.SIZE, MessageColumn.CORRESPONDENT, MessageColumn.DATE):
        place = QPoint(header.sectionViewportPosition(column) + 10, header.height() // 2)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert requests == [(SortKey.SIZE, True), (SortKey.SENDER, False), (SortKey.DATE, False)]


def test_a_click_on_the_flag_flags_and_does_not_select(bench, qtbot):
    table = opened(bench)
    card = table.visualRect(table.model().index(3, MessageColumn.SUBJECT))
    flag = table._cards.flag_rect(card).center()
    with qtbot.waitSignal(table.flag_clicked) as clicked:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=flag)
    assert clicked.args[0].id == bench.model.ids[3]
    assert table.selected_count() == 0


def test_the_whole_date_is_told_where_the_pointer_rests_on_the_short_one(bench, qtbot):
    table = opened(bench)
    card = table.visualRect(table.model().index(1, MessageColumn.SUBJECT))
    place = QPoint(card.right() - 30, card.top() + 12)
    QApplication.sendEvent(
        table.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, table.viewport().mapToGlobal(place))
    )
    row = bench.model.row(1)
    assert row is not None
    qtbot.waitUntil(lambda: QToolTip.text() == full_date(row.when))
    QToolTip.hideText()


def test_letters_are_left_to_the_commands(bench, qtbot):
    table = opened(bench)
    table.select_row(5)
    bench.messages.rows_read.clear()
    qtbot.keyClicks(table, "subject 7")
    assert table.single_selection() == bench.model.ids[5]
    assert sum(bench.messages.rows_read) <= 200


def test_enter_and_a_double_click_open_the_message(bench, qtbot):
    table = opened(bench)
    table.select_row(1)
    with qtbot.waitSignal(table.open_requested) as opened_by_key:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    with qtbot.waitSignal(table.open_requested) as opened_by_mouse:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=card_place(table, 2))
    assert [signal.args[0].id for signal in (opened_by_key, opened_by_mouse)] == list(bench.model.ids[1:3])


def test_a_screenful_reads_two_pages_at_most(bench, qtbot):
    table = opened(bench)
    bench.messages.rows_read.clear()
    table.verticalScrollBar().setValue(495 * table.row_height())
    table.grab()
    assert len(bench.messages.rows_read) <= 2


@pytest.mark.parametrize("view", list(ListView))
def test_every_mark_is_painted(bench, view: ListView, tmp_path: Path):
    """A row with all marks looks different from one with none; painting raises nothing."""
    now = int(time.time())
    flags = Flag.FLAGGED | Flag.ANSWERED
    tags = frozenset({"Travel", "$label1", "one more tag that is long"})
    bench.messages.messages = {
        2: message_row(2, date=now),
        1: message_row(1, date=now, flags=flags, has_attachment=True, keywords=tags, subject="", preview=""),
    }
    table = opened(bench)
    table.set_list_view(view)
    image = table.viewport().grab().toImage()
    height = table.row_height()
    assert image.copy(0, 0, 400, height) != image.copy(0, height, 400, height)


def test_pressing_and_moving_drags_the_selected_messages(bench, qtbot, monkeypatch):
    """What the pointer passes on its way is not selected."""
    dragged: list[list[int]] = []
    monkeypatch.setattr(
        QDrag, "exec", lambda drag, *_: dragged.append(list(dragged_messages(drag.mimeData())))
    )
    table = opened(bench)
    table.select_row(0)
    table.selectionModel().select(
        bench.model.index(1, 2),
        QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
    )
    chosen = list(table.selected_ids())
    start = card_place(table, 0)
    qtbot.mousePress(table.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in (2, 60):
        place = QPointF(start + QPoint(0, step))
        event = QMouseEvent(
            QMouseEvent.Type.MouseMove,
            place,
            table.viewport().mapToGlobal(place),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(table.viewport(), event)
    assert dragged == [chosen]
    assert list(table.selected_ids()) == chosen
