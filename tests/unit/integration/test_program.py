"""How the program came here, and what starts it again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import qtmail
from qtmail.integration import program
from qtmail.integration.program import (
    Packaging,
    command,
    packaging,
    system_environment,
    working_directory,
)
from tests.unit.integration.conftest import run_from


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/usr/lib/qtmail/qtmail", Packaging.SYSTEM),
        ("/opt/qtmail/qtmail", Packaging.SYSTEM),
        ("/srv/programs/qtmail/qtmail", Packaging.PORTABLE),
        ("/Applications/qtmail.app/Contents/MacOS/qtmail", Packaging.PORTABLE),
    ],
)
def test_a_frozen_program_is_known_by_its_place(place: str, kind: Packaging, monkeypatch: pytest.MonkeyPatch):
    run_from(Path(place), monkeypatch)
    assert packaging() is kind
    assert command("--tray") == [place, "--tray"]
    assert working_directory() is None


def test_an_appimage_is_started_by_its_file_and_not_from_its_mount(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("APPDIR", "/tmp/.mount_qtmailAbc")
    monkeypatch.setenv("APPIMAGE", "/srv/programs/qtmail-0.1.0-x86_64.AppImage")
    run_from(Path("/tmp/.mount_qtmailAbc/usr/lib/qtmail/qtmail"), monkeypatch)
    assert packaging() is Packaging.APPIMAGE
    assert command() == ["/srv/programs/qtmail-0.1.0-x86_64.AppImage"]


def test_another_programs_appimage_is_not_ours(monkeypatch: pytest.MonkeyPatch):
    """A terminal that is an AppImage leaves its variables to all that is started in it."""
    monkeypatch.setenv("APPDIR", "/tmp/.mount_terminal")
    monkeypatch.setenv("APPIMAGE", "/srv/programs/terminal.AppImage")
    run_from(Path("/usr/lib/qtmail/qtmail"), monkeypatch)
    assert packaging() is Packaging.SYSTEM
    assert command() == ["/usr/lib/qtmail/qtmail"]


def test_flatpak_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLATPAK_ID", "io.github.qtmail.qtmail")
    run_from(Path("/app/lib/qtmail/qtmail"), monkeypatch)
    assert packaging() is Packaging.FLATPAK


def test_the_program_with_a_console_starts_the_one_without(monkeypatch: pytest.MonkeyPatch):
    run_from(Path("/programs/qtmail-cli.exe"), monkeypatch)
    assert command() == [str(Path("/programs/qtmail.exe"))]


def test_an_installed_script_is_preferred(from_python: Path):
    (from_python / "qtmail").touch()
    assert packaging() is Packaging.PYTHON
    assert command("--demo") == [str(from_python / "qtmail"), "--demo"]
    assert working_directory() is None


def test_python_on_windows_opens_no_console(from_python: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(program, "_WINDOWS", True)
    assert command() == [str(from_python / "python"), "-m", "qtmail"]
    (from_python / "pythonw.exe").touch()
    (from_python / "qtmail.exe").touch()
    assert command() == [str(from_python / "pythonw.exe"), "-m", "qtmail"]


def test_from_a_source_tree_it_is_started_in_that_tree(from_python: Path):
    assert command("--demo") == [str(from_python / "python"), "-m", "qtmail", "--demo"]
    assert working_directory() == Path(qtmail.__file__).parent.parent


def test_the_command_starts_qtmail(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTHONPATH")
    done = subprocess.run(
        command("--version"), cwd=working_directory(), capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == f"qtmail {qtmail.__version__}"


def test_programs_of_the_system_do_not_load_our_libraries(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/qtmail/_internal")
    assert system_environment()["LD_LIBRARY_PATH"] == "/usr/lib/qtmail/_internal"
    run_from(Path("/usr/lib/qtmail/qtmail"), monkeypatch)
    assert "LD_LIBRARY_PATH" not in system_environment()
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    assert system_environment()["LD_LIBRARY_PATH"] == "/opt/lib"
    assert system_environment()["PATH"] == os.environ["PATH"]
