"""The set-up program and the zip file, from a tree of files that only have the right names."""

from __future__ import annotations

import shlex
import shutil
import struct
import sys
import time
import zipfile
from pathlib import Path

import pytest

import qtmail
from installers.packaging import BuildFailed
from installers.windows.setup_exe import NATIVE, WIDESPREAD, best_target, build_setup, build_zip, file_list
from tests.conftest import ON_CI
from tests.end2end.processes import wait_until
from tests.fakes.windows_program import make_windows_tree

NAME = f"qtmail-{qtmail.__version__}"
MACHINES = {NATIVE: 0x8664, WIDESPREAD: 0x014C}
"""What the header of a program says it is made for (IMAGE_FILE_MACHINE_AMD64, _I386)."""

needs_makensis = pytest.mark.skipif(
    shutil.which("makensis") is None and not (ON_CI and sys.platform == "linux"),
    reason="makensis is not installed",
)


def test_the_list_has_every_file_and_folders_after_what_is_in_them(tmp_path: Path) -> None:
    frozen = make_windows_tree(tmp_path, "Qt/bin/core.dll", "Qt/一 二.qm")
    assert file_list(frozen).splitlines() == [
        "LICENSE.txt",
        r"_internal\Qt\bin\core.dll",
        r"_internal\Qt\一 二.qm",
        "qtmail-cli.exe",
        "qtmail.exe",
        "_internal\\Qt\\bin\\",
        "_internal\\Qt\\",
        "_internal\\",
    ]


@pytest.mark.parametrize("missing", ["qtmail.exe", "qtmail-cli.exe"])
def test_a_tree_of_another_system_is_refused(tmp_path: Path, missing: str) -> None:
    frozen = make_windows_tree(tmp_path)
    (frozen / missing).unlink()
    for build in (build_setup, build_zip):
        with pytest.raises(BuildFailed, match=f"{missing} is missing"):
            build(frozen, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


@needs_makensis
@pytest.mark.skipif(sys.platform != "linux", reason="the NSIS for Windows makes one kind")
@pytest.mark.parametrize("target", MACHINES)
def test_the_script_compiles_without_a_warning(tmp_path: Path, target: str) -> None:
    setup = build_setup(make_windows_tree(tmp_path, "a.dll"), tmp_path / "dist", target=target)
    assert setup == tmp_path / "dist" / f"{NAME}-setup.exe"
    content = setup.read_bytes()
    (header,) = struct.unpack_from("<I", content, 0x3C)
    assert content[header : header + 4] == b"PE\0\0"
    assert struct.unpack_from("<H", content, header + 4) == (MACHINES[target],)
    for text in (qtmail.__version__, "The qtmail authors"):
        assert text.encode("utf-16-le") in content
    # Nobody who installs for himself is asked for an administrator.
    assert b'level="asInvoker"' in content


@needs_makensis
def test_the_same_sources_make_the_same_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    frozen = make_windows_tree(tmp_path, "a.dll")
    first = build_setup(frozen, tmp_path / "one").read_bytes()
    second = time.time() // 1
    wait_until(lambda: time.time() // 1 > second, 5, "another second, which files made now would bear")
    assert build_setup(frozen, tmp_path / "two").read_bytes() == first


@needs_makensis
@pytest.mark.skipif(sys.platform == "win32", reason="the command is quoted for a POSIX shell")
def test_all_four_programs_are_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "signed"
    code = "import pathlib, sys; print(pathlib.Path(sys.argv[2]).name, file=open(sys.argv[1], 'a'))"
    monkeypatch.setenv("QTMAIL_SIGN_COMMAND", shlex.join([sys.executable, "-c", code, str(log)]))
    build_setup(make_windows_tree(tmp_path), tmp_path / "dist")
    window, console, _uninstaller, setup = log.read_text("utf-8").splitlines()
    assert (window, console, setup) == ("qtmail.exe", "qtmail-cli.exe", f"{NAME}-setup.exe")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for makensis is a shell script")
@pytest.mark.parametrize(("stub", "target"), [(f"lzma-{NATIVE}", NATIVE), (f"lzma-{WIDESPREAD}", WIDESPREAD)])
def test_the_kind_depends_on_what_nsis_can_make(tmp_path: Path, stub: str, target: str) -> None:
    (tmp_path / "Stubs").mkdir()
    (tmp_path / "Stubs" / stub).touch()
    makensis = tmp_path / "makensis"
    makensis.write_text(
        f"#!/bin/sh\necho 'Defined symbols: NSIS_CPU=x86,NSISDIR={tmp_path},PREFIX=/etc'\n", "utf-8"
    )
    makensis.chmod(0o755)
    assert best_target(str(makensis)) == target


@needs_makensis
def test_a_failure_of_nsis_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="makensis"):
        build_setup(make_windows_tree(tmp_path), tmp_path / "dist", target="x86-nothing")


def test_the_zip_unpacks_into_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    path = build_zip(make_windows_tree(tmp_path, "a.dll"), tmp_path / "dist")
    assert path.name == f"{NAME}-windows.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            f"{NAME}/{name}" for name in ("LICENSE.txt", "_internal/a.dll", "qtmail-cli.exe", "qtmail.exe")
        ]
        assert archive.read(f"{NAME}/_internal/a.dll") == b"_internal/a.dll"
        assert {entry.date_time for entry in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
