"""The preferences over the main window, and the menus that offer the same."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from qtmail.ui.shared.theme import ThemeMode
from qtmail.ui.window.window_state import Layout, ListView

CONTROL = Qt.KeyboardModifier.ControlModifier


def choose(qtbot, choice, text: str) -> None:
    """Take an entry of a field with the keyboard."""
    for _ in range(choice.findText(text) - choice.currentIndex()):
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentText() == text


def test_ctrl_comma_opens_the_preferences_once_and_escape_closes_them(bench, qtbot):
    qtbot.keyClick(bench.window, Qt.Key.Key_Comma, CONTROL)
    dialog = bench.window.preferences.dialog
    bench.window.preferences.open()
    assert bench.window.preferences.dialog is dialog
    assert dialog.windowTitle() == "Preferences"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert bench.window.preferences.dialog is None


def test_the_close_button_closes_them(open_preferences, bench, qtbot):
    buttons = open_preferences().findChild(QDialogButtonBox)
    qtbot.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Close), Qt.MouseButton.LeftButton)
    assert bench.window.preferences.dialog is None


def test_macos_finds_them_in_the_application_menu(bench):
    role = bench.window.actions_["edit.preferences"].menuRole()
    assert role == QAction.MenuRole.PreferencesRole
    assert bench.window.actions_["account.settings"].menuRole() == QAction.MenuRole.NoRole


def test_looks_change_at_once_and_the_menu_says_so(open_preferences, bench, qtbot):
    page = open_preferences().appearance
    assert page.list.currentText() == "Cards"
    choose(qtbot, page.list, "Columns")
    choose(qtbot, page.layout_, "Message below the list")
    assert bench.window.panes.arrangement == (Layout.BELOW, ListView.COLUMNS)
    assert bench.window.actions_["view.columns"].isChecked()
    try:
        choose(qtbot, page.theme, "Dark")
        assert bench.theme.mode == ThemeMode.DARK
        assert bench.state.theme_mode == ThemeMode.DARK
    finally:
        bench.window.view_commands.theme_light()
    assert page.theme.currentText() == "Light"


def test_how_long_sending_can_be_undone(open_preferences, bench, qtbot):
    page = open_preferences().writing
    assert page.undo.currentText() == "Sending can be undone for 5 seconds"
    choose(qtbot, page.undo, "Sending can be undone for 30 seconds")
    assert (bench.composers.undo_seconds, bench.state.undo_seconds) == (30, 30)
    assert bench.window.actions_["account.undo_30"].isChecked()


def test_how_messages_begin(open_preferences, bench, qtbot):
    page = open_preferences().writing
    page.plain.click()
    assert (bench.state.write_plain, bench.state.one_width) == (True, False)
    page.one_width.click()
    assert (bench.state.write_plain, bench.state.one_width) == (True, True)
    page.plain.click()
    assert (bench.state.write_plain, bench.state.one_width) == (False, True)


def test_what_was_chosen_in_a_composer_meanwhile_is_shown_and_kept(open_preferences, bench, qtbot):
    dialog = open_preferences()
    bench.window.activateWindow()
    qtbot.waitUntil(lambda: not dialog.isActiveWindow())
    bench.state.write_plain = bench.state.one_width = True
    dialog.activateWindow()
    qtbot.waitUntil(dialog.writing.plain.isChecked)
    assert dialog.writing.one_width.isChecked()
    assert (bench.state.write_plain, bench.state.one_width) == (True, True)


def test_tab_goes_through_every_page_from_top_to_bottom(open_preferences, qtbot):
    dialog = open_preferences()
    pages = {
        0: [dialog.appearance.theme, dialog.appearance.list, dialog.appearance.layout_],
        1: [dialog.writing.undo, dialog.writing.plain, dialog.writing.one_width],
        2: [dialog.desktop.keep, dialog.desktop.start.start, dialog.desktop.default.make_button],
    }
    for number, wanted in pages.items():
        dialog.tabs.setCurrentIndex(number)
        dialog.tabs.tabBar().setFocus()
        for widget in wanted:
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            assert QApplication.focusWidget() is widget


def test_however_narrow_the_dialog_nothing_is_cut_off(open_preferences, qtbot):
    """The pages scroll up and down only."""
    dialog = open_preferences()
    dialog.resize(dialog.minimumSizeHint())
    for number, page in enumerate((dialog.appearance, dialog.writing, dialog.desktop)):
        dialog.tabs.setCurrentIndex(number)
        assert page.parentWidget().width() >= page.minimumSizeHint().width()


def test_nothing_is_nameless_for_a_screen_reader(open_preferences):
    dialog = open_preferences()
    nameless = [
        type(widget).__name__
        for page in (dialog.appearance, dialog.writing, dialog.desktop)
        for widget in page.findChildren(object)
        if hasattr(widget, "focusPolicy")
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisibleTo(page)
        and type(widget).__module__.startswith(("qtmail", "PySide6"))
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []
