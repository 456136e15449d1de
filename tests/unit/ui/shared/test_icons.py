"""Icons: every name has its glyph, in the colour of the palette of the moment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication

from qtmail.ui.shared.icons import APPLICATION_ICON_SIZES, IconName, application_icon, icon, icon_for_type

RED = QColor("#c01020")
GREEN = QColor("#10a040")


@pytest.fixture
def tinted(qapp: QApplication) -> Iterator[QPalette]:
    """An application palette that can be told apart, put back afterwards."""
    before = qapp.palette()
    palette = QPalette(before)
    palette.setColor(QPalette.ColorRole.ButtonText, RED)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, QColor("#808080"))
    palette.setColor(QPalette.ColorRole.Accent, GREEN)
    qapp.setPalette(palette)
    yield palette
    qapp.setPalette(before)


def ink(image: QImage) -> set[str]:
    """The colours of the pixels that are fully drawn."""
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", list(IconName))
def test_every_icon_draws_something(qapp: QApplication, name: IconName) -> None:
    image = icon(name).pixmap(96, 96).toImage()
    assert image.size() == QSize(96, 96)
    assert ink(image)


def test_no_two_icons_are_the_same() -> None:
    assert len(IconName) == len(IconName.__members__)


def test_the_colour_follows_the_palette_without_a_new_icon(qapp: QApplication, tinted: QPalette) -> None:
    flag = icon(IconName.FLAG_FILLED)
    assert ink(flag.pixmap(32, 32).toImage()) == {RED.name()}
    tinted.setColor(QPalette.ColorRole.ButtonText, GREEN)
    qapp.setPalette(tinted)
    assert ink(flag.pixmap(32, 32).toImage()) == {GREEN.name()}


def test_checked_disabled_and_fixed_colours(tinted: QPalette) -> None:
    dot = icon(IconName.MARK_UNREAD_DOT)
    assert ink(dot.pixmap(16, 16, QIcon.Mode.Normal, QIcon.State.On).toImage()) == {GREEN.name()}
    assert ink(dot.pixmap(16, 16, QIcon.Mode.Disabled).toImage()) == {"#808080"}
    assert ink(icon(IconName.MARK_UNREAD_DOT, QColor("#123456")).pixmap(16, 16).toImage()) == {"#123456"}


def test_icons_are_sharp_on_dense_screens(qapp: QApplication) -> None:
    pixmap = icon(IconName.REPLY).pixmap(QSize(16, 16), 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.devicePixelRatio() == 2.0


def test_an_icon_paints_into_the_rectangle_given(tinted: QPalette) -> None:
    image = QImage(40, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    icon(IconName.MARK_UNREAD_DOT).paint(painter, QRect(20, 20, 20, 20))
    painter.end()
    assert ink(image.copy(20, 20, 20, 20)) == {RED.name()}
    assert ink(image.copy(0, 0, 20, 20)) == set()


def test_a_copied_icon_draws_the_same(qapp: QApplication) -> None:
    copy = QIcon(icon(IconName.DELETE))
    assert ink(copy.pixmap(24, 24).toImage()) == ink(icon(IconName.DELETE).pixmap(24, 24).toImage())


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("application/pdf", IconName.FILE_PDF),
        ("image/heic", IconName.FILE_IMAGE),
        ("audio/x-unheard-of", IconName.FILE_AUDIO),
        ("text/plain", IconName.FILE_TEXT),
        ("text/calendar", IconName.FILE_CALENDAR),
        ("message/rfc822", IconName.FILE_MESSAGE),
        ("application/x-zip-compressed", IconName.FILE_ARCHIVE),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", IconName.FILE_TABLE),
        ("application/vnd.oasis.opendocument.presentation", IconName.FILE_SLIDES),
        ("application/msword", IconName.FILE_TEXT),
        ("application/octet-stream", IconName.FILE),
    ],
)
def test_attachments_have_the_icon_of_their_type(content_type: str, name: IconName) -> None:
    assert icon_for_type(content_type) is name


def test_the_application_icon_has_every_size(qapp: QApplication) -> None:
    sizes = {size.width() for size in application_icon().availableSizes()}
    assert sizes == set(APPLICATION_ICON_SIZES)


def test_qtawesome_is_not_imported() -> None:
    """Its import costs 160 ms at start-up; its font does not."""
    code = (
        "import sys; import qtmail.ui.shared.icons; "
        "sys.exit('qtawesome' in sys.modules or 'qtpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
