"""Attachment names are made safe, and opened files are private and read-only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from qtmail.errors import FileFailed
from qtmail.ui.message_view.attachment_files import (
    OpenedFiles,
    is_risky,
    numbered_names,
    safe_name,
    write_file,
)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("码头照片.png", "码头照片.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\evil.dll", "evil.dll"),
        ("a/b\\c.txt", "c.txt"),
        ("what?: <a> |b| *.txt", "what__ _a_ _b_ _.txt"),
        ("tab\there\x00.txt", "tab_here_.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        (".bashrc", "bashrc"),
        ("trailing. . ", "trailing"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("..", "attachment"),
        ("", "attachment"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_nameless_attachment_gets_the_suffix_of_its_type() -> None:
    assert safe_name("", "application/pdf") == "attachment.pdf"


def test_long_names_keep_their_suffix_and_whole_characters() -> None:
    name = safe_name("图" * 300 + ".xlsx")
    assert name.endswith("图.xlsx")
    assert len(name.encode()) <= 180


def test_duplicates_are_numbered_whatever_their_case() -> None:
    assert numbered_names(["a.txt", "A.txt", "a.txt", "b"], taken=["B"]) == [
        "a.txt",
        "A (2).txt",
        "a (3).txt",
        "b (2)",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "a.exe",
        "a.BAT",
        "a.js",
        "a.lnk",
        "a.docm",
        "a.pdf.scr",
        "a.html",
        "a.iso",
        "x.desktop",
        "a.exe. ",
        "a.ps1",
    ],
)
def test_programs_are_risky(name: str) -> None:
    assert is_risky(name)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.png", "a.txt", "a.zip", "exe", "a.exe.pdf"])
def test_documents_are_not(name: str) -> None:
    assert not is_risky(name)


def test_opened_files_are_private_and_read_only() -> None:
    files = OpenedFiles()
    one = files.write("../a.txt", b"one")
    two = files.write("a.txt", b"two")
    assert (one.name, one.read_bytes(), two.read_bytes()) == ("a.txt", b"one", b"two")
    assert stat.S_IMODE(one.stat().st_mode) == stat.S_IRUSR
    if os.name == "posix":
        assert stat.S_IMODE(one.parent.parent.stat().st_mode) == 0o700


def test_opened_files_go_with_their_owner() -> None:
    files = OpenedFiles()
    path = files.write("a.txt", b"one")
    del files
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileFailed, match=r"“a\.txt” could not be saved"):
        write_file(tmp_path / "missing" / "a.txt", b"")
