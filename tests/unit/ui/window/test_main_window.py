from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import AccountState, ChangeKind, Connection, Problem, Progress, StoreChange
from qtmail.domain.message import Flag
from qtmail.errors import Layer, Retry
from qtmail.ui.window.commands import CommandPalette
from qtmail.ui.window.main_window import MainWindow
from qtmail.ui.window.message_windows import message_files
from qtmail.ui.window.window_state import Layout, ListView
from tests.fakes.mail_service import account
from tests.fakes.window import WindowBench
from tests.unit.ui.window.test_reading import SOURCE, deliver, select

HEAVY = (
    "keyring",
    "imapclient",
    "ssl",
    "sqlite3",
    "sqlite_utils",
    "cryptography",
    "PySide6.QtWebEngineCore",
)


@pytest.fixture
def make_bench(qapp, qtbot, tmp_path: Path):
    def make(**content: Any) -> WindowBench:
        bench = WindowBench(qapp, tmp_path / "window.ini", **content)
        qtbot.addWidget(bench.window)
        with qtbot.waitActive(bench.window):
            bench.window.show()
            bench.window.activateWindow()
        return bench

    return make


@pytest.fixture
def bench(make_bench):
    return make_bench()


def dialogs(window: MainWindow) -> list[Any]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def test_the_inbox_of_the_only_account_is_open_at_the_first_start(bench):
    assert bench.window.message_pane.node.key == "folder/1/INBOX"
    assert bench.window.windowTitle() == "Inbox – qtmail"
    assert bench.model.rowCount() == 20


def test_the_whole_day_by_keyboard(bench, qtbot):
    """Next message, flag, unread, next unread: with one key each, and F6 to the panes."""
    table = bench.window.message_pane.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_F)
    assert bench.window.message_pane.selected_message().id == 20
    qtbot.keyClick(table, Qt.Key.Key_S)
    qtbot.keyClick(table, Qt.Key.Key_M)
    assert bench.service.flags_set == [([20], Flag.FLAGGED, Flag.NONE), ([20], Flag.SEEN, Flag.NONE)]
    qtbot.keyClick(table, Qt.Key.Key_N)
    assert bench.window.message_pane.selected_message().id == 19
    qtbot.keyClick(table, Qt.Key.Key_B)
    assert bench.window.message_pane.selected_message().id == 20
    qtbot.keyClick(table, Qt.Key.Key_F5)
    assert bench.service.synced == [None]
    focus: list[bool] = []
    for pane in (bench.window.view, bench.window.folder_pane, bench.window.message_pane):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
        focus.append(pane.isAncestorOf(QApplication.focusWidget()))
    assert focus == [True, True, True]


def test_letters_typed_into_a_field_are_not_commands(bench, qtbot):
    bench.window.toggle_activity()
    field = bench.window.activity.findChild(QLineEdit)
    field.setFocus()
    select(bench, 0)
    qtbot.keyClicks(field, "smn")
    assert field.text() == "smn"
    assert bench.service.flags_set == []


def test_flags_are_set_on_all_selected_messages(bench):
    bench.window.message_pane.select_all()
    bench.window.actions_["message.read"].trigger()
    assert bench.service.flags_set == [(list(range(20, 0, -1)), Flag.SEEN, Flag.NONE)]


def test_without_a_selection_there_is_nothing_to_do_to_messages(bench):
    ids = ("message.read", "message.toggle_flag", "message.open", "message.print")
    assert not any(bench.window.actions_[id_].isEnabled() for id_ in ids)
    deliver(bench, select(bench, 0))
    assert all(bench.window.actions_[id_].isEnabled() for id_ in ids)


def test_ctrl_k_lists_every_command_there_is(bench, qtbot):
    qtbot.keyClick(bench.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = bench.window.findChild(CommandPalette)
    assert palette.isVisible()
    qtbot.keyClicks(palette.field, "dark")
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)


def test_without_an_account_the_window_welcomes(make_bench, qtbot):
    bench = make_bench(accounts=[])
    assert bench.window.centralWidget().currentWidget() is bench.window.welcome
    assert bench.window.focusWidget() is bench.window.welcome.add_button
    with qtbot.waitSignal(bench.window.demo_requested):
        qtbot.mouseClick(bench.window.welcome.demo_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(bench.window.welcome.add_button, Qt.MouseButton.LeftButton)
    (dialog,) = dialogs(bench.window)
    qtbot.keyClicks(dialog.who.address, "me@personal.example")
    qtbot.keyClicks(dialog.who.password, "secret")
    dialog.next_button.click()
    dialog.by_hand_button.click()
    dialog.next_button.click()
    bench.service.tests[-1][2]([Verdict("", Layer.SIGN_IN, True, "Signed in.")])
    dialog.next_button.click()
    added, password, remember = bench.service.added[0]
    assert (added.address, password, remember) == ("me@personal.example", "secret", True)
    assert bench.window.centralWidget().currentWidget() is bench.window.panes


def test_a_wrong_password_is_a_strip_and_a_prompt_mends_it(bench, qtbot):
    problem = Problem(1, "The password was refused.", layer=Layer.SIGN_IN, retry=Retry.ASK_USER)
    bench.service.set_state(AccountState(1, Connection.NEEDS_USER, problem=problem))
    strip = bench.window.problems.account_strip(1)
    qtbot.mouseClick(strip.button("Enter password…"), Qt.MouseButton.LeftButton)
    (prompt,) = dialogs(bench.window)
    qtbot.keyClicks(prompt.password, "right")
    qtbot.keyClick(prompt.password, Qt.Key.Key_Return)
    assert bench.service.passwords == [(1, "right", True, False)]
    bench.service.set_state(AccountState(1, Connection.WATCHING))
    assert bench.window.problems.account_strip(1) is None


def test_the_status_bar_says_what_is_happening_and_opens_the_activity_panel(bench, qtbot):
    bench.service.set_state(AccountState(1, Connection.SYNCING))
    bench.service.bridge.progress.emit(Progress(1, "headers", "INBOX", 12_400, 100_000, 8.0))
    assert bench.window.status.sentence() == "Personal: 12,400 of 100,000 headers in INBOX, about 8 s"
    qtbot.mouseClick(bench.window.status, Qt.MouseButton.LeftButton)
    assert not bench.window.activity.isHidden()
    assert bench.window.actions_["view.activity"].isChecked()


def test_a_message_opens_in_its_own_window(bench, qtbot):
    chosen = select(bench, 0)
    qtbot.keyClick(bench.window.message_pane.table, Qt.Key.Key_Return)
    assert bench.window.windows.windows() == []
    deliver(bench, chosen)
    (window,) = bench.window.windows.windows()
    assert window.windowTitle() == "Plans"
    window.view.part_wanted.emit("2")
    assert bench.service.parts == [(chosen, "2")]
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bench.window.windows.windows() == [])


def test_an_eml_file_dropped_on_the_window_is_shown(bench, tmp_path: Path):
    file = tmp_path / "plans.EML"
    file.write_bytes(SOURCE)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)), QUrl("https://example.org/a.eml")])
    assert message_files(data) == [file]
    copy, button, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    bench.window.dropEvent(QDropEvent(QPointF(5, 5), copy, data, button, no_key))
    (window,) = bench.window.windows.windows()
    assert window.view.message().envelope.subject == "Plans"
    bench.window.windows.close_all()


def test_a_file_that_cannot_be_read_is_said_in_a_strip(bench, tmp_path: Path):
    bench.window.open_eml(tmp_path / "missing.eml")
    strip = bench.window.problems.notice("fault/The file missing.eml could not be read.")
    assert strip is not None


def test_a_strip_is_seen_before_there_is_an_account_and_after(make_bench, qtbot, tmp_path: Path):
    bench = make_bench(accounts=[])
    bench.window.open_eml(tmp_path / "missing.eml")
    strip = bench.window.problems.notice("fault/The file missing.eml could not be read.")
    assert strip.isVisible()
    bench.service.add_account(account(), None, remember=False)
    assert bench.window.centralWidget().currentWidget() is bench.window.panes
    qtbot.waitUntil(strip.isVisible)


def test_at_first_the_window_is_no_larger_than_the_screen(bench):
    assert bench.window.screen().availableGeometry().contains(bench.window.geometry())


def test_the_window_comes_back_as_it_was_left(make_bench, qtbot):
    bench = make_bench()
    bench.window.view_commands.show_columns()
    bench.window.view_commands.message_below()
    bench.window.view_commands.theme_dark()
    bench.window.folder_pane.open("folder/1/Travel/Norway")
    bench.window.view.body.set_zoom(1.25)
    bench.window.close()
    try:
        again = make_bench()
        assert again.window.message_pane.table.list_view == ListView.COLUMNS
        assert again.window.panes.arrangement == (Layout.BELOW, ListView.COLUMNS)
        assert again.window.actions_["view.dark"].isChecked()
        assert again.window.folder_pane.current().key == "folder/1/Travel/Norway"
        assert again.window.view.body.zoom() == 1.25
    finally:
        again.window.view_commands.theme_light()


def test_an_account_that_was_removed_takes_its_strip_along(bench):
    bench.service.set_state(AccountState(1, Connection.WAITING, problem=Problem(1, "No answer.")))
    bench.service._accounts[:] = [account(2, "Work")]
    bench.service.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.ACCOUNTS})))
    assert bench.window.problems.account_strip(1) is None
    assert [one.id for one in bench.window.accounts.work.accounts] == [2]


def test_the_settings_of_an_account_open_once_from_the_menu_and_from_the_folder_pane(make_bench):
    bench = make_bench(accounts=[account(), account(2, "Work")])
    bench.window.actions_["account.settings"].trigger()
    bench.window.folder_pane.settings_requested.emit(2)
    (dialog,) = dialogs(bench.window)
    assert dialog.windowTitle() == "Account settings"
    assert dialog.pages.general.name.text() == "Work"
    dialog.discard()
    assert bench.window.accounts.settings.dialog is None
    bench.window.problems.settings_requested.emit(2)
    (dialog,) = dialogs(bench.window)
    assert dialog.pages.servers.isVisible()
    assert dialog.pages.general.name.text() == "Work"


def test_everything_the_keyboard_reaches_has_an_accessible_name(bench):
    bench.window.toggle_activity()
    nameless = [
        widget
        for widget in bench.window.findChildren(object)
        if hasattr(widget, "focusPolicy")
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and type(widget).__module__.startswith(("qtmail", "PySide6"))
        and not (widget.accessibleName() or getattr(widget, "text", str)() or widget.focusProxy())
    ]
    assert [f"{type(widget).__name__} {widget.objectName()}" for widget in nameless] == []


def test_importing_the_window_loads_nothing_heavy():
    """Start-up is imports: what the network, the keyring or HTML need comes after the window is shown."""
    code = (
        "import json, sys, qtmail.ui.window.main_window\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(run.stdout) == []
