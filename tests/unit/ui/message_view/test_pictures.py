"""Pictures are decoded small, and rubbish is no picture."""

from __future__ import annotations

import struct
import zlib

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QImage, QImageWriter

from qtmail.ui.message_view.pictures import decode_picture


def png(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0x3F63C8)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


@pytest.mark.parametrize(
    ("size", "expected"), [((600, 300), (90, 45)), ((20, 30), (20, 30)), ((10, 900), (1, 100))]
)
def test_pictures_fit_their_bounds(size: tuple[int, int], expected: tuple[int, int]) -> None:
    image = decode_picture(png(*size), QSize(90, 100))
    assert (image.width(), image.height()) == expected


def test_rubbish_gives_no_picture() -> None:
    assert decode_picture(b"GIF89a but not really", QSize(90, 90)).isNull()
    assert decode_picture(b"", QSize(90, 90)).isNull()


def test_a_picture_that_unpacks_to_gigabytes_is_refused() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    assert decode_picture(bomb, QSize(90, 90)).isNull()
