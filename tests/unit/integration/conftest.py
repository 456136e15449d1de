"""A Linux desktop of each test's own: its directories, and programs in them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from qtmail.integration.program import APP_ID
from tests.end2end.processes import wait_until

DESKTOP_ID = f"{APP_ID}.desktop"
MAILTO = "x-scheme-handler/mailto"


linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="desktops of freedesktop.org and their tools"
)


@dataclass(frozen=True)
class Desktop:
    """The directories of the XDG Base Directory Specification, of a user and of the system."""

    config: Path
    data: Path
    system_config: Path
    system_data: Path

    @property
    def mimeapps(self) -> Path:
        return self.config / "mimeapps.list"

    @property
    def own_entry(self) -> Path:
        return self.data / "applications" / DESKTOP_ID

    def install(self, desktop_id: str, *lines: str, place: Path | None = None, program: str = "true") -> Path:
        """Write a desktop entry for mailto: links into the system's directory, or another."""
        text = [
            "[Desktop Entry]",
            "Type=Application",
            f"Name={desktop_id}",
            f"Exec={program} %U",
            f"MimeType={MAILTO};",
            *lines,
        ]
        return write(place or self.system_data, f"applications/{desktop_id}", *text)


def write(directory: Path, name: str, *lines: str) -> Path:
    """A file of these lines."""
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


@pytest.fixture(autouse=True)
def desktop(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """An empty desktop without a name."""
    found = Desktop(
        own_home / "config", own_home / "data", tmp_path / "system-config", tmp_path / "system-data"
    )
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(found.system_config))
    monkeypatch.setenv("XDG_DATA_DIRS", str(found.system_data))
    for name in ("XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "FLATPAK_ID", "APPIMAGE", "APPDIR"):
        monkeypatch.delenv(name, raising=False)
    return found


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """qtmail, frozen, in a folder whose name needs to be quoted nearly everywhere."""
    path = tmp_path / 'My "mail" $HOME 100%' / "qtmail"
    make_program(path)
    run_from(path, monkeypatch)
    return path


@pytest.fixture
def from_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The directory with the interpreter that runs qtmail from its source: no script of ours is in it."""
    monkeypatch.delattr(sys, "frozen", raising=False)
    monkeypatch.setattr("qtmail.integration.program._WINDOWS", False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def make_program(path: Path) -> None:
    """A program that writes its arguments, one a line, into a file beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/arguments"\n', "utf-8")
    path.chmod(0o755)


def arguments_of(program: Path) -> list[str]:
    """What such a program was given, once it was started."""
    told = program.parent / "arguments"
    wait_until(lambda: told.is_file() and told.stat().st_size > 0, 10, f"{program.name} to start")
    return told.read_text("utf-8").splitlines()


def run_from(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program that runs be this frozen one."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(path))
