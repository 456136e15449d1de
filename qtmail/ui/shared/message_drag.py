"""What a drag of messages carries: their ids, within one run of the program."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QMimeData, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from qtmail.ui.shared.theme import Colors

MESSAGES = "application/x-qtmail-messages"
_PADDING = 10
_RADIUS = 8.0


def message_data(ids: Sequence[int]) -> QMimeData:
    """These messages, to be dragged."""
    data = QMimeData()
    data.setData(MESSAGES, QByteArray(array("q", [os.getpid(), *ids]).tobytes()))
    return data


def dragged_messages(data: QMimeData) -> array[int]:
    """The ids of what is dragged; none, where it is no message, or one of another window with another
    profile, whose ids mean nothing here.
    """
    content = array("q")
    raw = data.data(MESSAGES).data()
    if len(raw) % content.itemsize == 0:
        content.frombytes(raw)
    return content[1:] if content and content[0] == os.getpid() else array("q")


def drag_tag(text: str, colors: Colors) -> QPixmap:
    """The picture under the pointer: a few words in a frame."""
    font = QApplication.font()
    metrics = QFontMetrics(font)
    size = QSize(metrics.horizontalAdvance(text) + 2 * _PADDING, metrics.height() + _PADDING)
    ratio = QApplication.primaryScreen().devicePixelRatio()
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(colors.border)
    painter.setBrush(colors.raised)
    frame = QRect(0, 0, size.width() - 1, size.height() - 1)
    painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
    painter.setFont(font)
    painter.setPen(colors.text)
    painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.end()
    return picture
