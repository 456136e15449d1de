"""Answering, writing and opening drafts from the main window and the windows of single messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.composition import AnswerKind
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.ui.window.action_table import ANSWERS
from qtmail.ui.window.window_state import WindowState
from tests.fakes.message_reader import message_row
from tests.fakes.window import WindowBench, folder
from tests.unit.ui.window.test_reading import deliver, select

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def bench(qapp, qtbot, tmp_path: Path):
    rows = [
        *(message_row(id_) for id_ in range(1, 21)),
        message_row(30, folder_id=9),
        message_row(31, folder_id=2, flags=Flag.DRAFT),
    ]
    bench = WindowBench(qapp, tmp_path / "window.ini", messages=rows)
    bench.folders.folders.append(folder(9, "Drafts", SpecialUse.DRAFTS))
    bench.tree.load()
    qtbot.addWidget(bench.window)
    with qtbot.waitActive(bench.window):
        bench.window.show()
        bench.window.activateWindow()
    return bench


@pytest.mark.parametrize(
    ("key", "modifiers", "kind"),
    [
        (Qt.Key.Key_R, CTRL, AnswerKind.REPLY),
        (Qt.Key.Key_R, CTRL | SHIFT, AnswerKind.REPLY_ALL),
        (Qt.Key.Key_L, CTRL | SHIFT, AnswerKind.REPLY_LIST),
        (Qt.Key.Key_L, CTRL, AnswerKind.FORWARD),
        (Qt.Key.Key_E, CTRL, AnswerKind.EDIT_AS_NEW),
    ],
)
def test_each_way_to_answer_has_its_key(bench, qtbot, key, modifiers, kind):
    chosen = select(bench, 0)
    deliver(bench, chosen)
    qtbot.keyClick(bench.window.message_pane.table, key, modifiers)
    ((answered, row, message, selection),) = bench.composers.answered
    assert (answered, row.id, message.envelope.subject, selection) == (kind, chosen, "Plans", "")


def test_every_answer_is_possible_for_one_message_and_none_for_several(bench):
    actions = bench.window.actions_
    assert not any(actions[id_].isEnabled() for id_ in ANSWERS)
    select(bench, 0)
    assert all(actions[id_].isEnabled() for id_ in ANSWERS)
    bench.window.message_pane.select_all()
    assert not any(actions[id_].isEnabled() for id_ in ANSWERS)


def test_a_message_that_is_still_loading_is_answered_once_it_has_come(bench):
    chosen = select(bench, 0)
    bench.window.actions_["message.forward_attached"].trigger()
    assert bench.composers.answered == []
    deliver(bench, chosen)
    assert [answer[0] for answer in bench.composers.answered] == [AnswerKind.FORWARD_ATTACHED]


def test_whoever_goes_on_to_another_message_answers_none(bench):
    first = select(bench, 0)
    bench.window.actions_["message.reply"].trigger()
    second = select(bench, 1)
    deliver(bench, first)
    deliver(bench, second)
    assert bench.composers.answered == []


def test_only_the_selected_text_is_quoted(bench):
    deliver(bench, select(bench, 0))
    bench.window.view.body.find_text("six", lambda *_: None)
    bench.window.actions_["message.reply"].trigger()
    assert bench.composers.answered[0][3] == "six"


def test_a_word_that_was_searched_for_is_not_a_selection(bench):
    deliver(bench, select(bench, 0))
    bench.window.actions_["message.find"].trigger()
    bench.window.view.body.find_text("six", lambda *_: None)
    bench.window.actions_["message.reply"].trigger()
    assert bench.composers.answered[0][3] == ""


def test_ctrl_n_begins_a_message(bench, qtbot):
    qtbot.keyClick(bench.window.message_pane.table, Qt.Key.Key_N, CTRL)
    assert len(bench.composers.begun) == 1


def test_a_mail_link_begins_a_message_to_whom_it_names(bench):
    deliver(bench, select(bench, 0))
    bench.window.view.mail_link_activated.emit("mailto:ann@example.org?subject=Boat")
    (composition,) = bench.composers.begun
    assert [one.address for one in composition.to] == ["ann@example.org"]
    assert composition.subject == "Boat"


@pytest.mark.parametrize(("key", "id_"), [("folder/1/Drafts", 30), ("folder/1/Sent", 31)])
def test_a_draft_opens_in_the_composer(bench, qtbot, key, id_):
    bench.window.folder_pane.open(key)
    assert select(bench, 0) == id_
    deliver(bench, id_)
    qtbot.keyClick(bench.window.message_pane.table, Qt.Key.Key_Return)
    assert [(kind, row.id) for kind, row, _, _ in bench.composers.answered] == [(AnswerKind.OPEN_DRAFT, id_)]
    assert bench.window.windows.windows() == []


def test_the_strip_on_a_draft_has_edit(bench, qtbot):
    bench.window.folder_pane.open("folder/1/Sent")
    deliver(bench, select(bench, 0))
    strip = bench.window.view.notices.notice("draft")
    qtbot.mouseClick(strip.button("Edit"), Qt.MouseButton.LeftButton)
    assert bench.composers.answered[0][0] is AnswerKind.OPEN_DRAFT


def test_the_window_of_a_message_answers_it_too(bench, qtbot):
    chosen = select(bench, 0)
    deliver(bench, chosen)
    bench.window.commands.open_selected()
    (window,) = bench.window.windows.windows()
    qtbot.keyClick(window, Qt.Key.Key_R, CTRL)
    window.view.body.find_text("six", lambda *_: None)
    window.actions_["message.forward"].trigger()
    answers = [(kind, row.id, selection) for kind, row, _, selection in bench.composers.answered]
    assert answers == [(AnswerKind.REPLY, chosen, ""), (AnswerKind.FORWARD, chosen, "six")]
    window.view.mail_link_activated.emit("mailto:bob@example.org")
    assert len(bench.composers.begun) == 1
    bench.window.windows.close_all()


def test_closing_the_window_saves_what_is_being_written(bench):
    bench.window.close()
    assert bench.composers.closed


def test_how_messages_are_written_is_remembered_from_one_start_to_the_next(
    bench: WindowBench, tmp_path: Path
):
    bench.composers.habits.write_plain = True
    bench.composers.habits.composer_size = (700, 555)
    bench.window.close()
    state = WindowState(tmp_path / "window.ini")
    assert (state.write_plain, state.composer_size) == (True, (700, 555))
