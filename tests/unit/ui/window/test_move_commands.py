from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt

from qtmail.ui.window.folder_chooser import FolderChooser
from tests.fakes.mail_service import account, fetching_account
from tests.fakes.message_reader import message_row
from tests.unit.ui.window.local_desk import LocalDesk

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SELECT_TOO = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
MOVES = ("message.archive", "message.delete", "message.delete_for_good", "message.junk", "message.move")


@pytest.fixture
def desk(qapp, qtbot, tmp_path: Path) -> LocalDesk:
    return LocalDesk(qapp, qtbot, tmp_path / "window.ini")


@pytest.mark.parametrize(
    ("key", "what"),
    [(Qt.Key.Key_Delete, "delete"), (Qt.Key.Key_A, "archive"), (Qt.Key.Key_J, "junk")],
)
def test_one_key_and_the_list_goes_on_at_the_next_message(desk, key, what):
    desk.table.select_row(3)
    desk.press(key)
    (move,) = desk.service.moves
    assert (move.what, move.ids) == (what, [17])
    assert desk.selected() == [16]
    desk.gone(17)
    assert desk.selected() == [16]


def test_after_the_last_message_comes_the_one_above_it_and_after_the_only_one_nothing(desk):
    desk.table.select_row(19)
    desk.press(Qt.Key.Key_Delete)
    assert desk.selected() == [2]
    desk.window.message_pane.select_all()
    desk.press(Qt.Key.Key_Delete)
    assert desk.selected() == []
    assert desk.service.moves[1].ids == list(range(20, 0, -1))


def test_gaps_in_a_selection_that_reaches_the_end_are_gone_on_at(desk):
    desk.table.select_row(19)
    for row in (16, 18):
        desk.table.selectionModel().select(desk.model.index(row, 2), SELECT_TOO)
    desk.press(Qt.Key.Key_Delete)
    assert desk.service.moves[0].ids == [4, 2, 1]
    assert desk.selected() == [3]


def test_what_was_done_is_said_and_can_be_undone_in_the_strip(desk, qtbot):
    desk.table.select_row(0)
    desk.press(Qt.Key.Key_Delete)
    moved = desk.service.moves[0].answer()
    assert desk.notice("moved") == "“Subject 20” was moved to Trash."
    qtbot.mouseClick(desk.window.problems.notice("moved").button("Undo"), Qt.MouseButton.LeftButton)
    assert desk.service.undone == [moved]
    assert desk.notice("moved") == ""
    assert desk.selected() == [20], "it is selected again"


def test_ctrl_z_undoes_one_move_after_the_other(desk):
    undo = desk.window.actions_["edit.undo_move"]
    assert not undo.isEnabled()
    moves = []
    for _ in range(2):
        desk.table.select_row(0)
        desk.press(Qt.Key.Key_A)
        moves.append(desk.service.moves[-1].answer())
    for _ in range(2):
        assert undo.isEnabled()
        desk.press(Qt.Key.Key_Z, CONTROL)
    assert desk.service.undone == moves[::-1]
    assert not undo.isEnabled()


def test_many_messages_are_counted(desk):
    desk.window.message_pane.select_all()
    desk.press(Qt.Key.Key_A)
    desk.service.moves[0].answer()
    assert desk.notice("moved") == "20 messages were moved to Archive."


def test_deleting_for_good_is_asked_for_once_and_cannot_be_undone(desk):
    desk.table.select_row(0)
    desk.press(Qt.Key.Key_Delete, SHIFT)
    assert desk.service.moves == []
    assert desk.agree() == "Delete this message for good?"
    assert desk.service.moves[0].what == "delete for good"
    desk.service.moves[0].answer()
    assert desk.notice("moved") == "" and not desk.window.moves.can_undo


def test_who_thinks_better_of_it_keeps_the_message_and_the_selection(desk, qtbot):
    desk.table.select_row(0)
    desk.press(Qt.Key.Key_Delete, SHIFT)
    qtbot.keyClick(desk.question(), Qt.Key.Key_Return)
    assert desk.service.moves == [] and desk.selected() == [20]


def test_in_the_trash_delete_is_for_good(desk):
    desk.messages.put(message_row(30, folder_id=7))
    desk.window.folder_pane.open("folder/1/Trash")
    desk.table.select_row(0)
    desk.press(Qt.Key.Key_Delete)
    desk.agree()
    assert (desk.service.moves[0].what, desk.service.moves[0].ids) == ("delete for good", [30])


def test_in_the_junk_folder_messages_are_no_junk(desk):
    actions = desk.window.actions_
    assert actions["message.junk"].isVisible() and not actions["message.not_junk"].isVisible()
    desk.messages.put(message_row(30, folder_id=6))
    desk.window.folder_pane.open("folder/1/Junk")
    desk.table.select_row(0)
    assert not actions["message.junk"].isVisible() and actions["message.not_junk"].isVisible()
    desk.press(Qt.Key.Key_J, SHIFT)
    desk.service.moves[0].answer()
    assert desk.service.moves[0].what == "not junk"
    assert desk.notice("moved") == "“Subject 30” was moved to Inbox."


def test_a_folder_is_chosen_by_a_few_letters(desk, qtbot):
    desk.table.select_row(0)
    desk.press(Qt.Key.Key_M, CONTROL | SHIFT)
    chooser = desk.window.findChild(FolderChooser)
    assert chooser.found() == ["Archive", "Travel", "Travel › Norway", "Sent", "Junk", "Trash"]
    qtbot.keyClicks(chooser.field, "nor")
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    assert (desk.service.moves[0].folder_id, desk.service.moves[0].ids) == (4, [20])
    desk.service.moves[0].answer()
    assert desk.notice("moved") == "“Subject 20” was moved to Travel › Norway."


def test_the_folder_chosen_last_is_offered_first(desk, qtbot):
    desk.table.select_row(0)
    norway = desk.tree.folder_node(4)
    desk.window.moves.drop([20], norway)
    desk.window.moves.choose_folder()
    assert desk.window.findChild(FolderChooser).found()[0] == "Travel › Norway"


def test_nothing_is_done_to_all_before_all_are_known(desk):
    ids: list[array[int]] = []
    desk.model._complete = False
    desk.window.message_pane.select_all()
    desk.window.message_pane.with_selection(ids.append)
    assert ids == []
    desk.model._complete = True
    desk.model.completed.emit()
    assert [list(one) for one in ids] == [list(range(20, 0, -1))]


def test_where_a_server_keeps_the_mail_it_says_why_not(qapp, qtbot, tmp_path):
    desk = LocalDesk(qapp, qtbot, tmp_path / "window.ini", [account()])
    desk.table.select_row(0)
    for id_ in MOVES:
        action = desk.window.actions_[id_]
        assert not action.isEnabled(), id_
        assert action.toolTip() == "Moving and deleting mail on IMAP servers is not there yet."
    desk.press(Qt.Key.Key_Delete)
    assert desk.notice("refused") == "Moving and deleting mail on IMAP servers is not there yet."
    assert desk.service.moves == [] and desk.selected() == [20]


def test_without_a_selection_nothing_is_possible_and_nothing_is_explained(desk):
    assert not any(desk.window.actions_[id_].isEnabled() for id_ in MOVES)
    desk.press(Qt.Key.Key_Delete)
    assert desk.notice("refused") == ""


def test_in_a_view_of_several_accounts_the_current_message_decides(qapp, qtbot, tmp_path):
    desk = LocalDesk(qapp, qtbot, tmp_path / "window.ini", [fetching_account(), account(2, "Work")])
    desk.messages.put(message_row(40, account_id=2))
    desk.window.folder_pane.open("all-unread")
    desk.table.select_row(0)
    assert not desk.window.actions_["message.delete"].isEnabled()
    desk.table.select_row(1)
    assert desk.window.actions_["message.delete"].isEnabled()


def test_folders_take_messages_where_both_can(desk):
    desk.table.select_row(0)
    takes = desk.window.folder_pane.tree.takes
    nodes = {node.title: node for node in desk.tree.nodes()}
    assert takes(nodes["Travel"]) and takes(nodes["Trash"])
    assert not takes(nodes["Inbox"]), "they are there"
    assert not takes(nodes["Personal"]) and not takes(nodes["All inboxes"])
