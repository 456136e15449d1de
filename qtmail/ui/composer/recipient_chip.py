"""One recipient as a chip: what to call the person, their colour, a sign where mail cannot be sent."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from qtmail.domain.address import Address
from qtmail.mime.sendable import address_fault
from qtmail.ui.shared.theme import Colors, Theme

WIDEST_TEXT = 240
"""Logical pixels; a longer name is shortened, and told whole on hover."""

_DOT = 8
_GAP = 6
_SIDE = 9
_ABOVE = 3


def chip_height(metrics: QFontMetrics) -> int:
    return metrics.height() + 2 * _ABOVE


class RecipientChip(QWidget):
    """Shows one recipient and whether it is selected. Mouse and keys are left to the widget around it.

    Attributes:
        address: the recipient.
        fault: why mail cannot be sent to it, in a sentence; "" where it can.
    """

    def __init__(self, address: Address, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._selected = False
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_address(address)

    def show_address(self, address: Address) -> None:
        self.address = address
        self.fault = fault_of(address)
        self._text = address.label
        self._shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, WIDEST_TEXT)
        self._width = 2 * _SIDE + _DOT + _GAP + self.fontMetrics().horizontalAdvance(self._shown) + 1
        self._tell()
        self.update()

    @property
    def selected(self) -> bool:
        return self._selected

    def set_selected(self, selected: bool) -> None:
        if selected != self._selected:
            self._selected = selected
            self.update()

    def _tell(self) -> None:
        """Say in words what the colours say."""
        whole = str(self.address)
        lines = [whole, self.fault] if self.fault else [whole]
        # Names come from strangers: markup in them is shown, not obeyed.
        self.setToolTip(f"<qt>{'<br>'.join(map(escape, lines))}</qt>")
        self.setAccessibleName(whole)
        self.setAccessibleDescription(self.fault)

    # --- Qt ---

    def sizeHint(self) -> QSize:
        return QSize(self._width, chip_height(self.fontMetrics()))

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = self._theme.colors()
        ground, edge, text = self._colors(colors)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(edge, 2 if self.hasFocus() else 1))
        painter.setBrush(ground)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        middle = box.center().y()
        if self.fault:
            self._paint_sign(painter, middle, text)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(text if self._selected else colors.avatar(self.address.address))
            painter.drawEllipse(QPointF(_SIDE + _DOT / 2, middle), _DOT / 2, _DOT / 2)
        painter.setPen(text)
        left = _SIDE + _DOT + _GAP
        painter.drawText(
            QRectF(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, self._shown
        )

    def _colors(self, colors: Colors) -> tuple[QColor, QColor, QColor]:
        """Ground, edge and text."""
        if self._selected:
            return colors.accent, colors.text if self.hasFocus() else colors.accent, colors.accent_text
        if self.fault:
            return colors.danger_ground, colors.danger, colors.danger
        return colors.hover if self.underMouse() else colors.window, colors.border, colors.text

    def _paint_sign(self, painter: QPainter, middle: float, color: QColor) -> None:
        """An exclamation mark: whoever does not see the colour sees this."""
        x = _SIDE + _DOT / 2
        painter.setPen(QPen(color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(x, middle - 5), QPointF(x, middle + 1))
        painter.drawPoint(QPointF(x, middle + 5))


def fault_of(address: Address) -> str:
    """Why mail cannot be sent to a recipient, in a sentence; "" where it can."""
    return address_fault(address.address)
