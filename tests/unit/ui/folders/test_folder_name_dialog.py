from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from qtmail.ui.folders.folder_name_dialog import FolderNameDialog


@pytest.fixture
def dialog(qtbot: QtBot) -> FolderNameDialog:
    dialog = FolderNameDialog(["Travel", "Travel/Ñandú", "Inbox"], "Travel/", "Oslo")
    qtbot.addWidget(dialog)
    return dialog


def may_go_on(dialog: FolderNameDialog) -> bool:
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_the_path_has_the_folder_above_and_no_spaces_around_names(dialog: FolderNameDialog) -> None:
    dialog.field.setText("  旅行 / 挪威 ")
    assert dialog.path() == "Travel/旅行/挪威"
    assert may_go_on(dialog)


@pytest.mark.parametrize("name", ["", "  ", "a//b", "/a", "a/"])
def test_every_level_needs_a_name(dialog: FolderNameDialog, name: str) -> None:
    dialog.field.setText(name)
    assert not may_go_on(dialog)


@pytest.mark.parametrize("name", ["Ñandú", "ñandú", "N\u0303andú"])
def test_a_name_that_is_taken_is_refused_in_words(dialog: FolderNameDialog, name: str) -> None:
    dialog.field.setText(name)
    assert not may_go_on(dialog)
    assert "There is already a folder" in dialog.hint.text()


def test_only_another_name_is_chosen(dialog: FolderNameDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.chosen):
        dialog.accept()
