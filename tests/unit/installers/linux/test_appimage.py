"""The AppImage: what its tree holds, and that runtime and image are put together as the format wants it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import qtmail
from installers.linux.appimage import RUNTIME_SOURCE, RUNTIME_VARIABLE, appimage_directory, build_appimage
from installers.packaging import BuildFailed, call
from qtmail.integration.program import APP_ID
from tests.fakes.frozen_program import make_frozen
from tests.unit.installers.tools import needs

pytestmark = needs("mksquashfs", "unsquashfs", "desktop-file-validate", "appstreamcli")
SQUASHFS_MAGIC = b"hsqs"


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    return make_frozen(tmp_path / "frozen")


@pytest.fixture
def runtime() -> Path:
    """Any program in place of the real runtime; it is not started here."""
    return Path(shutil.which("true") or "")


def contents(image: Path, offset: int) -> set[str]:
    shown = call("unsquashfs", "-offset", str(offset), "-lls", "-dest", ".", image)
    return {line.partition(" ./")[2].partition(" -> ")[0] for line in shown.splitlines() if " ./" in line}


def test_at_its_top_are_the_program_the_desktop_entry_and_the_icon(frozen: Path, tmp_path: Path) -> None:
    directory = appimage_directory(frozen, tmp_path / "AppDir")
    assert {path.name for path in directory.iterdir()} == {
        "AppRun",
        f"{APP_ID}.desktop",
        f"{APP_ID}.png",
        ".DirIcon",
        "usr",
    }
    assert "Exec=qtmail" in (directory / f"{APP_ID}.desktop").read_text()
    icon = (directory / ".DirIcon").read_bytes()
    assert icon == (directory / f"{APP_ID}.png").read_bytes()
    assert icon.startswith(b"\x89PNG")


def test_it_starts_from_any_place(frozen: Path, tmp_path: Path) -> None:
    directory = appimage_directory(frozen, tmp_path / "AppDir")
    moved = directory.rename(tmp_path / "mounted somewhere")
    assert call(moved / "AppRun", "--version") == f"qtmail {qtmail.__version__}\n"


def test_the_image_stands_right_behind_the_runtime(frozen: Path, tmp_path: Path, runtime: Path) -> None:
    appimage = build_appimage(frozen, tmp_path, runtime=runtime)
    start = runtime.read_bytes()
    content = appimage.read_bytes()
    assert content.startswith(start)
    assert content[len(start) :].startswith(SQUASHFS_MAGIC)
    assert os.access(appimage, os.X_OK)


def test_the_image_holds_the_whole_tree(frozen: Path, tmp_path: Path, runtime: Path) -> None:
    directory = appimage_directory(frozen, tmp_path / "AppDir")
    appimage = build_appimage(frozen, tmp_path, runtime=runtime)
    laid_out = {str(path.relative_to(directory)) for path in directory.rglob("*")}
    assert contents(appimage, runtime.stat().st_size) == laid_out


def test_the_environment_may_name_the_runtime(
    frozen: Path, tmp_path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUNTIME_VARIABLE, str(runtime))
    assert build_appimage(frozen, tmp_path).read_bytes().startswith(runtime.read_bytes())


def test_without_a_runtime_it_is_said_where_it_comes_from(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(RUNTIME_VARIABLE, raising=False)
    with pytest.raises(BuildFailed, match=f"{RUNTIME_SOURCE}.*{RUNTIME_VARIABLE}"):
        build_appimage(frozen, tmp_path)
    monkeypatch.setenv(RUNTIME_VARIABLE, str(tmp_path / "not there"))
    with pytest.raises(BuildFailed, match=RUNTIME_SOURCE):
        build_appimage(frozen, tmp_path)


def test_a_page_saved_in_place_of_the_runtime_is_refused(frozen: Path, tmp_path: Path) -> None:
    page = tmp_path / "runtime"
    page.write_text("<!DOCTYPE html><title>Not found</title>")
    with pytest.raises(BuildFailed, match="download"):
        build_appimage(frozen, tmp_path, runtime=page)
    assert not list(tmp_path.glob("*.AppImage"))


def test_a_program_of_another_version_is_refused(frozen: Path, tmp_path: Path) -> None:
    program = frozen / "qtmail"
    program.write_text(program.read_text().replace(qtmail.__version__, "0.0.1"))
    with pytest.raises(BuildFailed, match=r"0\.0\.1"):
        appimage_directory(frozen, tmp_path / "AppDir")


def test_the_same_program_gives_the_same_appimage(
    frozen: Path, tmp_path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first = build_appimage(frozen, tmp_path / "1", runtime=runtime).read_bytes()
    again = build_appimage(make_frozen(tmp_path / "another day"), tmp_path / "2", runtime=runtime)
    assert again.read_bytes() == first
