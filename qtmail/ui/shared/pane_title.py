"""The line above a list of its own kind: what it shows, how many there are, and what can be done to all."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

_MARGIN = 8


class PaneTitle(QWidget):
    """A title, a count beside it, and buttons at the right."""

    def __init__(self, text: str, *buttons: QPushButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(text)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        title.setFont(font)
        self._count = QLabel()
        self._count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        # As high with buttons as without.
        self.setMinimumHeight(QPushButton().sizeHint().height() + 2 * _MARGIN)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, _MARGIN, 10, _MARGIN)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(self._count)
        layout.addStretch(1)
        for button in buttons:
            button.setFlat(True)
            layout.addWidget(button)

    def show_count(self, count: int) -> None:
        """Say how many there are; nothing for none."""
        self._count.setText(f"{count:,}" if count else "")
