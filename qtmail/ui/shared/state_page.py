"""What stands where nothing else can be shown: why that is, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

_ICON_SIZE = 56


class StatePage(QWidget):
    """An icon, a sentence, advice, and perhaps a button.

    Signals:
        button_clicked
    """

    button_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = IconName.NO_SELECTION
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence = self._centered()
        larger = QFont(self.font())
        larger.setPointSizeF(larger.pointSizeF() * 1.15)
        self._sentence.setFont(larger)
        self._advice = self._centered()
        self._advice.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._button = QPushButton()
        self._button.clicked.connect(self.button_clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(40, 24, 40, 24)
        layout.setSpacing(8)
        layout.addStretch(2)
        for widget in (self._icon, self._sentence, self._advice):
            layout.addWidget(widget)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)
        theme.changed.connect(self._tint)

    def show_state(self, name: IconName, sentence: str, advice: str = "", *, button: str = "") -> None:
        self._name = name
        self._sentence.setText(sentence)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setAccessibleName(f"{sentence} {advice}".strip())
        self._tint()

    def sentence(self) -> str:
        return self._sentence.text()

    def _centered(self) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        return label

    def _tint(self) -> None:
        colors = self._theme.colors()
        color = colors.warning if self._name in (IconName.WARNING, IconName.ERROR) else colors.outline
        self._icon.setPixmap(icon(self._name, color).pixmap(QSize(_ICON_SIZE, _ICON_SIZE)))
