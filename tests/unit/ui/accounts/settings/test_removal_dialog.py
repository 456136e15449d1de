from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from qtmail.domain.removal import Removal
from qtmail.ui.accounts.settings.removal_dialog import RemovalDialog
from tests.unit.ui.accounts.settings.conftest import LOCAL, OFFICE, PERSONAL

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ask(qtbot):
    def open_dialog(removal: Removal) -> RemovalDialog:
        dialog = RemovalDialog(removal)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return open_dialog


def words(dialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_it_says_what_goes_and_what_stays(ask, qtbot):
    dialog = ask(Removal(PERSONAL, 0, 0, 0))
    assert "The mail itself stays on imap.personal.example." in words(dialog)
    assert not dialog.keep.isVisible()
    with qtbot.waitSignal(dialog.confirmed) as confirmed:
        qtbot.mouseClick(dialog.remove_button, LEFT)
    assert confirmed.args == [True, False]


def test_enter_cancels(ask, qtbot):
    dialog = ask(Removal(PERSONAL, 0, 0, 0))
    with qtbot.assertNotEmitted(dialog.confirmed):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()


def test_mail_that_is_only_here_is_kept_unless_the_user_says_otherwise(ask, qtbot):
    dialog = ask(Removal(OFFICE, 12_400, 0, 0))
    assert "12,400 messages of it are stored on this computer:" in words(dialog)
    assert dialog.keep.isChecked()
    assert dialog.delete.text() == "&Delete these 12,400 messages for good"
    dialog.delete.setChecked(True)
    with qtbot.waitSignal(dialog.confirmed) as confirmed:
        qtbot.mouseClick(dialog.remove_button, LEFT)
    assert confirmed.args == [False, False]


def test_the_mail_of_local_folders_can_only_be_deleted_and_never_by_the_way(ask, qtbot):
    dialog = ask(Removal(LOCAL, 3, 0, 0))
    assert not dialog.keep.isVisible()
    assert not dialog.remove_button.isEnabled()
    dialog.delete.setChecked(True)
    with qtbot.waitSignal(dialog.confirmed) as confirmed:
        qtbot.mouseClick(dialog.remove_button, LEFT)
    assert confirmed.args == [False, False]


def test_unsent_mail_is_named_and_must_be_taken_back_first(ask, qtbot):
    dialog = ask(Removal(PERSONAL, 0, 2, 1))
    assert "2 messages in its outbox have not been sent" in words(dialog)
    assert "Drafts on this computer stay." in words(dialog)
    assert not dialog.remove_button.isEnabled()
    dialog.drop.setChecked(True)
    with qtbot.waitSignal(dialog.confirmed) as confirmed:
        qtbot.mouseClick(dialog.remove_button, LEFT)
    assert confirmed.args == [True, True]
