"""The colour that marks an account: a row of dots to choose from, and one for any other."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QColorDialog, QHBoxLayout, QPushButton, QToolButton, QWidget

from qtmail.ui.accounts.assistant.choice import ACCOUNT_COLORS

_DOT = 16
DOT_SIZE = QSize(_DOT, _DOT)
"""Of the dot that marks an account in a list."""


class ColorChoice(QWidget):
    """A colour, as `#rrggbb`.

    Signals:
        changed: another colour was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = ACCOUNT_COLORS[0]
        names = (
            self.tr("Blue"),
            self.tr("Green"),
            self.tr("Amber"),
            self.tr("Pink"),
            self.tr("Violet"),
            self.tr("Teal"),
            self.tr("Red"),
            self.tr("Grey"),
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self.swatches = [self._swatch(color, name) for color, name in zip(ACCOUNT_COLORS, names, strict=True)]
        for number, swatch in enumerate(self.swatches):
            self._group.addButton(swatch, number)
            layout.addWidget(swatch)
        self.other = QPushButton(self.tr("&Other…"))
        self.other.setAutoDefault(False)
        self.other.setAccessibleName(self.tr("Another colour"))
        layout.addSpacing(8)
        layout.addWidget(self.other)
        layout.addStretch(1)
        self._group.idClicked.connect(lambda number: self._choose(ACCOUNT_COLORS[number]))
        self.other.clicked.connect(lambda _checked: self._ask())

    def color(self) -> str:
        return self._color

    def set_color(self, color: str) -> None:
        """Show this colour, without `changed`."""
        self._color = color
        self._group.setExclusive(False)
        for one, swatch in zip(ACCOUNT_COLORS, self.swatches, strict=True):
            swatch.setChecked(one == color)
        self._group.setExclusive(True)
        own = color not in ACCOUNT_COLORS
        self.other.setIcon(dot_icon(color) if own else QIcon())

    def _swatch(self, color: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(dot_icon(color))
        button.setIconSize(DOT_SIZE)
        button.setCheckable(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _choose(self, color: str) -> None:
        self.set_color(color)
        self.changed.emit()

    def _ask(self) -> None:
        dialog = QColorDialog(QColor(self._color), self)
        dialog.setWindowTitle(self.tr("Colour of the account"))
        dialog.colorSelected.connect(lambda color: self._choose(color.name()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def dot_icon(color: str) -> QIcon:
    """A filled circle."""
    pixmap = QPixmap(2 * _DOT, 2 * _DOT)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(2, 2, _DOT - 4, _DOT - 4)
    painter.end()
    dot = QIcon(pixmap)
    dot.addPixmap(pixmap, QIcon.Mode.Selected)  # which a style would tint
    return dot
