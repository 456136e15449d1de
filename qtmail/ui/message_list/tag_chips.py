"""Tags as coloured chips: the IMAP keywords of a message that people gave it a meaning by."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from qtmail.ui.message_list.list_fonts import Face
from qtmail.ui.shared.theme import Colors

_PADDING = 6
_SPACE = 4
_GROUND_ALPHA = 0.16


def chips_of(keywords: Iterable[str]) -> list[str]:
    """The names of the tags among the keywords of a message, sorted.

    Keywords that begin with "$" are marks for programs (RFC 5788), except Thunderbird's five labels.
    """
    names = (_label(keyword) for keyword in keywords)
    return sorted(name for name in names if name)


def _label(keyword: str) -> str:
    match keyword.casefold():
        case "$label1":
            return _words("Important")
        case "$label2":
            return _words("Work")
        case "$label3":
            return _words("Personal")
        case "$label4":
            return _words("To do")
        case "$label5":
            return _words("Later")
    # "Junk" and "NonJunk" are older spellings of $Junk and $NotJunk.
    if keyword.startswith("$") or keyword.casefold() in ("junk", "nonjunk", "notjunk"):
        return ""
    return keyword


def paint_chips(
    painter: QPainter, names: list[str], line: QRect, right: int, room: int, face: Face, colors: Colors
) -> int:
    """Paint chips leftwards from `right` within `room` pixels; where what stands to their left must end.

    What does not fit is told by a number ("+2").
    """
    metrics = face.metrics
    painter.setFont(face.font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    limit = right - room
    for done, name in enumerate(names):
        width = metrics.horizontalAdvance(name) + 2 * _PADDING
        if right - width < limit:
            rest = f"+{len(names) - done}"
            return _paint_chip(painter, rest, line, right, metrics, colors.muted) - _SPACE
        right = _paint_chip(painter, name, line, right, metrics, _color(name, colors))
    return right - _SPACE


def _paint_chip(
    painter: QPainter, name: str, line: QRect, right: int, metrics: QFontMetrics, color: QColor
) -> int:
    width = metrics.horizontalAdvance(name) + 2 * _PADDING
    chip = QRectF(right - width, line.top() + 1, width, line.height() - 1)
    ground = QColor(color)
    ground.setAlphaF(_GROUND_ALPHA)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2)
    painter.setPen(color)
    painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine), name)
    return right - width - _SPACE


def _color(name: str, colors: Colors) -> QColor:
    return colors.quote(zlib.crc32(name.encode()) % 4 + 1)


def _words(text: str) -> str:
    return QCoreApplication.translate("Tags", text)
