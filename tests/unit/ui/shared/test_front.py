"""Bringing the window to the front."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail.ui.shared.front import allow_front, bring_to_front


class Window(QWidget):
    """Notes the token that Qt's Wayland plugin would find when it is activated."""

    token: str | None = None

    def activateWindow(self) -> None:
        self.token = os.environ.get("XDG_ACTIVATION_TOKEN")
        super().activateWindow()


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    return window


def test_a_minimised_window_comes_back_as_it_was(window: Window) -> None:
    window.showMaximized()
    window.setWindowState(window.windowState() | Qt.WindowState.WindowMinimized)
    bring_to_front(window)
    assert not window.isMinimized()
    assert window.isMaximized()


def test_a_hidden_window_is_shown_and_has_the_keyboard(qtbot: QtBot, window: Window) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    bring_to_front(window)
    assert window.isVisible()
    qtbot.waitUntil(window.isActiveWindow)


def test_the_token_reaches_qts_wayland_plugin_and_nobody_else(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    allow_front("token")
    assert "XDG_ACTIVATION_TOKEN" not in os.environ
    monkeypatch.setattr("qtmail.ui.shared.front.QGuiApplication.platformName", lambda: "wayland-egl")
    allow_front("")
    assert "XDG_ACTIVATION_TOKEN" not in os.environ
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")
    allow_front("token")
    bring_to_front(window)
    assert window.token == "token"
