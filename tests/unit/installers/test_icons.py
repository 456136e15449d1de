from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from PIL.IcnsImagePlugin import IcnsImageFile
from PIL.IcoImagePlugin import IcoImageFile

from installers import icons
from qtmail.ui.shared.icons import APPLICATION_ICON_SIZES

TOLERANCE = 2.0
"""Mean difference of a channel, of 255: versions of Qt smooth edges a little differently."""


def difference(first: Image.Image, second: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(first, second)).mean)


def test_there_is_a_picture_for_every_size_the_window_shows():
    assert set(APPLICATION_ICON_SIZES) == set(icons.PNG_SIZES)


@pytest.mark.parametrize("size", icons.PNG_SIZES)
def test_the_pictures_that_are_kept_are_what_the_drawings_give(size):
    with Image.open(icons.DIRECTORY / f"qtmail-{size}.png") as picture:
        assert picture.size == (size, size)
        assert picture.mode == "RGBA"
        assert difference(picture, icons.draw(size)) < TOLERANCE


def test_no_other_pictures_lie_about():
    kept = {path.name for path in icons.DIRECTORY.glob("*.png")}
    assert kept == {f"qtmail-{size}.png" for size in icons.PNG_SIZES}


@pytest.mark.parametrize("size", (16, 32, 256))
def test_the_icon_is_opaque_in_its_middle_and_transparent_in_its_corners(size):
    alpha = icons.draw(size).getchannel("A")
    assert alpha.tobytes()[size * size // 2 + size // 2] == 255
    assert alpha.tobytes()[0] < 128


def test_the_smallest_is_a_drawing_of_its_own_with_sharp_edges():
    red = icons.draw(16).getchannel("R").tobytes()
    paper, ground = red[11 * 16 + 4], red[12 * 16 + 4]
    assert paper == 255
    assert ground < 80


def test_windows_gets_every_size_in_one_file(tmp_path):
    with IcoImageFile(icons.write_ico(tmp_path / "qtmail.ico")) as file:
        assert file.ico.sizes() == {(size, size) for size in icons.ICO_SIZES}
        for size in icons.ICO_SIZES:
            assert difference(file.ico.getimage((size, size)), icons.draw(size)) < TOLERANCE


def test_macos_gets_every_size_in_one_file_with_apples_margin(tmp_path):
    with IcnsImageFile(icons.write_icns(tmp_path / "qtmail.icns")) as file:
        widths = {width * scale for width, _height, scale in file.icns.itersizes()}
        assert widths == set(icons.ICNS_SIZES)
        drawn = file.icns.getimage((512, 512, 2)).getchannel("A").getbbox()
    assert drawn == pytest.approx((100, 100, 924, 924), abs=2)


def test_drawing_again_changes_nothing(tmp_path: Path):
    for path in icons.write_pngs(tmp_path):
        with Image.open(path) as drawn, Image.open(icons.DIRECTORY / path.name) as kept:
            assert difference(drawn, kept) < TOLERANCE
