"""Strips say one thing and offer what can be done about it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme


class _Watcher(QObject):
    """Notes every widget that is shown as a window."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


@pytest.fixture
def area(qtbot: QtBot) -> NoticeArea:
    area = NoticeArea(Theme())
    qtbot.addWidget(area)
    return area


def test_buttons_do_what_they_say(area: NoticeArea, qtbot: QtBot) -> None:
    done: list[str] = []
    strip = area.show_notice("a", "Something is so.", actions=[("Mend it", lambda: done.append("mended"))])
    button = strip.button("Mend it")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == ["mended"]


def test_a_strip_with_buttons_opens_no_window(area: NoticeArea, qtbot: QtBot) -> None:
    """A window, even for a moment, would take the keyboard away from the one the strip is in."""
    area.show()
    watcher = _Watcher()
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(watcher)
    area.show_notice("a", "Something is so.", actions=[("Mend it", lambda: None)])
    application.removeEventFilter(watcher)
    assert [widget for widget in watcher.windows if widget is not area] == []


def test_a_strip_replaces_the_one_under_its_key_and_others_stack(area: NoticeArea) -> None:
    area.show_notice("a", "first")
    area.show_notice("b", "second", tone=Tone.WARNING)
    area.show_notice("a", "third", tone=Tone.DANGER)
    first, second = area.notice("a"), area.notice("b")
    assert first is not None and first.text() == "third"
    assert second is not None and second.text() == "second"


def test_the_area_is_seen_only_while_it_says_something(area: NoticeArea, qtbot: QtBot) -> None:
    assert area.isHidden()
    strip = area.show_notice("a", "text")
    assert area.isVisible()
    qtbot.mouseClick(strip.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert area.isHidden()
    assert area.notice("a") is None


def test_what_must_stay_has_no_button_to_close_it(area: NoticeArea) -> None:
    assert area.show_notice("a", "text", closable=False).findChildren(QToolButton) == []


def test_markup_is_shown_as_it_is(area: NoticeArea) -> None:
    strip = area.show_notice("a", "<img src=x>")
    assert strip.accessibleName() == strip.text() == "<img src=x>"
