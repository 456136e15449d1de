"""Bringing a window to the front, with the permission the desktop gave to the start that asks for it."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_TOKEN_VARIABLE = "XDG_ACTIVATION_TOKEN"


def allow_front(activation: str) -> None:
    """Let the next window that is activated come to the front.

    Args:
        activation: the desktop's token for that (XDG activation protocol), or "".
    """
    if activation and QGuiApplication.platformName().startswith("wayland"):
        # Qt's Wayland plugin looks here when a window is activated, and takes it away.
        os.environ[_TOKEN_VARIABLE] = activation


def bring_to_front(window: QWidget) -> None:
    """Show the window, minimised or hidden as it may be, above all others and give it the keyboard."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
