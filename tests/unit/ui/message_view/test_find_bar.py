"""The bar that looks for words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from qtmail.ui.message_view.find_bar import FindBar


@pytest.fixture
def bar(qtbot: QtBot) -> FindBar:
    bar = FindBar()
    qtbot.addWidget(bar)
    return bar


def field(bar: FindBar) -> QLineEdit:
    return bar.findChildren(QLineEdit)[0]


def test_typing_looks_at_once_and_enter_goes_on(bar: FindBar, qtbot: QtBot) -> None:
    asked: list[tuple[str, bool, bool]] = []
    bar.find_wanted.connect(lambda *arguments: asked.append(arguments))
    bar.open()
    qtbot.keyClicks(field(bar), "ab")
    qtbot.keyClick(field(bar), Qt.Key.Key_Return)
    qtbot.keyClick(field(bar), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert asked == [("a", False, False), ("ab", False, False), ("ab", False, False), ("ab", True, False)]


def test_the_selection_is_looked_for_unless_it_spans_lines(bar: FindBar) -> None:
    bar.open("word")
    assert field(bar).text() == "word"
    bar.open("two\nlines")
    assert field(bar).text() == "word"


def test_results_are_told(bar: FindBar) -> None:
    bar.open("word")
    bar.show_result(2, 7)
    assert bar.result() == "2 of 7"
    bar.show_result(0, 0)
    assert bar.result() == "Not found"
    field(bar).clear()
    bar.show_result(0, 0)
    assert bar.result() == ""


def test_escape_closes(bar: FindBar, qtbot: QtBot) -> None:
    bar.open("word")
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(field(bar), Qt.Key.Key_Escape)
    assert bar.isHidden()
