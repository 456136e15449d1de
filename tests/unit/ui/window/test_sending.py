"""The outbox and the drafts on this computer in the main window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from qtmail.domain.composition import Composition
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.outgoing import OutboxState
from qtmail.models.folder_nodes import NodeKind
from tests.fakes.outbox_items import outbox_item
from tests.fakes.window import WindowBench

OUTBOX = StoreChange(frozenset({ChangeKind.OUTBOX}))


@pytest.fixture
def bench(qapp, qtbot, tmp_path: Path):
    bench = WindowBench(qapp, tmp_path / "window.ini")
    qtbot.addWidget(bench.window)
    bench.window.resize(1100, 700)
    bench.window.show()
    return bench


def put(bench, *items) -> None:
    bench.compose.items = list(items)
    bench.service.bridge.store_changed.emit(OUTBOX)


def node(bench, kind: NodeKind):
    return bench.tree.node(bench.tree.index_of(kind))


def test_the_outbox_is_in_the_tree_while_something_is_in_it(bench):
    assert node(bench, NodeKind.OUTBOX) is None
    put(bench, outbox_item(1), outbox_item(2))
    assert (node(bench, NodeKind.OUTBOX).count, node(bench, NodeKind.OUTBOX).alarming) == (2, False)
    put(bench, outbox_item(1, OutboxState.FAILED))
    assert (node(bench, NodeKind.OUTBOX).count, node(bench, NodeKind.OUTBOX).alarming) == (1, True)
    put(bench)
    assert node(bench, NodeKind.OUTBOX) is None


def test_drafts_on_this_computer_are_counted(bench):
    bench.compose.new(Composition(subject="Plans"), lambda _: None, lambda _: None)
    assert node(bench, NodeKind.LOCAL_DRAFTS).count == 1
    bench.compose.discard(1)
    assert node(bench, NodeKind.LOCAL_DRAFTS) is None


def test_the_outbox_takes_the_place_of_list_and_message(bench):
    put(bench, outbox_item(1))
    bench.window.open_outbox()
    assert bench.window.windowTitle() == "Outbox – qtmail"
    assert bench.window.sending.outbox.isVisible()
    assert bench.window.sending.outbox.details.isVisible()
    assert not bench.window.message_pane.isVisible()
    assert not bench.window.actions_["message.toggle_flag"].isEnabled()
    bench.window.folder_pane.open("folder/1/INBOX")
    assert bench.window.message_pane.isVisible()
    assert not bench.window.sending.outbox.isVisible()


def test_an_outbox_that_empties_while_it_is_looked_at_stays_until_one_leaves(bench, qtbot):
    put(bench, outbox_item(1))
    bench.window.open_outbox()
    put(bench)
    assert bench.window.sending.outbox.isVisible()
    assert node(bench, NodeKind.OUTBOX) is not None
    bench.window.folder_pane.open("folder/1/INBOX")
    qtbot.waitUntil(lambda: node(bench, NodeKind.OUTBOX) is None)
    assert bench.window.folder_pane.current().key == "folder/1/INBOX"


def test_the_empty_outbox_can_be_opened_from_the_menu(bench):
    bench.window.actions_["go.outbox"].trigger()
    assert bench.window.sending.outbox.isVisible()
    bench.window.actions_["go.outbox"].trigger()
    assert bench.window.sending.outbox.isVisible()


def test_the_keyboard_goes_round_the_panes_of_the_outbox(bench, qtbot):
    put(bench, outbox_item(1))
    bench.window.open_outbox()
    bench.window.folder_pane.setFocus()
    bench.window.view_commands.focus_next_pane()
    assert QApplication.focusWidget() is bench.window.sending.outbox.list
    bench.window.view_commands.focus_next_pane()
    assert bench.window.sending.outbox.details.isAncestorOf(QApplication.focusWidget())


def test_a_result_leads_to_the_item_in_the_outbox(bench, qtbot):
    put(bench, outbox_item(1), outbox_item(2, OutboxState.FAILED, last_answer="550 No."))
    strip = bench.window.problems.notice("outbox/2")
    qtbot.mouseClick(strip.button("Show in Outbox"), Qt.MouseButton.LeftButton)
    assert bench.window.sending.outbox.isVisible()
    assert bench.window.sending.outbox.current_item().id == 2


def test_what_was_sent_is_undone_into_its_composer(bench, qtbot):
    draft = bench.compose.draft(Composition(subject="Plans"))
    item = outbox_item(1, OutboxState.HELD, not_before=4_000_000_000, draft_id=draft.id)
    put(bench, item)
    bench.composers.sent.emit(item)
    strip = bench.window.problems.notice("sent/1")
    qtbot.mouseClick(strip.button("Undo"), Qt.MouseButton.LeftButton)
    assert [one.id for one in bench.composers.opened] == [draft.id]
    assert bench.compose.items == []


def test_a_discarded_draft_comes_back_into_its_composer(bench, qtbot):
    draft = bench.compose.draft(Composition(subject="Plans"))
    bench.compose.discard(draft.id)
    bench.composers.discarded.emit(draft.id)
    strip = bench.window.problems.notice(f"discarded/{draft.id}")
    qtbot.mouseClick(strip.button("Undo"), Qt.MouseButton.LeftButton)
    assert [one.id for one in bench.composers.opened] == [draft.id]


def test_everything_queued_is_sent_from_the_menu(bench):
    put(bench, outbox_item(1), outbox_item(2, OutboxState.HELD))
    bench.window.actions_["file.send_queued"].trigger()
    assert bench.compose.retried == [1]


def test_what_was_being_written_when_the_program_ended_is_offered_at_the_start(qapp, qtbot, tmp_path: Path):
    bench = WindowBench(qapp, tmp_path / "other.ini")
    qtbot.addWidget(bench.window)
    bench.compose.draft(Composition(subject="Plans"))
    bench.compose.opened.clear()
    bench.window.show()
    bench.window.sending.load()
    strip = bench.window.problems.notice("recover")
    assert strip is not None
    qtbot.mouseClick(strip.button("Open"), Qt.MouseButton.LeftButton)
    assert [one.composition.subject for one in bench.composers.restored] == ["Plans"]
