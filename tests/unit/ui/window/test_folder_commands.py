from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.ui.folders.folder_name_dialog import FolderNameDialog
from tests.fakes.mail_service import account, fetching_account
from tests.unit.ui.window.local_desk import LocalDesk

FOLDER_ACTIONS = ("folder.new", "folder.rename", "folder.remove", "folder.empty_trash")


@pytest.fixture
def desk(qapp, qtbot, tmp_path: Path) -> LocalDesk:
    return LocalDesk(qapp, qtbot, tmp_path / "window.ini")


def trigger(desk: LocalDesk, action: str) -> None:
    desk.window.actions_[action].trigger()


def name_it(desk: LocalDesk, name: str) -> None:
    dialog = next(one for one in desk.window.findChildren(FolderNameDialog) if one.isVisible())
    dialog.field.clear()
    desk.qtbot.keyClicks(dialog.field, name)
    desk.qtbot.keyClick(dialog.field, Qt.Key.Key_Return)


def possible(desk: LocalDesk) -> set[str]:
    return {id_ for id_ in FOLDER_ACTIONS if desk.window.actions_[id_].isEnabled()}


def test_a_new_folder_is_made_at_the_top_or_in_the_own_folder_that_is_open(desk):
    trigger(desk, "folder.new")
    name_it(desk, "Recipes")
    desk.window.folder_pane.open("folder/1/Travel")
    trigger(desk, "folder.new")
    name_it(desk, " Oslo ")
    assert desk.service.created == [(1, "Recipes"), (1, "Travel/Oslo")]


def test_f2_renames_the_open_folder_which_stays_open(desk):
    desk.window.folder_pane.open("folder/1/Travel/Norway")
    desk.press(Qt.Key.Key_F2)
    name_it(desk, "Oslo")
    assert desk.service.renamed == [(4, "Travel/Oslo")]
    desk.folders.folders = [
        replace(one, path="Travel/Oslo") if one.id == 4 else one for one in desk.folders.folders
    ]
    desk.service.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.FOLDERS})))
    assert desk.window.folder_pane.current().title == "Oslo"


def test_a_name_that_is_kept_renames_nothing(desk):
    desk.window.folder_pane.open("folder/1/Travel")
    trigger(desk, "folder.rename")
    name_it(desk, "Travel")
    assert desk.service.renamed == []


def test_a_folder_with_messages_is_removed_after_a_question(desk):
    desk.window.folder_pane.open("folder/1/Travel/Norway")
    trigger(desk, "folder.remove")
    assert desk.question().informativeText() == "Its 10 messages go to Trash."
    assert desk.agree() == "Remove the folder “Norway”?"
    assert desk.service.removed_folders == [4]


def test_delete_in_the_folder_tree_is_about_the_folder(desk, qtbot):
    desk.table.select_row(0)
    desk.window.folder_pane.open("folder/1/Travel")
    tree = desk.window.folder_pane.tree
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    words = "Its 20 messages, and those of the folders in it, go to Trash."
    assert desk.question().informativeText() == words
    assert desk.service.moves == []


def test_an_empty_folder_goes_without_a_question(desk):
    desk.folders.folders = [
        replace(one, message_count=0) if one.id == 4 else one for one in desk.folders.folders
    ]
    desk.service.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.FOLDERS})))
    desk.window.folder_pane.open("folder/1/Travel/Norway")
    trigger(desk, "folder.remove")
    assert desk.question() is None and desk.service.removed_folders == [4]


def test_the_trash_is_emptied_after_a_question(desk):
    trigger(desk, "folder.empty_trash")
    assert desk.agree() == "Delete the 4 messages in Trash for good?"
    assert desk.service.emptied == [1]


def test_what_can_be_done_with_which_folder(desk):
    assert possible(desk) == {"folder.new", "folder.empty_trash"}
    desk.window.folder_pane.open("folder/1/Travel")
    assert possible(desk) == set(FOLDER_ACTIONS)
    desk.window.folder_pane.open("all-inboxes")
    assert possible(desk) == {"folder.new", "folder.empty_trash"}


def test_folders_on_a_server_stay_as_they_are_and_the_menu_says_why(qapp, qtbot, tmp_path):
    desk = LocalDesk(qapp, qtbot, tmp_path / "window.ini", [account()])
    desk.window.folder_pane.open("folder/1/Travel")
    assert possible(desk) == set()
    menu = desk.window.folder_pane.context_menu(desk.window.folder_pane.current())
    assert menu is not None
    new = next(action for action in menu.actions() if action.objectName() == "folder.new")
    assert menu.toolTipsVisible()
    assert new.toolTip() == "Changing folders on IMAP servers is not there yet."


def test_where_several_accounts_could_have_it_a_view_of_all_makes_no_folder(qapp, qtbot, tmp_path):
    accounts = [fetching_account(), fetching_account(2, "Work")]
    desk = LocalDesk(qapp, qtbot, tmp_path / "window.ini", accounts)
    desk.window.folder_pane.open("all-inboxes")
    assert possible(desk) == set()
    desk.window.folder_pane.open("account/2")
    assert possible(desk) == {"folder.new"}


def test_a_view_of_all_has_no_menu(desk):
    desk.window.folder_pane.open("all-inboxes")
    assert desk.window.folder_pane.context_menu(desk.window.folder_pane.current()) is None
