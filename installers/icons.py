"""Every picture of the program's icon, drawn from the SVGs in resources/icons: `python -m installers.icons`.

qtmail.svg is the icon, qtmail-small.svg the same with its edges on whole pixels for sizes in which the other
blurs, and qtmail-symbolic.svg one of a single colour for panels, which needs no pictures. The PNGs, kept
beside the SVGs, are what the window shows and Linux installs. The .ico of Windows and the .icns of macOS
are made when they are packaged. Everything is drawn without a display.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from installers.packaging import ROOT

DIRECTORY = ROOT / "resources" / "icons"
PNG_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
ICNS_SIZES = (32, 64, 128, 256, 512, 1024)
"""Pixels. Not 16: the format has no PNG of that size, and macOS makes it from the one of 32."""

SMALL_BELOW = 32
"""Pixels from which on the full drawing is sharp."""
MAC_SCALE = 824 / 960
"""On Apple's grid an icon's plate fills 824 of 1024 units; ours fills 960. Without this it would look too
large in the Dock."""


def draw(size: int, scale: float = 1.0) -> Image.Image:
    """The icon, `size` pixels square, on transparent ground.

    Args:
        scale: how much of the square the drawing takes, in its middle.
    """
    drawing = DIRECTORY / ("qtmail-small.svg" if size < SMALL_BELOW else "qtmail.svg")
    image = QImage(size, size, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    margin = size * (1 - scale) / 2
    QSvgRenderer(str(drawing)).render(painter, QRectF(margin, margin, size * scale, size * scale))
    painter.end()
    pixels = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return Image.frombytes("RGBA", (size, size), bytes(pixels.constBits()))


def write_pngs(directory: Path = DIRECTORY) -> list[Path]:
    """Write qtmail-16.png to qtmail-512.png; their paths."""
    paths = [directory / f"qtmail-{size}.png" for size in PNG_SIZES]
    for path, size in zip(paths, PNG_SIZES, strict=True):
        draw(size).save(path, optimize=True)
    return paths


def write_ico(path: Path) -> Path:
    """Write the icon for Windows, `path`; its pictures are PNG, which Windows reads in every size."""
    *smaller, largest = map(draw, ICO_SIZES)
    sizes = [(size, size) for size in ICO_SIZES]
    largest.save(path, sizes=sizes, append_images=smaller)
    return path


def write_icns(path: Path) -> Path:
    """Write the icon for macOS, `path`."""
    *smaller, largest = (draw(size, MAC_SCALE) for size in ICNS_SIZES)
    largest.save(path, append_images=smaller)
    return path


def main() -> int:
    """Draw the pictures that are kept beside the SVGs anew."""
    for path in write_pngs():
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
