"""A day with mail that is fetched: the real window against a real Dovecot, by clicking and typing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.domain.events import Connection
from qtmail.ui.folders.folder_name_dialog import FolderNameDialog
from qtmail.ui.window.folder_chooser import FolderChooser
from tests.end2end.desk import Desk
from tests.fakes.memory_imap import plain_message

LARGE = (
    b"From: Ann <ann@example.org>\r\nSubject: %s\r\nMessage-ID: <%s@example.org>\r\n\r\nThe beginning.\r\n"
    + b"0123456789abcdef\r\n" * 350_000
)
"""A little over 6 MB."""
HEADERS_ONLY = Pop3Policy(headers_only_over=1_000_000)


def fill(desk: Desk, *subjects: str) -> None:
    for number, subject in enumerate(subjects, 1):
        desk.dovecot.deliver(desk.user, "INBOX", plain_message(number, subject))


def fill_large(desk: Desk, *subjects: bytes) -> None:
    for subject in subjects:
        desk.dovecot.deliver(desk.user, "INBOX", LARGE % (subject, subject))


def press(desk: Desk, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    # A real desktop does this when a dialog closes.
    desk.window.activateWindow()
    desk.wait(desk.window.isActiveWindow)
    desk.table.setFocus()
    desk.qtbot.keyClick(desk.table, key, modifiers)


def agree(desk: Desk) -> None:
    """Say yes to the question on screen."""
    box = desk.window.findChild(QMessageBox)
    desk.qtbot.mouseClick(box.buttons()[0], Qt.MouseButton.LeftButton)


def folders(desk: Desk) -> list[str]:
    """What the folder pane shows."""
    return [node.title for node in desk.window.folder_pane.tree.model().nodes()]


def press_in_strip(desk: Desk, key: str, text: str) -> None:
    """Press a button of a strip, as soon as it is there."""
    area = desk.window.problems if key == "moved" else desk.window.view.notices
    desk.wait(lambda: area.notice(key) is not None and area.notice(key).button(text) is not None)
    desk.qtbot.mouseClick(area.notice(key).button(text), Qt.MouseButton.LeftButton)


def test_a_day_with_mail(desk: Desk) -> None:
    fill(desk, "One", "Two", "Three")
    desk.add_pop3_account()
    desk.click("Two")
    desk.wait(lambda: "Text of message 2." in desk.text())

    press(desk, Qt.Key.Key_Delete)
    desk.wait(lambda: sorted(desk.subjects()) == ["One", "Three"])
    assert desk.window.message_pane.selected_message() is not None, "the list goes on at the next message"
    press_in_strip(desk, "moved", "Undo")
    desk.wait(lambda: sorted(desk.subjects()) == ["One", "Three", "Two"])

    desk.click("Two")
    press(desk, Qt.Key.Key_Delete)
    desk.click("One")
    press(desk, Qt.Key.Key_A)
    desk.wait(lambda: desk.subjects() == ["Three"])
    desk.open_folder("Archive")
    desk.wait(lambda: desk.subjects() == ["One"])

    desk.open_folder("Trash")
    desk.wait(lambda: desk.subjects() == ["Two"])
    desk.window.actions_["folder.empty_trash"].trigger()
    agree(desk)
    desk.wait(lambda: desk.subjects() == [])
    assert desk.application.store.local_messages.count(desk.application.store.accounts.list()[0].id) == 2


def test_a_folder_with_a_chinese_name(desk: Desk) -> None:
    fill(desk, "One", "Two")
    desk.add_pop3_account()
    desk.wait(lambda: len(desk.subjects()) == 2)
    desk.window.actions_["folder.new"].trigger()
    dialog = desk.window.findChild(FolderNameDialog)
    dialog.field.setText("旅行/挪威")
    dialog.accept()
    desk.wait(lambda: "挪威" in folders(desk))

    desk.click("One")
    press(desk, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    chooser = desk.window.findChild(FolderChooser)
    chooser.field.setText("挪威")
    desk.qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.subjects() == ["Two"])
    desk.open_folder("挪威")
    desk.wait(lambda: desk.subjects() == ["One"])

    desk.window.actions_["folder.rename"].trigger()
    rename = desk.window.findChildren(FolderNameDialog)[-1]
    rename.field.setText("Oslo")
    rename.accept()
    desk.wait(lambda: desk.window.folder_pane.current().title == "Oslo")
    assert desk.subjects() == ["One"], "it stays open"

    desk.window.actions_["folder.remove"].trigger()
    agree(desk)
    desk.wait(lambda: "Oslo" not in folders(desk))
    desk.open_folder("Trash")
    desk.wait(lambda: desk.subjects() == ["One"])


def test_a_large_message_is_downloaded_when_it_is_wanted(desk: Desk) -> None:
    fill_large(desk, b"wanted")
    desk.add_pop3_account(HEADERS_ONLY)
    desk.click("wanted")
    notices = desk.window.view.notices
    desk.wait(lambda: notices.notice("rest") is not None)
    words = "Only the header of this message is here; 6.0 MB are on the server."
    assert notices.notice("rest").text() == words
    assert "The beginning." not in desk.text()
    press_in_strip(desk, "rest", "Download")
    desk.wait(lambda: "The beginning." in desk.text())
    assert notices.notice("rest") is None
    assert desk.on_server() == 1


def test_a_large_message_is_deleted_on_its_server_unread(desk: Desk) -> None:
    fill_large(desk, b"unwanted", b"other")
    desk.add_pop3_account(HEADERS_ONLY)
    desk.click("unwanted")
    press_in_strip(desk, "rest", "Delete on server")
    agree(desk)
    desk.wait(lambda: desk.subjects() == ["other"])
    desk.wait(lambda: desk.on_server() == 1)


@pytest.mark.parametrize("for_good", [False, True])
def test_what_is_deleted_here_goes_from_the_server(desk: Desk, for_good: bool) -> None:
    fill(desk, "stays", "goes")
    desk.add_pop3_account(Pop3Policy(Pop3Keep.UNTIL_DELETED))
    desk.click("goes")
    desk.wait(lambda: desk.state().connection is Connection.WATCHING)
    if for_good:
        press(desk, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
        agree(desk)
    else:
        press(desk, Qt.Key.Key_Delete)
    desk.wait(lambda: desk.subjects() == ["stays"])
    desk.window.check_mail()
    desk.wait(lambda: desk.on_server() == 1)
