"""Start at sign-in and the default mail program, as a Linux desktop sees them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from qtmail.errors import Retry, SystemRefused
from qtmail.integration.linux import FlatpakIntegration, LinuxIntegration
from qtmail.integration.system import Made, SystemIntegration
from tests.unit.installers.tools import needs
from tests.unit.integration.conftest import (
    DESKTOP_ID,
    Desktop,
    arguments_of,
    linux_only,
    make_program,
    run_from,
    write,
)

pytestmark = linux_only

LINUX = LinuxIntegration()
FLATPAK: SystemIntegration = FlatpakIntegration()


def autostart(directory: Path, *lines: str) -> Path:
    return write(directory, f"autostart/{DESKTOP_ID}", "[Desktop Entry]", "Type=Application", *lines)


def test_nothing_starts_by_itself():
    assert LINUX.starts_at_sign_in() is False


def test_a_start_at_sign_in_is_arranged_and_undone(desktop: Desktop, program: Path):
    LINUX.start_at_sign_in(True, in_tray=True)
    assert LINUX.starts_at_sign_in() is True
    LINUX.start_at_sign_in(False, in_tray=True)
    assert LINUX.starts_at_sign_in() is False
    assert list((desktop.config / "autostart").iterdir()) == []
    LINUX.start_at_sign_in(False, in_tray=False)


@needs("desktop-file-validate")
@pytest.mark.parametrize("in_tray", [True, False])
def test_the_entry_is_valid_and_says_whether_a_window_is_wanted(
    desktop: Desktop, program: Path, in_tray: bool
):
    LINUX.start_at_sign_in(True, in_tray=in_tray)
    path = desktop.config / "autostart" / DESKTOP_ID
    subprocess.run(["desktop-file-validate", path], check=True, timeout=30)
    assert ("--tray" in path.read_text("utf-8")) is in_tray


def test_a_program_that_is_gone_does_not_start(desktop: Desktop, program: Path):
    LINUX.start_at_sign_in(True, in_tray=False)
    program.unlink()
    assert LINUX.starts_at_sign_in() is False


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false", "OnlyShowIn=Other;"])
def test_what_the_user_turned_off_elsewhere_is_off_until_it_is_asked_for(
    line: str, desktop: Desktop, program: Path
):
    autostart(desktop.config, "Exec=true", line)
    assert LINUX.starts_at_sign_in() is False
    LINUX.start_at_sign_in(True, in_tray=False)
    assert LINUX.starts_at_sign_in() is True


def test_what_the_system_starts_is_hidden_for_the_user(desktop: Desktop):
    of_the_system = autostart(desktop.system_config, "Exec=true")
    before = of_the_system.read_bytes()
    assert LINUX.starts_at_sign_in() is True
    LINUX.start_at_sign_in(False, in_tray=False)
    assert LINUX.starts_at_sign_in() is False
    assert of_the_system.read_bytes() == before


def test_a_program_from_an_archive_becomes_the_default(desktop: Desktop, program: Path):
    assert LINUX.is_default_mail_program() is False
    assert LINUX.make_default_mail_program() is Made.DONE
    assert LINUX.is_default_mail_program() is True
    assert f"message/rfc822={DESKTOP_ID};" in desktop.mimeapps.read_text("utf-8")


def test_a_program_that_moved_is_no_default_until_it_is_made_so(
    desktop: Desktop, program: Path, monkeypatch: pytest.MonkeyPatch
):
    LINUX.make_default_mail_program()
    moved = program.parent.parent / "elsewhere" / "qtmail"
    make_program(moved)
    program.unlink()
    run_from(moved, monkeypatch)
    assert LINUX.is_default_mail_program() is False
    LINUX.make_default_mail_program()
    assert LINUX.is_default_mail_program() is True
    assert str(moved) in desktop.own_entry.read_text("utf-8")


@pytest.mark.parametrize("in_tray", [True, False])
def test_a_newer_appimage_takes_over_what_the_one_before_arranged(
    in_tray: bool, desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    older, newer = tmp_path / "qtmail-0.1.0.AppImage", tmp_path / "qtmail-0.2.0.AppImage"
    run_appimage(older, monkeypatch)
    LINUX.start_at_sign_in(True, in_tray=in_tray)
    LINUX.make_default_mail_program()
    older.unlink()
    run_appimage(newer, monkeypatch)
    assert LINUX.starts_at_sign_in() is LINUX.is_default_mail_program() is False
    LINUX.follow_program()
    assert LINUX.starts_at_sign_in() is LINUX.is_default_mail_program() is True
    assert ("--tray" in (desktop.config / "autostart" / DESKTOP_ID).read_text("utf-8")) is in_tray


def test_a_copy_takes_over_nothing_while_the_other_is_there(
    desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run_appimage(tmp_path / "one.AppImage", monkeypatch)
    LINUX.start_at_sign_in(True, in_tray=False)
    LINUX.make_default_mail_program()
    run_appimage(tmp_path / "two.AppImage", monkeypatch)
    LINUX.follow_program()
    assert "two.AppImage" not in desktop.own_entry.read_text("utf-8")
    assert "two.AppImage" not in (desktop.config / "autostart" / DESKTOP_ID).read_text("utf-8")


def test_what_the_user_turned_off_stays_off_when_the_program_moves(
    desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run_appimage(tmp_path / "one.AppImage", monkeypatch)
    LINUX.start_at_sign_in(True, in_tray=False)
    path = desktop.config / "autostart" / DESKTOP_ID
    path.write_text(path.read_text("utf-8").replace("enabled=true", "enabled=false"), "utf-8")
    (tmp_path / "one.AppImage").unlink()
    run_appimage(tmp_path / "two.AppImage", monkeypatch)
    LINUX.follow_program()
    assert LINUX.starts_at_sign_in() is False


def test_where_nothing_was_arranged_nothing_is_written(desktop: Desktop, program: Path):
    LINUX.follow_program()
    assert not desktop.config.exists()
    assert not desktop.data.exists()


def run_appimage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_program(path)
    monkeypatch.setenv("APPIMAGE", str(path))
    monkeypatch.setenv("APPDIR", "/tmp/.mount_qtmail")
    run_from(Path("/tmp/.mount_qtmail/usr/lib/qtmail/qtmail"), monkeypatch)


@needs("gio")
def test_a_mailto_link_reaches_the_default(desktop: Desktop, program: Path):
    LINUX.make_default_mail_program()
    link = "mailto:ann@example.org?subject=a%20b"
    subprocess.run(["gio", "open", link], check=True, timeout=30)
    assert arguments_of(program) == [link]


def test_a_home_that_cannot_be_written_to_is_said_in_words(desktop: Desktop, program: Path):
    write(desktop.config.parent, desktop.config.name, "a file where the directory should be")
    with pytest.raises(SystemRefused, match="start at sign-in could not be arranged") as refused:
        LINUX.start_at_sign_in(True, in_tray=False)
    assert refused.value.advice
    assert refused.value.retry is Retry.ASK_USER
    with pytest.raises(SystemRefused, match="could not be made the default mail program"):
        LINUX.make_default_mail_program()
    with pytest.raises(SystemRefused, match="could not be undone"):
        LINUX.start_at_sign_in(False, in_tray=False)


def test_a_sandbox_says_that_it_cannot(desktop: Desktop):
    assert FLATPAK.starts_at_sign_in() is None
    assert FLATPAK.is_default_mail_program() is None
    with pytest.raises(SystemRefused, match="sandbox"):
        FLATPAK.start_at_sign_in(True, in_tray=False)
    with pytest.raises(SystemRefused, match="sandbox"):
        FLATPAK.make_default_mail_program()
    assert not desktop.config.exists()
