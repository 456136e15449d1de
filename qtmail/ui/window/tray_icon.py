"""qtmail's mark for the notification area, with a dot on it while there is unread mail.

Panels ask for sizes of their own (22 and 24 pixels, 44 and 48 on dense screens; Windows 16 to 32, macOS 18
and 36), and what they have to scale is blurred: so each of these is drawn for itself. The mark is in full
colour on its own ground, and the dot is cut out of it, so that both can be told on light and on dark panels.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImageReader, QPainter, QPixmap

from qtmail.paths import resource

TRAY_SIZES = (16, 18, 20, 22, 24, 32, 36, 40, 44, 48, 64)
"""Sides in device pixels."""

_MARK, _SMALL_MARK, _SMALL_BELOW = "qtmail.svg", "qtmail-small.svg", 24
"""The drawing of the mark, and the one with fewer lines for sizes below this."""

DOT_COLOR = QColor("#ff4f3a")
_DOT = 0.21
"""The radius of the dot, as a share of the icon's side."""
_GAP = 0.07
"""The width of the ring that sets the dot off."""


def tray_icon(*, dot: bool) -> QIcon:
    """The mark in every size a panel may ask for."""
    result = QIcon()
    for side in TRAY_SIZES:
        mark = _mark(side)
        if dot:
            _draw_dot(mark)
        result.addPixmap(mark)
    return result


def _mark(side: int) -> QPixmap:
    reader = QImageReader(str(resource("icons", _SMALL_MARK if side < _SMALL_BELOW else _MARK)))
    reader.setScaledSize(QSize(side, side))
    return QPixmap.fromImage(reader.read())


def _draw_dot(mark: QPixmap) -> None:
    """Put the dot into the upper right corner, clear of the seal."""
    side = mark.width()
    # Whole pixels at the edges, or a dot this small is a smudge.
    radius, gap = max(3.0, round(2 * _DOT * side) / 2), max(1.0, round(_GAP * side))
    middle = QPointF(side - radius, radius)
    painter = QPainter(mark)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(DOT_COLOR)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.drawEllipse(middle, radius + gap, radius + gap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.drawEllipse(middle, radius, radius)
    painter.end()
