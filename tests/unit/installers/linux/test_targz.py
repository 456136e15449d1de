"""The plain archive runs where it is unpacked, and does not tell who packed it."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

import qtmail
from installers.linux.targz import build_targz
from installers.packaging import call
from tests.fakes.frozen_program import make_frozen

FOLDER = f"qtmail-{qtmail.__version__}"


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    return make_frozen(tmp_path / "frozen")


def unpack(archive: Path, directory: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="tar")
    return directory / FOLDER


def test_it_runs_where_it_is_unpacked(frozen: Path, tmp_path: Path) -> None:
    folder = unpack(build_targz(frozen, tmp_path), tmp_path / "some where")
    assert call(folder / "qtmail", "--version") == f"qtmail {qtmail.__version__}\n"
    assert (folder / "_internal/qtmail/resources/providers.json").is_file()


def test_everything_is_in_one_folder_with_its_licence_and_two_lines_to_read(
    frozen: Path, tmp_path: Path
) -> None:
    archive = build_targz(frozen, tmp_path)
    assert archive.name.startswith(f"{FOLDER}-linux-")
    with tarfile.open(archive) as tar:
        assert {name.partition("/")[0] for name in tar.getnames()} == {FOLDER}
    folder = unpack(archive, tmp_path)
    assert {path.name for path in folder.iterdir()} == {"qtmail", "_internal", "LICENSE", "README"}
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert len((folder / "README").read_text().splitlines()) == 2


def test_links_stay_links(frozen: Path, tmp_path: Path) -> None:
    (frozen / "_internal" / "libQt6.so").symlink_to("PySide6/Qt/lib/libQt6.so")
    folder = unpack(build_targz(frozen, tmp_path), tmp_path)
    assert str((folder / "_internal/libQt6.so").readlink()) == "PySide6/Qt/lib/libQt6.so"


def test_files_are_roots_and_everybody_may_read_them(frozen: Path, tmp_path: Path) -> None:
    (frozen / "_internal/qtmail/resources/providers.json").chmod(0o600)
    with tarfile.open(build_targz(frozen, tmp_path)) as tar:
        members = tar.getmembers()
    assert {(one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, "root", "root")}
    assert {one.mode for one in members} == {0o755, 0o644}


def test_the_same_program_gives_the_same_archive(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first = build_targz(frozen, tmp_path / "1")
    again = build_targz(make_frozen(tmp_path / "another day"), tmp_path / "2")
    assert first.read_bytes() == again.read_bytes()
