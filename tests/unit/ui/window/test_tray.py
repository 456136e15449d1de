"""The icon in the notification area, and what closing and quitting do with it and without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSystemTrayIcon

from qtmail.domain.composition import Composition
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.errors import MessageUnsendable
from qtmail.ui.window import presence
from qtmail.ui.window.preferences import preferences, take_preferences
from qtmail.ui.window.window_state import WindowState
from tests.fakes.notification_area import FakeArea
from tests.fakes.window import WindowBench
from tests.unit.ui.window.test_reading import deliver, select

COUNTS = StoreChange(frozenset({ChangeKind.COUNTS}), folder_ids=frozenset({1}))


class Seat:
    """A window on a desktop whose notification area the test has in hand."""

    def __init__(self, bench: WindowBench, area: FakeArea, *, keep: bool) -> None:
        self.bench, self.area = bench, area
        self.window = bench.window
        self.window.tray.area = area  # type: ignore[assignment]
        self.state = bench.state
        self.state.keep_in_tray = keep
        self.left: list[None] = []
        self.window.left.connect(lambda: self.left.append(None))

    @property
    def ended(self) -> bool:
        return bool(self.left) and not self.window.isVisible() and self.area.icon is None

    def icon(self):
        assert self.area.icon is not None
        return self.area.icon


@pytest.fixture
def make_seat(qapp, qtbot, tmp_path: Path):
    def make(*, there: bool = True, keep: bool = True) -> Seat:
        bench = WindowBench(qapp, tmp_path / "window.ini")
        qtbot.addWidget(bench.window)
        return Seat(bench, FakeArea(there=there), keep=keep)

    return make


@pytest.fixture
def seat(make_seat):
    """A window that is shown, and stays when it is closed."""
    seat = make_seat()
    seat.window.show()
    return seat


@pytest.fixture
def quick(monkeypatch):
    """The notification area is looked for without patience."""
    monkeypatch.setattr(presence, "LOOK_MS", 5)


# The icon


def test_the_icon_tells_how_much_unread_mail_is_in_the_inboxes(seat, qtbot):
    assert seat.icon().tool_tip == "qtmail – 3 unread"
    with_dot = seat.icon().icon.cacheKey()
    seat.bench.folders.folders[0] = replace(seat.bench.folders.folders[0], unread_count=1234)
    seat.bench.service.bridge.store_changed.emit(COUNTS)
    qtbot.waitUntil(lambda: seat.icon().tool_tip == "qtmail – 1,234 unread")
    assert seat.icon().icon.cacheKey() == with_dot
    seat.bench.folders.folders[0] = replace(seat.bench.folders.folders[0], unread_count=0)
    seat.bench.service.bridge.store_changed.emit(COUNTS)
    qtbot.waitUntil(lambda: seat.icon().tool_tip == "qtmail")
    assert seat.icon().icon.cacheKey() != with_dot


def test_the_icon_is_drawn_where_nothing_is_unread(make_seat):
    seat = make_seat()
    seat.bench.folders.folders[0] = replace(seat.bench.folders.folders[0], unread_count=0)
    seat.bench.service.bridge.store_changed.emit(COUNTS)
    seat.window.show()
    assert seat.icon().tool_tip == "qtmail"
    assert not seat.icon().icon.isNull()


def test_a_click_brings_the_window_and_a_second_one_does_not_take_it_away(seat):
    seat.window.close()
    assert not seat.window.isVisible()
    for _ in range(2):
        seat.icon().click()
        assert seat.window.isVisible()


def test_a_click_brings_a_minimised_window(seat):
    seat.window.showMinimized()
    seat.icon().click()
    assert not seat.window.isMinimized()


@pytest.mark.parametrize("away", ["close", "showMinimized"])
def test_the_window_comes_to_say_that_a_file_cannot_be_opened(seat, tmp_path: Path, away: str):
    getattr(seat.window, away)()
    seat.window.open_eml(tmp_path / "missing.eml")
    assert seat.window.isVisible()
    assert not seat.window.isMinimized()


def test_the_window_comes_to_say_that_nothing_can_be_written(seat):
    seat.window.close()
    seat.bench.composers.failed.emit(MessageUnsendable("There is no account to send from."))
    assert seat.window.isVisible()


def test_a_click_that_opens_the_menu_opens_nothing_else(seat):
    seat.window.close()
    seat.icon().click(QSystemTrayIcon.ActivationReason.Context)
    assert not seat.window.isVisible()


def test_the_menu_of_the_icon(seat):
    seat.window.close()
    seat.icon().entry("New message").trigger()
    assert seat.bench.composers.begun == [Composition()]
    seat.icon().entry("Check mail").trigger()
    assert seat.bench.service.synced == [None]
    assert not seat.window.isVisible()
    seat.icon().entry("Open qtmail").trigger()
    assert seat.window.isVisible()
    seat.icon().entry("Quit").trigger()
    assert seat.ended


def test_without_the_wish_to_stay_there_is_no_icon(make_seat):
    seat = make_seat(keep=False)
    seat.window.show()
    assert seat.area.icon is None


# Closing


def test_closing_ends_the_program_by_default(make_seat):
    seat = make_seat(keep=False)
    seat.window.show()
    seat.window.close()
    assert seat.ended
    assert seat.bench.composers.closed


def test_a_window_that_stays_is_hidden_and_says_once_where_it_went(seat):
    seat.window.close()
    assert not seat.window.isVisible()
    assert seat.left == []
    assert not seat.bench.composers.closed
    icon = seat.icon()
    ((title, text),) = icon.told
    assert title == "qtmail is still running"
    assert "Quit" in text
    icon.click()
    seat.window.close()
    assert len(icon.told) == 1


def test_windows_of_messages_stay_usable_while_the_main_window_is_hidden(seat, qtbot):
    chosen = select(seat.bench, 0)
    seat.window.actions_["message.open"].trigger()
    deliver(seat.bench, chosen)
    (message,) = seat.window.windows.windows()
    seat.window.close()
    assert message.isVisible()
    message.close()
    assert seat.left == []
    assert seat.icon()


def test_where_there_is_no_notification_area_closing_ends_the_program(make_seat):
    seat = make_seat(there=False)
    seat.window.show()
    seat.window.close()
    assert seat.ended
    assert seat.area.icons == []


def test_a_notification_area_that_came_late_is_used(make_seat):
    seat = make_seat(there=False)
    seat.window.show()
    seat.area.there = True
    seat.window.close()
    assert seat.icon()
    assert seat.left == []


def test_a_hidden_window_comes_back_when_the_notification_area_goes(quick, make_seat, qtbot):
    seat = make_seat()
    seat.window.show()
    seat.window.close()
    seat.area.there = False
    qtbot.waitUntil(seat.window.isMinimized)
    assert seat.window.isVisible()


def test_only_while_there_is_no_window_the_notification_area_is_looked_for(seat):
    def looks() -> bool:
        return any(timer.isActive() for timer in seat.window.presence.findChildren(QTimer))

    seat.window.close()
    assert looks()
    seat.icon().click()
    assert not looks()
    seat.window.close()
    seat.window.quit()
    assert not looks()


def test_looks_in_vain_are_counted_anew_each_time_the_window_is_closed(seat):
    seat.window.close()
    seat.area.there = False
    for _ in range(presence.PATIENCE - 1):
        seat.window.presence.look_for_tray()
    seat.window.presence.bring_to_front()
    seat.area.there = True
    seat.window.close()
    seat.area.there = False
    seat.window.presence.look_for_tray()
    assert not seat.window.isVisible()


def test_the_icon_of_a_hidden_window_stays_when_it_is_not_to_be_kept(seat):
    seat.window.close()
    seat.window.presence.keep_running(False)
    assert seat.icon()


def test_a_panel_that_is_started_anew_brings_no_window(quick, make_seat, qtbot):
    seat = make_seat()
    seat.window.show()
    seat.window.close()
    looks: list[bool] = []

    def is_there() -> bool:
        looks.append(len(looks) > presence.PATIENCE // 2)
        return looks[-1]

    seat.area.is_there = is_there
    qtbot.waitUntil(lambda: len(looks) > 2 * presence.PATIENCE)
    assert not seat.window.isVisible()


def test_what_was_on_display_is_remembered_when_the_window_is_hidden(seat):
    seat.window.folder_pane.open("folder/1/Travel/Norway")
    seat.window.close()
    assert seat.state.folder == "folder/1/Travel/Norway"


# Quitting


def test_ctrl_q_ends_the_program_though_it_would_stay_when_closed(seat, qtbot):
    with qtbot.waitActive(seat.window):
        seat.window.activateWindow()
    qtbot.keyClick(seat.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert seat.ended
    assert seat.bench.composers.closed


def test_the_program_ends_once(seat):
    seat.window.quit()
    seat.window.quit()
    seat.window.close()
    assert len(seat.left) == 1
    assert seat.ended


def test_a_window_that_was_never_shown_can_be_ended_and_keeps_what_was_remembered(make_seat):
    before = make_seat()
    before.window.resize(780, 610)
    before.window.show()
    before.window.quit()
    seat = make_seat()
    seat.window.start_in_tray()
    seat.window.quit()
    assert seat.ended
    again = make_seat()
    again.window.show()
    assert (again.window.width(), again.window.height()) == (780, 610)


def test_quit_in_the_menu_of_the_icon_does_not_throw_away_what_a_dialog_has_not_saved(seat, qtbot):
    seat.window.actions_["account.settings"].trigger()
    dialog = seat.window.accounts.settings.dialog
    qtbot.keyClicks(dialog.pages.general.name, " and more")
    seat.window.showMinimized()
    seat.icon().entry("Quit").trigger()
    assert seat.left == []
    assert dialog.isVisible()
    assert not seat.window.isMinimized()
    qtbot.waitUntil(dialog.isActiveWindow)
    seat.icon().entry("Quit").trigger()
    assert seat.ended


def test_quit_in_the_menu_of_the_icon_closes_the_dialogs_that_hold_nothing(seat):
    seat.window.actions_["edit.preferences"].trigger()
    dialog = seat.window.preferences.dialog
    seat.icon().entry("Quit").trigger()
    assert seat.ended
    assert not dialog.isVisible()


# Signing out


def test_signing_out_closes_for_good(seat, qapp):
    qapp.commitDataRequest.emit(None)
    seat.window.close()
    assert seat.ended


def test_when_the_signing_out_was_called_off_the_window_stays_as_before(seat, qapp):
    seat.window.presence.end_session()
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    seat.window.close()
    assert seat.left == []
    assert seat.icon()


# Starting without a window


def test_a_start_in_the_tray_shows_no_window(make_seat):
    seat = make_seat(keep=False)
    seat.window.start_in_tray()
    assert not seat.window.isVisible()
    assert seat.icon().tool_tip == "qtmail – 3 unread"
    seat.icon().click()
    assert seat.window.isVisible()


def test_a_panel_that_comes_up_later_than_the_program_gets_the_icon(quick, make_seat, qtbot):
    seat = make_seat(there=False)
    seat.window.start_in_tray()
    assert not seat.window.isVisible()
    seat.area.there = True
    qtbot.waitUntil(lambda: seat.area.icon is not None)
    assert not seat.window.isVisible()


def test_where_no_panel_comes_up_the_window_is_in_the_task_bar(quick, make_seat, qtbot):
    seat = make_seat(there=False)
    seat.window.start_in_tray()
    qtbot.waitUntil(seat.window.isMinimized)
    assert seat.window.isVisible()
    assert seat.area.icons == []
    seat.window.close()
    assert seat.ended


def test_an_import_of_settings_takes_effect_at_once(make_seat):
    seat = make_seat(keep=False)
    seat.window.show()
    seat.window.accounts.settings.preferences_taken.emit({"keep_in_tray": "true"})
    assert seat.icon()
    seat.window.accounts.settings.preferences_taken.emit({"keep_in_tray": "false"})
    assert seat.area.icon is None


def test_an_export_takes_the_wish_to_stay_along_and_not_the_start_at_sign_in(make_seat, tmp_path: Path):
    seat = make_seat(keep=True)
    seat.state.start_in_tray = True
    exported = preferences(seat.state)
    assert exported["keep_in_tray"] == "true"
    there = WindowState(tmp_path / "there.ini")
    take_preferences(there, seat.window.actions_, exported)
    there.save()
    again = WindowState(tmp_path / "there.ini")
    assert (again.keep_in_tray, again.start_in_tray) == (True, False)
