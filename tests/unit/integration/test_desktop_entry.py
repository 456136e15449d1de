"""Commands in desktop entries, and whether an entry can be used."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.integration.desktop_entry import (
    can_start,
    exec_value,
    exec_words,
    is_for_this_desktop,
    is_installed,
)
from qtmail.integration.key_file import KeyFile
from tests.unit.installers.tools import needs
from tests.unit.integration.conftest import Desktop, arguments_of, linux_only, make_program, write

pytestmark = linux_only


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("/usr/bin/qtmail", "/usr/bin/qtmail"),
        ("--tray", "--tray"),
        ("", '""'),
        ("My mail", '"My mail"'),
        ('say "hi"', r'"say \\"hi\\""'),
        ("$HOME", r'"\\$HOME"'),
        ("a\\b", r'"a\\\\b"'),
        ("it's", '"it\'s"'),
        ("邮件", "邮件"),
    ],
)
def test_a_program_is_quoted_and_escaped_as_the_specification_says(word: str, value: str):
    assert exec_value([word]) == value


def test_percent_signs_are_no_field_codes():
    assert exec_value(["qtmail", "100%"]) == "qtmail 100%%"


@given(st.lists(st.text(st.characters(exclude_characters="%", exclude_categories=["Cs"])), min_size=1))
def test_a_command_comes_back_word_by_word(words: list[str]):
    assert exec_words(exec_value(words)) == words


def test_field_codes_stay():
    assert exec_words('"/opt/my mail/qtmail" %U') == ["/opt/my mail/qtmail", "%U"]


@pytest.mark.parametrize(
    "name",
    ["plain", 'My "mail" $HOME `x` 100%', "back\\slash", "邮件 '客户端' #1;&|", " ~", "a\nb\tc\r", "%U"],
)
@needs("gio")
def test_a_desktop_starts_what_was_meant(name: str, tmp_path: Path):
    """GLib launches the entry; the program writes down what it was given."""
    program = tmp_path / name / "qtmail"
    make_program(program)
    value = exec_value([str(program), "--tray", 'a "b" \\ $c %d'])
    entry = write(tmp_path, "x.desktop", "[Desktop Entry]", "Type=Application", "Name=x", f"Exec={value}")
    subprocess.run(["gio", "launch", entry], check=True, timeout=30)
    assert arguments_of(program) == ["--tray", 'a "b" \\ $c %d']


def test_an_entry_that_the_user_deleted_hides_the_systems(desktop: Desktop):
    desktop.install("mail.desktop")
    assert is_installed("mail.desktop")
    desktop.install("mail.desktop", "Hidden=true", place=desktop.data)
    assert not is_installed("mail.desktop")


def test_an_entry_whose_program_is_gone_does_not(desktop: Desktop):
    desktop.install("mail.desktop", place=desktop.data, program="no-such-program")
    assert not is_installed("mail.desktop")
    desktop.install("mail.desktop")
    assert is_installed("mail.desktop")


def test_dashes_of_an_id_may_stand_for_directories(desktop: Desktop):
    desktop.install("kde/org.kde-mail.desktop")
    assert is_installed("kde-org.kde-mail.desktop")
    assert not is_installed("kde-other.desktop")


def test_an_id_leads_to_no_place_outside(desktop: Desktop):
    desktop.install("../mail.desktop")
    assert not is_installed("../mail.desktop")


@pytest.mark.parametrize(
    ("lines", "usable"),
    [
        (["Exec=true %U"], True),
        (["Exec=no-such-program %U"], False),
        (["Exec=true", "TryExec=no-such-program"], False),
        (["Exec=true", "TryExec=true"], True),
        (["Exec=true", "Hidden=true"], False),
        (["Exec=true", "NoDisplay=true"], True),
        ([], False),
    ],
)
def test_an_entry_can_start_when_its_program_is_there(lines: list[str], usable: bool):
    assert can_start(KeyFile("\n".join(["[Desktop Entry]", *lines]).encode())) is usable


@pytest.mark.parametrize(
    ("desktops", "line", "shown"),
    [
        ("GNOME", "OnlyShowIn=GNOME;", True),
        ("ubuntu:GNOME", "OnlyShowIn=KDE;GNOME", True),
        ("KDE", "OnlyShowIn=GNOME;", False),
        ("", "OnlyShowIn=GNOME;", False),
        ("KDE", "NotShowIn=KDE;", False),
        ("GNOME", "NotShowIn=KDE;", True),
        ("", "", True),
    ],
)
def test_an_entry_may_be_for_some_desktops_only(
    desktops: str, line: str, shown: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktops)
    assert is_for_this_desktop(KeyFile(f"[Desktop Entry]\n{line}\n".encode())) is shown
