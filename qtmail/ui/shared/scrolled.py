"""Lets a page of a dialog scroll where the window is too low for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolled(page: QWidget) -> QScrollArea:
    """The page in an area without a frame, on the ground of the dialog instead of the one of a list."""
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    # No stop for the Tab key: what has the keyboard inside is scrolled to.
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.viewport().setAutoFillBackground(False)
    page.setAutoFillBackground(False)
    return area
