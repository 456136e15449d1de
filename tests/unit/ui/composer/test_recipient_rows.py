"""The rows of recipient fields."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qtmail.domain.address import Address
from qtmail.ui.composer.recipient_rows import RecipientField, RecipientRows
from qtmail.ui.shared.theme import Theme
from tests.fakes.compose_service import FakeComposeService

ANNA = Address("Anna Berg", "anna@example.org")
BOB = Address("", "bob@example.com")
BAD = Address("", "nobody at home")


@pytest.fixture
def rows(qtbot: QtBot) -> Iterator[RecipientRows]:
    window = QWidget()
    layout = QVBoxLayout(window)
    rows = RecipientRows(FakeComposeService(), Theme())
    layout.addWidget(rows)
    layout.addWidget(QLineEdit())
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    rows.setFocus()
    qtbot.waitUntil(rows.edit(RecipientField.TO).line.hasFocus)
    yield rows  # while it waits here, the window lives


def shown(rows: RecipientRows) -> list[str]:
    return [field.value for field in RecipientField if rows.edit(field).isVisible()]


def buttons(rows: RecipientRows) -> list[str]:
    return [button.text() for button in rows.findChildren(QToolButton) if button.isVisible()]


def test_only_to_is_there_at_first(rows: RecipientRows) -> None:
    assert shown(rows) == ["To"]
    assert buttons(rows) == ["Cc", "Bcc", "Reply to"]


def test_fields_with_recipients_are_shown(rows: RecipientRows, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(rows.changed, wait=20):
        rows.set_recipients([ANNA], [BOB], [], [BAD])
    assert shown(rows) == ["To", "Cc", "Reply-To"]
    assert buttons(rows) == ["Bcc"]
    assert (rows.to(), rows.cc(), rows.bcc(), rows.reply_to()) == ((ANNA,), (BOB,), (), (BAD,))


def test_a_button_shows_a_field_to_type_in(rows: RecipientRows) -> None:
    button = next(button for button in rows.findChildren(QToolButton) if button.text() == "Bcc")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert rows.edit(RecipientField.BCC).line.hasFocus()
    assert shown(rows) == ["To", "Bcc"]


def test_keys_show_the_fields(rows: RecipientRows) -> None:
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(rows.edit(RecipientField.TO).line, Qt.Key.Key_C, control_shift)
    assert rows.edit(RecipientField.CC).line.hasFocus()


def test_tab_goes_from_field_to_field(rows: RecipientRows) -> None:
    rows.set_recipients([ANNA], [BOB])
    QTest.keyClick(rows.edit(RecipientField.TO).line, Qt.Key.Key_Tab)
    assert rows.edit(RecipientField.CC).line.hasFocus()
    QTest.keyClick(rows.edit(RecipientField.CC).line, Qt.Key.Key_Tab)
    assert isinstance(rows.window().focusWidget(), QLineEdit)
    assert not rows.isAncestorOf(rows.window().focusWidget())


def test_a_chip_moved_to_a_hidden_field_shows_it(rows: RecipientRows, qtbot: QtBot) -> None:
    rows.set_recipients([ANNA, BOB])
    to = rows.edit(RecipientField.TO)
    menu = to.chip_menu(to.chips()[0])
    moves = [action for action in menu.actions() if action.text().startswith("Move")]
    assert [action.text() for action in moves] == ["Move to Cc", "Move to Bcc"]
    with qtbot.waitSignal(rows.changed):
        moves[1].trigger()
    menu.close()
    assert shown(rows) == ["To", "Bcc"]
    assert (rows.to(), rows.bcc()) == ((BOB,), (ANNA,))


def test_what_is_wrong_in_any_field_is_told(rows: RecipientRows) -> None:
    rows.set_recipients([ANNA, BAD], [], [Address("", "x@")])
    wrong, missing = rows.faults()
    assert wrong.startswith("“nobody at home”") and missing.startswith("“x@”")


def test_what_is_typed_everywhere_becomes_chips(rows: RecipientRows) -> None:
    rows.show_field(RecipientField.CC)
    QTest.keyClicks(rows.edit(RecipientField.CC).line, "bob@example.com")
    rows.commit()
    assert len(rows.edit(RecipientField.CC).chips()) == 1
    assert rows.cc() == (BOB,)


def test_fields_have_names_for_screen_readers(rows: RecipientRows) -> None:
    assert [rows.edit(field).line.accessibleName() for field in RecipientField] == [
        "To",
        "Cc",
        "Bcc",
        "Reply to",
    ]
