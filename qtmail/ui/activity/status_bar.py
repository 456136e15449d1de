"""The bottom of the window: one sentence of what is happening, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from qtmail.ui.activity.work_sentences import Sentence
from qtmail.ui.shared.elided_label import ElidedLabel
from qtmail.ui.shared.icons import IconName, icon

_BAR_WIDTH = 140


class StatusBar(QStatusBar):
    """Shows a `Sentence`; a click on it asks for the Activity panel.

    Signals:
        clicked: the user wants to know more.
    """

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._text = ElidedLabel(muted=True)
        self._bar = QProgressBar()
        self._bar.setFixedWidth(_BAR_WIDTH)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._hint = QLabel()
        self._more = QToolButton()
        self._more.setIcon(icon(IconName.ACTIVITY))
        self._more.setToolTip(self.tr("Show what is going on"))
        self._more.setAccessibleName(self.tr("Show what is going on"))
        self._more.clicked.connect(lambda _checked: self.clicked.emit())
        row = QWidget()
        row.setCursor(Qt.CursorShape.PointingHandCursor)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(10, 0, 6, 0)
        layout.setSpacing(12)
        layout.addWidget(self._bar)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._hint)
        layout.addWidget(self._more)
        self.addWidget(row, 1)
        self.show_sentence(Sentence(""))

    def show_sentence(self, sentence: Sentence) -> None:
        """Say what is happening; the bar moves without an end where the end is not known."""
        if sentence.text != self._text.text():
            self._text.setText(sentence.text)
        self._bar.setVisible(sentence.busy)
        # QProgressBar counts in 32 bits; bytes of a large message do not fit.
        self._bar.setRange(0, 1000 if sentence.total else 0)
        if sentence.total:
            self._bar.setValue(1000 * min(sentence.done, sentence.total) // sentence.total)

    def show_hint(self, text: str) -> None:
        """Say something small on the right: how many messages are selected, where a link leads."""
        self._hint.setText(text)

    def sentence(self) -> str:
        return self._text.text()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()
