from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from qtmail.ui.shared.question import ask


@pytest.fixture
def agreed() -> list[bool]:
    return []


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def box(window: QWidget, agreed: list[bool]) -> QMessageBox:
    return ask(window, "Really?", "It cannot be undone.", "&Do it", lambda: agreed.append(True))


def test_who_agrees_has_it_done(box: QMessageBox, qtbot: QtBot, agreed: list[bool]) -> None:
    button = next(one for one in box.buttons() if one.text() == "&Do it")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert agreed == [True]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_leave_all_as_it_is(
    box: QMessageBox, qtbot: QtBot, agreed: list[bool], key: Qt.Key
) -> None:
    with qtbot.waitSignal(box.finished):
        qtbot.keyClick(box, key)
    assert agreed == []
