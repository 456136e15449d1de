from __future__ import annotations

import platform

import pytest

from installers.macos.dmg import build_dmg
from installers.packaging import NAME, VERSION, BuildFailed

WRITE_LISTING = """
source = pathlib.Path(sys.argv[sys.argv.index("-srcfolder") + 1])
places = [f"{path.relative_to(source)}{' ->' if path.is_symlink() else ''}" for path in source.rglob("*")]
pathlib.Path(sys.argv[-1]).write_text("\\n".join(places), "utf-8")
"""
"""Instead of an image, hdiutil writes down what would be in it."""


def test_the_image_holds_the_program_and_a_link_to_applications(tools, app, tmp_path):
    tools.add("hdiutil", action=WRITE_LISTING)
    image = build_dmg(app, tmp_path / "dist")
    assert image == tmp_path / "dist" / f"{NAME}-{VERSION}-macos-{platform.machine()}.dmg"
    places = image.read_text("utf-8").splitlines()
    assert "Applications ->" in places
    assert "qtmail.app/Contents/MacOS/qtmail" in places
    # The links of a framework stay links: as copies they would break its signature.
    framework = "qtmail.app/Contents/Frameworks/PySide6/Qt/lib/QtWebEngineCore.framework"
    assert f"{framework}/Versions/Current ->" in places


def test_the_image_is_compressed(tools, app, tmp_path):
    tools.add("hdiutil", action=WRITE_LISTING)
    build_dmg(app, tmp_path)
    (words,) = tools.calls("hdiutil")
    assert words[words.index("-format") + 1] == "ULMO"


def test_a_busy_image_is_tried_again(tools, app, tmp_path):
    busy = ("hdiutil: create failed - Resource busy", 1)
    tools.add("hdiutil", busy, busy, ("created: qtmail.dmg", 0), action=WRITE_LISTING)
    assert build_dmg(app, tmp_path, pause=0).is_file()
    assert len(tools.calls("hdiutil")) == 3


def test_an_image_that_stays_busy_is_given_up(tools, app, tmp_path):
    tools.add("hdiutil", ("hdiutil: create failed - Resource busy", 1))
    with pytest.raises(BuildFailed, match="Resource busy"):
        build_dmg(app, tmp_path, pause=0)


def test_another_failure_is_reported_at_once(tools, app, tmp_path):
    tools.add("hdiutil", ("hdiutil: create failed - No space left on device", 1))
    with pytest.raises(BuildFailed, match="No space left"):
        build_dmg(app, tmp_path, pause=0)
    assert len(tools.calls("hdiutil")) == 1


def test_what_is_no_bundle_is_refused(tools, tmp_path):
    with pytest.raises(BuildFailed, match="is not an application bundle"):
        build_dmg(tmp_path / "qtmail.app", tmp_path)
