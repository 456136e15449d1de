"""The list of suggestions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from qtmail.domain.outgoing import Suggestion
from qtmail.ui.composer.completion_popup import CompletionPopup, SuggestionModel
from qtmail.ui.shared.theme import Theme

SUGGESTIONS = [Suggestion(f"Person {number}", f"p{number}@example.org", 0) for number in range(12)]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    window.resize(500, 400)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def popup(window: QWidget) -> CompletionPopup:
    return CompletionPopup(window, Theme())


def under(window: QWidget, y: int, x: int = 10) -> QRect:
    """A field of 20 pixels height in the window, on the screen."""
    return QRect(window.mapToGlobal(QPoint(x, y)), window.mapToGlobal(QPoint(x + 200, y + 20)))


def test_the_model(qtmodeltester: ModelTester) -> None:
    model = SuggestionModel()
    model.show(SUGGESTIONS, "p")
    qtmodeltester.check(model)
    assert model.data(model.index(0)) == "Person 0 <p0@example.org>"
    assert model.remove(0) == SUGGESTIONS[0]
    assert model.rowCount() == 11


def test_it_stands_under_the_field_within_the_window(popup: CompletionPopup, window: QWidget) -> None:
    popup.show_suggestions(SUGGESTIONS, "p", under(window, 50), preselect=True)
    assert popup.isVisible()
    assert popup.geometry().top() >= 70
    assert window.rect().contains(popup.geometry())


def test_it_stands_above_where_there_is_no_room_below(popup: CompletionPopup, window: QWidget) -> None:
    popup.show_suggestions(SUGGESTIONS, "p", under(window, 370, 400), preselect=True)
    assert popup.geometry().bottom() <= 375
    assert window.rect().contains(popup.geometry())


def test_nothing_to_suggest_hides_it(popup: CompletionPopup, window: QWidget) -> None:
    popup.show_suggestions(SUGGESTIONS, "p", under(window, 50), preselect=True)
    popup.show_suggestions([], "px", under(window, 50), preselect=True)
    assert not popup.isVisible()
    assert popup.suggestions() == [] and popup.current() is None


def test_arrows_go_round_past_what_was_typed(popup: CompletionPopup, window: QWidget) -> None:
    popup.show_suggestions(SUGGESTIONS[:2], "p", under(window, 50), preselect=False)
    visited = []
    for step in (1, 1, 1, 1, -1, -1):
        popup.move_current(step)
        visited.append(popup.current())
    first, second = SUGGESTIONS[:2]
    assert visited == [first, second, None, first, None, second]


def test_it_has_no_keyboard(popup: CompletionPopup, window: QWidget) -> None:
    window.setFocus()
    popup.show_suggestions(SUGGESTIONS, "p", under(window, 50), preselect=True)
    assert not popup.isAncestorOf(window.focusWidget())


def test_it_paints_names_in_all_scripts(popup: CompletionPopup, window: QWidget) -> None:
    odd = [
        Suggestion("王小明", "xiaoming@qq.com", 1),
        Suggestion("😀 Anna", "a@example.org", 1),
        Suggestion("", "nameless@example.org", 1),
        Suggestion("A very long name " * 20, "x@example.org", 1),
    ]
    popup.show_suggestions(odd, "小明", under(window, 50), preselect=True)
    assert not popup.grab().isNull()
