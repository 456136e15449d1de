"""Labels for sentences. A text that may come from a server or a message is never read as markup."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel


def paragraph(text: str = "", *, muted: bool = False) -> QLabel:
    """A plain text that wraps; a muted one is read second."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if muted:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def heading(text: str = "", scale: float = 1.0) -> QLabel:
    """The name of what follows, in bold letters; `scale`: how many times as large as the text."""
    label = paragraph(text)
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * scale)
    label.setFont(font)
    return label
