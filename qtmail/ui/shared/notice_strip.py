"""Strips above a message that say one thing and offer what can be done about it, instead of modal boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

NoticeAction = tuple[str, Callable[[], None]]
"""What a button says and what it does."""

_ICON_SIZE = 18
_RADIUS = 8
_MOST_BUTTONS = 0.45
"""The share of the width that buttons may take beside the sentence."""
_BESIDE_BUTTONS = 90
"""Pixels that icon, close button and margins take in a strip."""
_SIDE_BY_SIDE = QBoxLayout.Direction.LeftToRight


class Tone(Enum):
    """How a strip speaks."""

    INFO = auto()
    WARNING = auto()
    DANGER = auto()


_ICONS = {Tone.INFO: IconName.INFO, Tone.WARNING: IconName.WARNING, Tone.DANGER: IconName.SUSPICIOUS}


class NoticeStrip(QFrame):
    """One sentence with an icon, the buttons it offers, and a button that closes it."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        tone: Tone = Tone.INFO,
        actions: Sequence[NoticeAction] = (),
        close: Callable[[], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = tone
        self._icon = QLabel()
        self._label = QLabel(text)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(text)
        self._buttons = QWidget()
        self._button_row = QBoxLayout(_SIDE_BY_SIDE, self._buttons)
        self._button_row.setContentsMargins(0, 0, 0, 0)
        self._middle = QBoxLayout(_SIDE_BY_SIDE)
        self._middle.setSpacing(4)
        self._lay_out(actions, close)
        theme.changed.connect(self._restyle)
        self._restyle()

    def text(self) -> str:
        return self._label.text()

    def button(self, text: str) -> QPushButton | None:
        """The button that says `text`."""
        return next((button for button in self.findChildren(QPushButton) if button.text() == text), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground())
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)

    def _lay_out(self, actions: Sequence[NoticeAction], close: Callable[[], None] | None) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.setSpacing(10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        # First of all: what is shown before it has a parent is a window, and takes the keyboard away.
        layout.addLayout(self._middle, 1)
        self._middle.addWidget(self._label, 1)
        for text, act in actions:
            button = QPushButton(text)
            button.setFlat(True)
            button.clicked.connect(lambda _checked=False, act=act: act())
            self._button_row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._middle.addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignLeft)
        self._buttons.setVisible(bool(actions))
        if close is not None:
            layout.addWidget(_close_button(self.tr("Dismiss"), close))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where the buttons would squeeze the sentence into a column, they go below it.
        wanted = sum(button.sizeHint().width() for button in self._buttons.findChildren(QPushButton))
        narrow = wanted > _MOST_BUTTONS * self.width()
        below = QBoxLayout.Direction.TopToBottom if wanted > self.width() - _BESIDE_BUTTONS else _SIDE_BY_SIDE
        self._button_row.setDirection(below)
        self._middle.setDirection(QBoxLayout.Direction.TopToBottom if narrow else _SIDE_BY_SIDE)

    def _ground(self) -> QColor:
        colors = self._theme.colors()
        grounds = {Tone.INFO: colors.notice_ground, Tone.WARNING: colors.warning_ground}
        return grounds.get(self._tone, colors.danger_ground)

    def _restyle(self) -> None:
        colors = self._theme.colors()
        ink = {Tone.INFO: colors.accent, Tone.WARNING: colors.warning, Tone.DANGER: colors.danger}[self._tone]
        self._icon.setPixmap(icon(_ICONS[self._tone], ink).pixmap(QSize(_ICON_SIZE, _ICON_SIZE)))
        palette = self._label.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colors.text if self._tone is Tone.INFO else ink)
        self._label.setPalette(palette)
        self.update()


class NoticeArea(QWidget):
    """The strips that stand above a message, each under a key, in the order in which they came."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._strips: dict[str, NoticeStrip] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self.hide()

    def show_notice(
        self,
        key: str,
        text: str,
        *,
        tone: Tone = Tone.INFO,
        actions: Sequence[NoticeAction] = (),
        closable: bool = True,
    ) -> NoticeStrip:
        """Show a strip, in the place of the one under the same key."""
        self.remove(key)
        close = (lambda: self.remove(key)) if closable else None
        strip = NoticeStrip(self._theme, text, tone=tone, actions=actions, close=close)
        self._strips[key] = strip
        self._layout.addWidget(strip)
        self.show()
        return strip

    def notice(self, key: str) -> NoticeStrip | None:
        return self._strips.get(key)

    def remove(self, key: str) -> None:
        strip = self._strips.pop(key, None)
        if strip is not None:
            strip.hide()
            self._layout.removeWidget(strip)
            strip.deleteLater()
        self.setVisible(bool(self._strips))

    def clear(self) -> None:
        for key in list(self._strips):
            self.remove(key)


def _close_button(text: str, close: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(IconName.CLOSE))
    button.setIconSize(QSize(14, 14))
    button.setToolTip(text)
    button.setAccessibleName(text)
    button.clicked.connect(lambda _checked=False: close())
    return button
