from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, qAlpha

from qtmail.ui.window.tray_icon import DOT_COLOR, TRAY_SIZES, tray_icon


def picture(side: int, *, dot: bool) -> QImage:
    return tray_icon(dot=dot).pixmap(QSize(side, side), 1.0).toImage()


@pytest.mark.parametrize("side", TRAY_SIZES)
def test_each_size_is_drawn_for_itself(qapp, side):
    drawn = picture(side, dot=False)
    assert drawn.size() == QSize(side, side)
    assert qAlpha(drawn.pixel(side // 2, side // 2)) == 255


@pytest.mark.parametrize("side", TRAY_SIZES)
def test_the_dot_is_in_the_corner_and_set_off_by_a_gap(qapp, side):
    with_dot, without = picture(side, dot=True), picture(side, dot=False)
    corner = side - max(3, round(0.21 * side))
    assert with_dot.pixelColor(corner, side - 1 - corner) == DOT_COLOR
    assert with_dot.copy(0, side // 2, side, side // 2) == without.copy(0, side // 2, side, side // 2)
    row = [qAlpha(with_dot.pixel(x, side - 1 - corner)) for x in range(side // 3, corner)]
    assert min(row) < 64


def test_a_dense_screen_gets_twice_the_pixels(qapp):
    dense = tray_icon(dot=True).pixmap(QSize(22, 22), 2.0)
    assert dense.size() == QSize(44, 44)
