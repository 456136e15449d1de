"""What all steps of the assistant have in common, and the small widgets they are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

SPACING = 12


class Page(QWidget):
    """One step.

    Attributes:
        title, hint: what stands above it; each step says its own.

    Signals:
        changed: `complete()` may be another now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.hint = ""
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(SPACING)

    def complete(self) -> bool:
        """Whether the user may go on."""
        return True

    def enter(self) -> None:
        """The step is on display now: put the keyboard where the user will want it."""


def paragraph(text: str = "", *, muted: bool = False) -> QLabel:
    """A label that wraps, never read as markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if muted:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def heading(text: str = "", scale: float = 1.0) -> QLabel:
    label = paragraph(text)
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * scale)
    label.setFont(font)
    return label
