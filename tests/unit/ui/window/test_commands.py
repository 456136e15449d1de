from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from qtmail.ui.window.commands import CommandPalette
from tests.fakes.window import light_theme


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def palette(qapp, qtbot, done):
    theme = light_theme(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    actions = []
    for text in ("&Check mail", "Mark as &read", "Mark as &unread", "&Print…", "Not now"):
        action = QAction(text, window)
        action.triggered.connect(lambda _checked, text=text: done.append(text))
        actions.append(action)
    actions[-1].setEnabled(False)
    palette = CommandPalette(actions, theme, window)
    palette.show()
    yield palette


def test_all_that_can_be_done_now_is_listed(palette):
    assert palette.found() == ["Check mail", "Mark as read", "Mark as unread", "Print"]


def test_typing_and_enter_carries_out_the_best_match(palette, qtbot, done):
    qtbot.keyClicks(palette.field, "mau")
    assert palette.found()[0] == "Mark as unread"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["Mark as &unread"]
    assert not palette.isVisible()


def test_the_arrows_move_through_the_list(palette, qtbot, done):
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(palette.field, key)
    assert done == ["Mark as &read"]


def test_escape_does_nothing_but_close(palette, qtbot, done):
    qtbot.keyClick(palette, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert done == []


def test_letters_nothing_is_called_by_are_answered_in_words(palette, qtbot, done):
    qtbot.keyClicks(palette.field, "zzz")
    assert palette.found() == []
    assert not palette._nothing.isHidden()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == []
