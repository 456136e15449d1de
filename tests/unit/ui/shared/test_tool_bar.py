"""What finds no room in a toolbar can be reached."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMainWindow, QToolButton
from pytestqt.qtbot import QtBot

from qtmail.ui.shared.tool_bar import ToolBar
from tests.fakes.window import light_theme


@pytest.fixture
def window(qtbot: QtBot, qapp) -> QMainWindow:
    """One that is too narrow for its bar of twenty buttons."""
    light_theme(qapp)
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = ToolBar("Bar")
    for number in range(20):
        bar.addAction(f"Button {number}")
    window.addToolBar(bar)
    window.resize(300, 200)
    window.show()
    return window


def test_the_button_for_the_rest_is_seen(window: QMainWindow) -> None:
    (bar,) = window.findChildren(ToolBar)
    assert not bar.widgetForAction(bar.actions()[-1]).isVisible()
    (rest,) = (one for one in bar.findChildren(QToolButton) if one.accessibleName() == "More")
    picture = rest.grab().toImage()
    colors = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert len(colors) > 1
