"""The line in which a recipient is typed: pasting keeps line ends, Tab can be a key like others."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QLineEdit, QWidget

_STAYS = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
"""Another window or a menu has the keyboard for a while: the user has not left the field."""


class RecipientLine(QLineEdit):
    """A line edit without a frame.

    Args:
        on_key: asked first about each key; True: it was dealt with.

    Signals:
        pasted(str): text to take as recipients, line ends kept.
        left(): the user has left the field.
    """

    pasted = Signal(str)
    left = Signal()

    def __init__(self, on_key: Callable[[QKeyEvent], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on_key = on_key
        self.setFrame(False)
        self.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0 2px; }")

    def paste_recipients(self) -> None:
        self.pasted.emit(QGuiApplication.clipboard().text())

    # --- Qt ---

    def event(self, event: QEvent) -> bool:
        # Tab would move the focus before it became a key press.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._on_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_recipients()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            if action.objectName() == "edit-paste":
                action.triggered.disconnect()
                action.triggered.connect(self.paste_recipients)
        menu.popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.ignore()  # the field around it takes what is dropped

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self.left.emit()
