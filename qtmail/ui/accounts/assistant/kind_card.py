"""A card that is chosen like a radio button: how mail is kept."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QRadioButton, QVBoxLayout

from qtmail.ui.shared.labels import paragraph
from qtmail.ui.shared.theme import Theme


class KindCard(QFrame):
    """A radio button with an explanation; a click anywhere on it chooses it."""

    def __init__(self, title: str, text: str, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("kindCard")
        self.button = QRadioButton(title)
        self.button.setAccessibleDescription(text)
        # Two cards are no siblings in one widget: the page's button group makes them exclude each other.
        self.button.setAutoExclusive(False)
        font = self.button.font()
        font.setBold(True)
        self.button.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.addWidget(self.button)
        layout.addWidget(paragraph(text, muted=True))
        layout.addStretch(1)
        self.button.toggled.connect(lambda _on: self._restyle())
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        colors = self._theme.colors()
        chosen = self.button.isChecked()
        edge = colors.accent if chosen else colors.border
        ground = colors.notice_ground if chosen else colors.raised
        self.setStyleSheet(
            f"#kindCard {{ border: 1px solid {edge.name()}; border-radius: 8px; "
            f"background: {ground.name()}; }}"
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.button.setChecked(True)
            self.button.setFocus()
