"""Decoding attached pictures safely: scaled while decoding, and never larger than the screen has use for."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

SHOWN_TYPES = frozenset(
    [
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/jpg",
        "image/pjpeg",
        "image/png",
        "image/webp",
        "image/x-png",
    ]
)
"""What is shown in place. No SVG: it is a program's worth of features for a sender to play with."""

MOST_BYTES = 32 * 1024 * 1024
MOST_PIXELS = 100_000_000


def decode_picture(content: bytes, bounds: QSize) -> QImage:
    """The picture, turned upright and made to fit into `bounds` (pixels), or a null image if it is none.

    Safe to call from any thread.
    """
    if len(content) > MOST_BYTES:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() * size.height() > MOST_PIXELS:
        return QImage()
    if size.isValid() and (size.width() > bounds.width() or size.height() > bounds.height()):
        # A turned picture (EXIF) has its sides exchanged after scaling; a square of the larger bound fits
        # both.
        side = max(bounds.width(), bounds.height())
        reader.setScaledSize(size.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.width() > bounds.width() or image.height() > bounds.height():
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(bounds, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    return image
