from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QItemSelection, QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import Flag, MessageQuery, MessageRow, SortKey
from qtmail.errors import StoreFailed
from qtmail.models.message_list import FIRST_ROWS, MessageListModel
from qtmail.models.message_texts import MessageTexts
from qtmail.models.roles import MessageColumn, MessageRole
from tests.fakes.message_reader import MemoryMessages, message_row
from tests.fakes.step_background import StepBackground

INBOX = MessageQuery((1,))
TEXTS = MessageTexts(datetime.isoformat, datetime.isoformat, str)


def added(*folders: int) -> StoreChange:
    return StoreChange(frozenset({ChangeKind.ADDED}), frozenset(folders or {1}))


def flags(*messages: int) -> StoreChange:
    return StoreChange(frozenset({ChangeKind.FLAGS}), frozenset({1}), frozenset(messages))


class Bench:
    """A model over messages in memory, with background work done in steps."""

    def __init__(self, count: int) -> None:
        self.messages = MemoryMessages([message_row(id_) for id_ in range(1, count + 1)])
        self.background = StepBackground()
        self.model = MessageListModel(self.messages, self.background, TEXTS, refresh_ms=0)
        self.tester = QAbstractItemModelTester(
            self.model, QAbstractItemModelTester.FailureReportingMode.Fatal
        )

    def refresh(self, change: StoreChange) -> None:
        """Tell the model of a change and let the reading that may follow happen."""
        self.model.apply(change)
        limit = time.monotonic() + 2
        while self.model.refreshing and time.monotonic() < limit:
            QCoreApplication.processEvents()
            self.background.run()
        assert not self.model.refreshing


@pytest.fixture
def bench(qapp: object) -> Bench:
    return Bench(1000)


def test_the_model_keeps_qt_s_rules(bench, qtmodeltester):
    bench.model.open(INBOX)
    qtmodeltester.check(bench.model)


def test_the_first_rows_are_there_at_once_and_all_after_the_background_read_them(bench, qtbot):
    bench.model.open(INBOX)
    assert bench.model.rowCount() == FIRST_ROWS
    assert not bench.model.complete
    with qtbot.waitSignal(bench.model.completed):
        bench.background.run()
    assert bench.model.rowCount() == 1000
    assert bench.model.index(0, MessageColumn.SUBJECT).data() == "Subject 1000"
    assert bench.model.index(999, MessageColumn.SUBJECT).data() == "Subject 1"


def test_a_short_folder_needs_no_background(qapp):
    bench = Bench(10)
    bench.model.open(INBOX)
    assert bench.model.complete
    assert not bench.background.waiting


def test_rows_are_read_by_the_page_and_once(bench):
    bench.model.open(INBOX)
    bench.background.run()
    bench.messages.rows_read.clear()
    for row in range(100, 200):
        bench.model.index(row, MessageColumn.SUBJECT).data()
        bench.model.index(row, MessageColumn.DATE).data()
    assert bench.messages.rows_read in ([], [100])


def test_a_result_of_an_earlier_query_is_dropped(bench):
    bench.model.open(INBOX)
    bench.model.open(MessageQuery((2,)))
    bench.background.run()
    assert bench.model.rowCount() == 0


def test_new_mail_is_inserted_and_the_selection_stays_on_its_message(bench):
    bench.model.open(INBOX)
    bench.background.run()
    selection = QItemSelectionModel(bench.model)
    kept = QPersistentModelIndex(bench.model.index(3, 0))
    selection.select(
        bench.model.index(3, 0),
        QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
    )
    inserted: list[tuple[int, int]] = []
    bench.model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    bench.model.modelReset.connect(lambda: pytest.fail("the list must not be reset"))
    bench.messages.put(message_row(1001), message_row(1002))
    bench.refresh(added())
    assert inserted == [(0, 1)]
    assert kept.row() == 5
    assert bench.model.row(0) == bench.messages.messages[1002]
    assert [index.row() for index in selection.selectedRows()] == [5]


def test_changes_of_other_folders_are_ignored(bench):
    bench.model.open(INBOX)
    bench.background.run()
    reads = bench.messages.id_reads
    bench.refresh(added(7))
    assert bench.messages.id_reads == reads


def test_changes_while_reading_are_answered_by_one_more_reading(bench, qtbot):
    bench.model.open(INBOX)
    for id_ in range(1001, 1006):
        bench.messages.put(message_row(id_))
        bench.model.apply(added())
    assert len(bench.background.waiting) == 1
    bench.background.step()
    qtbot.waitUntil(lambda: len(bench.background.waiting) == 1, timeout=2000)
    bench.background.run()
    assert bench.model.rowCount() == 1005
    assert bench.messages.id_reads == 3


def test_flags_are_shown_at_once_by_reading_only_those_rows(bench, qtbot):
    bench.model.open(INBOX)
    bench.background.run()
    bench.model.index(0, 0).data(MessageRole.ROW)
    bench.messages.rows_read.clear()
    bench.messages.put(replace(bench.messages.messages[998], flags=Flag.SEEN))
    with qtbot.waitSignal(bench.model.dataChanged) as changed:
        bench.model.apply(flags(998, 5))
    assert (changed.args[0].row(), changed.args[1].row()) == (2, 2)
    row = bench.model.index(2, 0).data(MessageRole.ROW)
    assert isinstance(row, MessageRow)
    assert not row.unread
    assert bench.messages.rows_read == [1]


def test_a_message_read_under_the_unread_filter_stays_until_the_list_is_opened_anew(bench):
    query = MessageQuery((1,), unread=True)
    bench.model.open(query)
    bench.background.run()
    bench.messages.put(replace(bench.messages.messages[998], flags=Flag.SEEN), message_row(1001))
    bench.refresh(flags(998))
    assert bench.model.row_of(1001) == 0
    assert bench.model.row_of(998) == 3
    del bench.messages.messages[998]
    bench.refresh(StoreChange(frozenset({ChangeKind.REMOVED}), frozenset({1})))
    assert bench.model.row_of(998) is None
    bench.messages.put(replace(bench.messages.messages[997], flags=Flag.SEEN))
    bench.model.open(query)
    bench.background.run()
    assert bench.model.row_of(997) is None


def test_a_message_that_was_touched_and_then_moved_away_leaves_the_list(bench):
    for query in (INBOX, MessageQuery((1,), unread=True)):
        bench.model.open(query)
        bench.background.run()
        moved = bench.model.ids[0]
        both = StoreChange(
            frozenset({ChangeKind.BODIES, ChangeKind.REMOVED}), frozenset({1, 2}), frozenset({moved})
        )
        bench.refresh(both)
        assert bench.model.row_of(moved) == 0
        bench.messages.put(replace(bench.messages.messages[moved], folder_id=2))
        bench.refresh(added(1, 2))
        assert bench.model.row_of(moved) is None


def test_another_order_keeps_persistent_indexes_on_their_messages(bench):
    bench.model.open(INBOX)
    bench.background.run()
    kept = {
        id_: QPersistentModelIndex(bench.model.index(bench.model.row_of(id_), 0)) for id_ in (1, 500, 999)
    }
    for id_ in range(1, 1001, 2):
        bench.messages.put(replace(bench.messages.messages[id_], date=id_ * 7919 % 1009))
    for id_ in (500, 2, 4):
        del bench.messages.messages[id_]
    bench.messages.put(message_row(2000))
    bench.model.modelReset.connect(lambda: pytest.fail("the list must not be reset"))
    bench.refresh(added())
    assert bench.model.ids == bench.messages.ids(INBOX)
    assert bench.model.ids[kept[1].row()] == 1
    assert bench.model.ids[kept[999].row()] == 999
    assert not kept[500].isValid()


def test_a_sent_folder_names_the_recipients(bench):
    bench.model.open(INBOX, show_recipients=True)
    assert bench.model.index(0, MessageColumn.CORRESPONDENT).data() == "Ann, Bob"
    header = bench.model.headerData(MessageColumn.CORRESPONDENT, Qt.Orientation.Horizontal)
    assert header == "Recipients"


def test_a_screen_reader_hears_the_whole_row(bench):
    bench.messages.put(message_row(5000, flags=Flag.FLAGGED, has_attachment=True, subject=""))
    bench.model.open(INBOX)
    spoken = bench.model.index(0, MessageColumn.SUBJECT).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Unread, Flagged, Attachment, Sender 5000, (no subject), ")


def test_a_store_that_cannot_be_read_is_reported_and_leaves_an_empty_list(bench, qtbot):
    bench.messages.broken = True
    with qtbot.waitSignal(bench.model.failed) as failed:
        bench.model.open(INBOX)
    assert isinstance(failed.args[0], StoreFailed)
    assert bench.model.rowCount() == 0


def test_rows_that_cannot_be_read_are_blank_and_reported_outside_the_painting(bench, qtbot):
    bench.model.open(INBOX)
    bench.model._pages.forget_from(0)
    bench.messages.broken = True
    with qtbot.waitSignal(bench.model.failed):
        assert bench.model.index(0, MessageColumn.SUBJECT).data() is None


def test_sorting_by_size(bench):
    bench.model.open(MessageQuery((1,), sort=SortKey.SIZE, descending=False))
    assert bench.model.index(0, MessageColumn.SIZE).data() == "2001"


id_sets = st.lists(st.sets(st.integers(1, 400), max_size=300), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=id_sets, seed=st.integers(0, 3))
def test_the_list_follows_any_change_and_the_selection_stays_on_its_messages(qapp, states, seed):
    bench = Bench(0)
    selection = QItemSelectionModel(bench.model)
    bench.model.open(INBOX)
    for step, state in enumerate(states):
        # Every other state is also another order, as after messages got other dates.
        bench.messages.messages = {
            id_: message_row(id_, date=id_ * 7919 % 401 if (step + seed) % 2 else id_) for id_ in state
        }
        chosen = {bench.model.ids[row] for row in range(seed, bench.model.rowCount(), 3)}
        for id_ in chosen:
            row = bench.model.row_of(id_)
            assert row is not None
            cells = QItemSelection(bench.model.index(row, 0), bench.model.index(row, 5))
            selection.select(cells, QItemSelectionModel.SelectionFlag.Select)
        selected = {bench.model.ids[index.row()] for index in selection.selectedRows()}
        bench.refresh(added())
        assert bench.model.ids == bench.messages.ids(INBOX)
        after = {bench.model.ids[index.row()] for index in selection.selectedRows()}
        assert after == selected & state
