"""Typing, choosing, selecting, copying and moving recipients."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QInputMethodEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qtmail.domain.address import Address
from qtmail.domain.outgoing import Suggestion
from qtmail.ui.composer.recipient_chip import RecipientChip
from qtmail.ui.composer.recipient_edit import RecipientEdit
from qtmail.ui.shared.theme import Theme
from tests.fakes.compose_service import FakeComposeService

ANNA = Address("Anna Berg", "anna@example.org")
BOB = Address("", "bob@example.com")
WANG = Address("王小明", "wang@qq.com")
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def service() -> FakeComposeService:
    fake = FakeComposeService()
    fake.known = [
        Suggestion("Anna Berg", "anna@example.org", 3),
        Suggestion("Annette", "annette@example.org", 2),
        Suggestion("王小明", "wang@qq.com", 1),
    ]
    return fake


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    QVBoxLayout(window)
    window.resize(600, 400)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def edit(window: QWidget, service: FakeComposeService, qtbot: QtBot) -> RecipientEdit:
    edit = RecipientEdit(service, Theme())
    layout = window.layout()
    assert layout is not None
    layout.addWidget(edit)
    layout.addWidget(QLineEdit())
    window.show()
    window.activateWindow()
    edit.line.setFocus()
    qtbot.waitUntil(edit.line.hasFocus)
    return edit


def type_keys(edit: RecipientEdit, text: str) -> None:
    QTest.keyClicks(edit.line, text)


def compose(edit: RecipientEdit, text: str) -> None:
    """Text as an input method gives it."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(edit.line, event)


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """Press a key wherever the keyboard is."""
    QTest.keyClick(focus(), key, modifiers)


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def labels(edit: RecipientEdit) -> list[str]:
    return [chip.address.label for chip in edit.chips()]


def selected(edit: RecipientEdit) -> list[str]:
    return [chip.address.label for chip in edit.chips() if chip.selected]


def suggested(edit: RecipientEdit) -> list[str]:
    return [one.name for one in edit.completion.popup.suggestions()]


class TestTyping:
    @pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
    def test_enter_makes_a_chip(self, edit: RecipientEdit, end: Qt.Key) -> None:
        type_keys(edit, "bob@example.com")
        QTest.keyClick(edit.line, end)
        assert labels(edit) == ["bob@example.com"]
        assert edit.line.text() == ""
        assert edit.line.hasFocus()

    @pytest.mark.parametrize("separator", [",", ";"])
    def test_a_separator_makes_a_chip(self, edit: RecipientEdit, separator: str) -> None:
        type_keys(edit, f"bob@example.com{separator} x")
        assert labels(edit) == ["bob@example.com"]
        assert edit.line.text() == "x"

    @pytest.mark.parametrize("separator", ["，", "；", "、"])
    def test_a_chinese_separator_makes_a_chip(self, edit: RecipientEdit, separator: str) -> None:
        type_keys(edit, "bob@example.com")
        compose(edit, separator)
        assert labels(edit) == ["bob@example.com"]

    def test_a_comma_in_quotes_belongs_to_the_name(self, edit: RecipientEdit) -> None:
        type_keys(edit, '"Berg, Anna" <anna@example.org>')
        QTest.keyClick(edit.line, Qt.Key.Key_Return)
        assert edit.addresses() == (Address("Berg, Anna", "anna@example.org"),)

    def test_leaving_by_tab_makes_a_chip(self, edit: RecipientEdit) -> None:
        type_keys(edit, "bob@example.com")
        QTest.keyClick(edit.line, Qt.Key.Key_Tab)
        assert labels(edit) == ["bob@example.com"]
        assert not edit.line.hasFocus()

    def test_enter_with_nothing_typed_goes_on(self, edit: RecipientEdit) -> None:
        QTest.keyClick(edit.line, Qt.Key.Key_Return)
        assert not edit.line.hasFocus()

    def test_another_window_in_front_leaves_the_text_alone(self, edit: RecipientEdit) -> None:
        type_keys(edit, "bob@exam")
        left = QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason)
        QApplication.sendEvent(edit.line, left)
        assert edit.line.text() == "bob@exam"

    def test_what_is_being_typed_is_a_recipient_too(self, edit: RecipientEdit, qtbot: QtBot) -> None:
        edit.set_addresses([ANNA])
        with qtbot.waitSignal(edit.changed):
            type_keys(edit, "b")
        assert edit.addresses() == (ANNA, Address("", "b"))

    def test_a_wrong_address_is_kept_and_marked(self, edit: RecipientEdit) -> None:
        type_keys(edit, "bob at example")
        QTest.keyClick(edit.line, Qt.Key.Key_Tab)
        (chip,) = edit.chips()
        assert edit.addresses() == (Address("", "bob at example"),)
        assert "no @" in chip.fault
        assert chip.toolTip().endswith(f"<br>{chip.fault}</qt>")
        assert chip.accessibleDescription() == chip.fault
        assert edit.faults() == [f"“bob at example”: {chip.fault}"]

    def test_the_same_recipient_twice_is_one(self, edit: RecipientEdit) -> None:
        edit.set_addresses([BOB, BOB])
        type_keys(edit, "Bobby <BOB@example.com>,")
        assert edit.addresses() == (Address("Bobby", "BOB@example.com"),)

    def test_setting_is_no_change(self, edit: RecipientEdit, qtbot: QtBot) -> None:
        with qtbot.assertNotEmitted(edit.changed, wait=20):
            edit.set_addresses([ANNA, BOB])
        assert edit.addresses() == (ANNA, BOB)


class TestPasting:
    def paste(self, edit: RecipientEdit, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        QTest.keyClick(edit.line, Qt.Key.Key_V, CONTROL)

    def test_several_become_chips(self, edit: RecipientEdit) -> None:
        self.paste(edit, "Anna Berg <anna@example.org>, bob@example.com; 王小明 <wang@qq.com>")
        assert edit.addresses() == (ANNA, BOB, WANG)
        assert len(edit.chips()) == 3

    def test_lines_of_a_table(self, edit: RecipientEdit) -> None:
        self.paste(edit, "Anna Berg\tanna@example.org\r\n王小明\twang@qq.com\r\n")
        assert edit.addresses() == (ANNA, WANG)

    def test_a_part_of_an_address_goes_into_the_line(self, edit: RecipientEdit) -> None:
        type_keys(edit, "bob")
        self.paste(edit, "@example.com\n")
        assert edit.line.text() == "bob@example.com"
        assert edit.chips() == []

    def test_what_was_typed_before_becomes_a_chip_of_its_own(self, edit: RecipientEdit) -> None:
        type_keys(edit, "bob@example.com")
        self.paste(edit, "anna@example.org\nwang@qq.com")
        assert labels(edit) == ["bob@example.com", "anna@example.org", "wang@qq.com"]


class TestCompleting:
    def test_suggestions_come_while_typing(self, edit: RecipientEdit) -> None:
        type_keys(edit, "ann")
        assert suggested(edit) == ["Anna Berg", "Annette"]

    def test_enter_takes_the_first(self, edit: RecipientEdit) -> None:
        type_keys(edit, "ann")
        QTest.keyClick(edit.line, Qt.Key.Key_Return)
        assert edit.addresses() == (ANNA,)
        assert suggested(edit) == []

    def test_tab_takes_it_and_stays(self, edit: RecipientEdit) -> None:
        type_keys(edit, "ann")
        QTest.keyClick(edit.line, Qt.Key.Key_Tab)
        assert edit.addresses() == (ANNA,)
        assert edit.line.hasFocus()

    def test_arrows_choose_another(self, edit: RecipientEdit) -> None:
        type_keys(edit, "ann")
        QTest.keyClick(edit.line, Qt.Key.Key_Down)
        QTest.keyClick(edit.line, Qt.Key.Key_Return)
        assert labels(edit) == ["Annette"]

    def test_a_comma_takes_what_was_typed(self, edit: RecipientEdit) -> None:
        type_keys(edit, "ann,")
        assert edit.addresses() == (Address("", "ann"),)

    def test_a_whole_address_that_was_typed_is_never_replaced(
        self, edit: RecipientEdit, service: FakeComposeService
    ) -> None:
        service.known = [Suggestion("Other", "an@example.organic", 9)]
        type_keys(edit, "an@example.org")
        assert suggested(edit) == ["Other"]
        QTest.keyClick(edit.line, Qt.Key.Key_Return)
        assert edit.addresses() == (Address("", "an@example.org"),)

    def test_escape_closes_the_list_and_keeps_the_text(self, edit: RecipientEdit) -> None:
        type_keys(edit, "ann")
        QTest.keyClick(edit.line, Qt.Key.Key_Escape)
        assert suggested(edit) == []
        assert edit.line.text() == "ann"

    def test_delete_forgets_a_suggestion(self, edit: RecipientEdit, service: FakeComposeService) -> None:
        type_keys(edit, "ann")
        QTest.keyClick(edit.line, Qt.Key.Key_Delete)
        assert service.forgotten == ["anna@example.org"]
        assert suggested(edit) == ["Annette"]
        assert edit.line.text() == "ann"

    def test_a_click_takes_a_suggestion(self, edit: RecipientEdit, qtbot: QtBot) -> None:
        type_keys(edit, "ann")
        place = edit.completion.popup.row_center(1)
        target = QApplication.widgetAt(place)
        assert target is not None
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, PLAIN, target.mapFromGlobal(place))
        assert labels(edit) == ["Annette"]

    def test_late_answers_are_not_shown(self, edit: RecipientEdit, service: FakeComposeService) -> None:
        service.holding = True
        type_keys(edit, "an")
        type_keys(edit, "x")
        assert service.waiting == 1
        service.release()
        assert suggested(edit) == []

    def test_an_answer_after_leaving_is_not_shown(
        self, edit: RecipientEdit, service: FakeComposeService
    ) -> None:
        service.holding = True
        type_keys(edit, "ann")
        QTest.keyClick(edit.line, Qt.Key.Key_Tab)
        service.release()
        assert suggested(edit) == []

    def test_who_is_a_recipient_is_not_suggested(self, edit: RecipientEdit) -> None:
        edit.set_addresses([ANNA])
        type_keys(edit, "ann")
        assert suggested(edit) == ["Annette"]


class TestKeysOnChips:
    @pytest.fixture(autouse=True)
    def three(self, edit: RecipientEdit) -> None:
        edit.set_addresses([ANNA, BOB, WANG])

    def test_backspace_selects_then_removes(self, edit: RecipientEdit) -> None:
        press(Qt.Key.Key_Backspace)
        assert selected(edit) == ["王小明"]
        press(Qt.Key.Key_Backspace)
        assert edit.addresses() == (ANNA, BOB)
        assert edit.line.hasFocus()

    def test_arrows_walk_and_delete_removes(self, edit: RecipientEdit) -> None:
        press(Qt.Key.Key_Left)
        press(Qt.Key.Key_Left)
        assert selected(edit) == ["bob@example.com"]
        press(Qt.Key.Key_Delete)
        assert edit.addresses() == (ANNA, WANG)
        assert selected(edit) == ["王小明"]
        press(Qt.Key.Key_Right)
        assert edit.line.hasFocus()
        assert selected(edit) == []

    def test_shift_takes_along_and_home_goes_first(self, edit: RecipientEdit) -> None:
        press(Qt.Key.Key_Left)
        press(Qt.Key.Key_Home, SHIFT)
        assert selected(edit) == ["Anna Berg", "bob@example.com", "王小明"]
        press(Qt.Key.Key_Home)
        assert selected(edit) == ["Anna Berg"]

    def test_all_are_copied_cut_and_pasted(self, edit: RecipientEdit) -> None:
        press(Qt.Key.Key_A, CONTROL)
        assert len(selected(edit)) == 3
        press(Qt.Key.Key_C, CONTROL)
        expected = "Anna Berg <anna@example.org>, bob@example.com, 王小明 <wang@qq.com>"
        assert QGuiApplication.clipboard().text() == expected
        press(Qt.Key.Key_X, CONTROL)
        assert edit.addresses() == ()
        press(Qt.Key.Key_V, CONTROL)
        assert edit.addresses() == (ANNA, BOB, WANG)

    @pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_F2])
    def test_a_chip_is_edited_in_its_place(self, edit: RecipientEdit, key: Qt.Key) -> None:
        press(Qt.Key.Key_Left)
        press(Qt.Key.Key_Left)
        press(key)
        assert edit.line.selectedText() == "bob@example.com"
        type_keys(edit, "carl@example.com")
        press(Qt.Key.Key_Return)
        assert edit.addresses() == (ANNA, Address("", "carl@example.com"), WANG)

    def test_escape_while_editing_brings_the_chip_back(self, edit: RecipientEdit) -> None:
        press(Qt.Key.Key_Left)
        press(Qt.Key.Key_F2)
        type_keys(edit, "x")
        press(Qt.Key.Key_Escape)  # the list
        press(Qt.Key.Key_Escape)
        assert edit.addresses() == (ANNA, BOB, WANG)

    def test_typing_on_a_chip_goes_on_in_the_line(self, edit: RecipientEdit) -> None:
        press(Qt.Key.Key_Left)
        press(Qt.Key.Key_Z)
        assert edit.line.text() == "z"
        assert edit.line.hasFocus()

    def test_keys_of_the_window_are_left_to_it(
        self, edit: RecipientEdit, window: QWidget, qtbot: QtBot
    ) -> None:
        press(Qt.Key.Key_Left)
        press(Qt.Key.Key_Return, CONTROL)
        assert selected(edit) == ["王小明"]
        assert edit.addresses() == (ANNA, BOB, WANG)


class TestMouse:
    @pytest.fixture(autouse=True)
    def three(self, edit: RecipientEdit, qtbot: QtBot) -> None:
        edit.set_addresses([ANNA, BOB, WANG])
        edit.arrange()

    def click(self, chip: RecipientChip, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton, modifiers)

    def test_a_click_selects_and_control_adds(self, edit: RecipientEdit) -> None:
        first, _, third = edit.chips()
        self.click(first)
        self.click(third, CONTROL)
        assert selected(edit) == ["Anna Berg", "王小明"]
        self.click(third)
        assert selected(edit) == ["王小明"]
        self.click(first, SHIFT)
        assert len(selected(edit)) == 3

    def test_a_double_click_edits(self, edit: RecipientEdit) -> None:
        QTest.mouseDClick(edit.chips()[1], Qt.MouseButton.LeftButton)
        assert edit.line.text() == "bob@example.com"
        assert edit.addresses() == (ANNA, BOB, WANG)

    def test_the_menu(self, edit: RecipientEdit, service: FakeComposeService) -> None:
        other = RecipientEdit(service, Theme())
        edit.offer_moves_to([("Cc", other)])
        menu = edit.chip_menu(edit.chips()[0])
        actions = {action.text(): action for action in menu.actions()}
        actions["Copy"].trigger()
        assert QGuiApplication.clipboard().text() == "Anna Berg <anna@example.org>"
        actions["Move to Cc"].trigger()
        assert other.addresses() == (ANNA,)
        assert edit.addresses() == (BOB, WANG)
        menu.close()
        menu = edit.chip_menu(edit.chips()[0])
        next(action for action in menu.actions() if action.text() == "Remove").trigger()
        assert edit.addresses() == (WANG,)
        menu.close()
        other.close()

    @pytest.mark.parametrize(
        ("taken", "left"), [("move", [BOB]), ("copy", [ANNA, BOB, WANG]), ("", [ANNA, BOB, WANG])]
    )
    def test_dragged_chips_leave_when_another_field_has_taken_them(
        self, edit: RecipientEdit, monkeypatch: pytest.MonkeyPatch, taken: str, left: list[Address]
    ) -> None:
        actions = {"move": Qt.DropAction.MoveAction, "copy": Qt.DropAction.CopyAction}
        dragged: list[str] = []

        def drop(drag: QDrag, *_: object) -> Qt.DropAction:
            dragged.append(drag.mimeData().text())
            return actions.get(taken, Qt.DropAction.IgnoreAction)

        monkeypatch.setattr(QDrag, "exec", drop)
        first, _, third = edit.chips()
        self.click(first)
        self.click(third, CONTROL)
        QTest.mousePress(third, Qt.MouseButton.LeftButton)
        QTest.mouseMove(third, QPoint(60, 5))
        assert dragged == ["Anna Berg <anna@example.org>, 王小明 <wang@qq.com>"]
        assert edit.addresses() == tuple(left)

    def test_the_menu_of_the_line_pastes_recipients(self, edit: RecipientEdit) -> None:
        QGuiApplication.clipboard().setText("carl@example.org\ndora@example.org")
        edit.line.setFocus()
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, QPoint(5, 5), edit.line.mapToGlobal(QPoint(5, 5))
        )
        QApplication.sendEvent(edit.line, event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        next(action for action in menu.actions() if action.objectName() == "edit-paste").trigger()
        menu.close()
        assert len(edit.chips()) == 5

    def test_recipients_are_dropped_between_others(self, edit: RecipientEdit) -> None:
        chip = edit.chips()[1]
        data = QMimeData()
        data.setText("Carl <carl@example.org>, bob@example.com")
        before = chip.mapTo(edit.viewport(), QPoint(1, chip.height() // 2))
        event = QDropEvent(QPointF(before), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, PLAIN)
        edit.dropEvent(event)
        assert labels(edit) == ["Anna Berg", "Carl", "bob@example.com", "王小明"]


class TestLooks:
    def test_it_grows_to_four_lines_then_scrolls(self, edit: RecipientEdit, qtbot: QtBot) -> None:
        one = edit.height()
        edit.set_addresses([Address(f"Person {number}", f"p{number}@example.org") for number in range(12)])
        qtbot.waitUntil(lambda: edit.height() > one)
        edit.set_addresses([Address(f"Person {number}", f"p{number}@example.org") for number in range(300)])
        qtbot.waitUntil(lambda: edit.verticalScrollBar().maximum() > 0)
        assert edit.height() < 5 * one

    def test_the_line_stays_in_sight(self, edit: RecipientEdit, qtbot: QtBot) -> None:
        edit.set_addresses([Address(f"Person {number}", f"p{number}@example.org") for number in range(300)])
        type_keys(edit, "x")
        visible = edit.viewport().rect()
        qtbot.waitUntil(lambda: visible.contains(edit.line.mapTo(edit.viewport(), QPoint(1, 1))))

    def test_names_for_screen_readers(self, edit: RecipientEdit) -> None:
        edit.set_name("To")
        edit.set_addresses([ANNA])
        assert edit.line.accessibleName() == "To"
        assert edit.chips()[0].accessibleName() == "Anna Berg <anna@example.org>"

    def test_a_long_name_is_shortened_and_told_on_hover(self, edit: RecipientEdit) -> None:
        edit.set_addresses([Address("A very long name " * 9, "x@example.org")])
        (chip,) = edit.chips()
        assert chip.sizeHint().width() < 300
        assert "&lt;x@example.org&gt;" in chip.toolTip()

    def test_markup_in_a_name_is_not_obeyed(self, edit: RecipientEdit) -> None:
        edit.set_addresses([Address('<img src="x">', "x@example.org")])
        (chip,) = edit.chips()
        assert "<img" not in chip.toolTip()
