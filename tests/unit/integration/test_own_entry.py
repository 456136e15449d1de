"""qtmail's desktop entry is there, starts this program, and is left alone where it is somebody else's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from qtmail.integration.desktop_entry import exec_words, is_installed
from qtmail.integration.key_file import KeyFile
from qtmail.integration.own_entry import ensure_entry
from qtmail.integration.program import APP_ID
from tests.unit.installers.tools import needs
from tests.unit.integration.conftest import DESKTOP_ID, Desktop, linux_only, make_program, run_from

pytestmark = linux_only


def entry_of(path: Path) -> dict[str, list[str]]:
    found = KeyFile.read(path)
    return {group: exec_words(found.get(group, "Exec") or "") for group in found.groups()}


def test_an_entry_is_written_that_starts_this_program(desktop: Desktop, program: Path, monkeypatch):
    plain = program.parent.parent / "folder with spaces" / "qtmail"
    make_program(plain)
    run_from(plain, monkeypatch)
    ensure_entry()
    assert is_installed(DESKTOP_ID)
    commands = entry_of(desktop.own_entry)
    assert commands["Desktop Entry"] == [str(plain), "%U"]
    assert commands["Desktop Action new-message"] == [str(plain), "mailto:"]


@needs("desktop-file-validate")
def test_the_entry_is_valid(desktop: Desktop, program: Path):
    ensure_entry()
    subprocess.run(["desktop-file-validate", desktop.own_entry], check=True, timeout=30)


def test_its_icons_come_along(desktop: Desktop, program: Path):
    ensure_entry()
    theme = desktop.data / "icons" / "hicolor"
    assert (theme / "scalable" / "apps" / f"{APP_ID}.svg").read_bytes().lstrip().startswith(b"<")
    assert (theme / "48x48" / "apps" / f"{APP_ID}.png").read_bytes().startswith(b"\x89PNG")


def test_the_systems_entry_is_enough(desktop: Desktop, program: Path):
    desktop.install(DESKTOP_ID)
    ensure_entry()
    assert not desktop.data.exists()


def test_a_written_entry_makes_room_for_the_systems(desktop: Desktop, program: Path):
    ensure_entry()
    desktop.install(DESKTOP_ID)
    ensure_entry()
    assert not desktop.own_entry.exists()
    assert is_installed(DESKTOP_ID)


def test_an_entry_of_the_users_own_is_left_alone(desktop: Desktop, program: Path):
    own = desktop.install(DESKTOP_ID, place=desktop.data)
    before = own.read_bytes()
    ensure_entry()
    assert own.read_bytes() == before


def test_an_entry_whose_program_is_gone_is_written_anew(desktop: Desktop, program: Path):
    desktop.install(DESKTOP_ID, place=desktop.data, program="no-such-program")
    ensure_entry()
    assert is_installed(DESKTOP_ID)


def test_a_written_entry_follows_the_program(
    desktop: Desktop, program: Path, monkeypatch: pytest.MonkeyPatch
):
    ensure_entry()
    newer = program.parent.parent / "newer" / "qtmail"
    make_program(newer)
    run_from(newer, monkeypatch)
    ensure_entry()
    assert entry_of(desktop.own_entry)["Desktop Entry"] == [str(newer), "%U"]


def test_it_works_without_the_tools_of_the_desktop(
    desktop: Desktop, program: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(program.parent.parent))
    ensure_entry()
    assert desktop.own_entry.is_file()
