"""A program that works passes, and each way of not working is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from installers import smoke
from installers.packaging import VERSION, BuildFailed
from installers.smoke import SUBJECT, smoke_test

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are scripts of a POSIX shell")

READ = json.dumps({"subject": SUBJECT, "text": f"{SUBJECT}\n", "html": f"<p>{SUBJECT}</p>"})
ANSWERS = {
    "--version": f"echo 'qtmail {VERSION}'",
    "inspect": f"printf '%s' '{READ}'",
    "--self-test": 'mkdir -p "$2"; : > "$2/main-light.png"; echo "ok    all"',
}


def program(directory: Path, question: str = "", answer: str = "") -> Path:
    """A script that answers as a program that works; to one question, as told."""
    answers = ANSWERS | ({question: answer} if question else {})
    cases = "\n".join(f"{word}) {command};;" for word, command in answers.items())
    script = directory / "qtmail"
    script.write_text(f'#!/bin/sh\ncase "$1" in\n{cases}\nesac\n', "utf-8")
    script.chmod(0o755)
    return script


def test_a_program_that_works_passes(tmp_path: Path) -> None:
    smoke_test(program(tmp_path))


def test_the_pictures_are_kept_where_wanted(tmp_path: Path) -> None:
    smoke_test(program(tmp_path), pictures=tmp_path / "pictures")
    assert (tmp_path / "pictures/main-light.png").exists()


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("--version", "echo 'qtmail 0.0.0'", "but says: qtmail 0.0.0"),
        ("--version", "echo 'no libGL' >&2; exit 127", "ended with 127:\nno libGL"),
        ("inspect", "echo garbage", "but printed: garbage"),
        ("inspect", """echo '{"subject": "?", "text": "", "html": ""}'""", "misread: ('?', '', '')"),
        ("--self-test", "echo 'FAIL  the list'; exit 1", "FAIL  the list"),
        ("--self-test", "echo 'ok    all'", "no screenshots"),
        ("--self-test", "echo 'Traceback (most recent call last)' >&2", "met a bug"),
    ],
)
def test_what_does_not_hold_is_told(question: str, answer: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BuildFailed) as failure:
        smoke_test(program(tmp_path, question, answer))
    assert told in str(failure.value)


def test_what_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "TIME_LIMIT", 0.2)
    with pytest.raises(BuildFailed, match="did not end"):
        smoke_test(program(tmp_path, "--version", "exec sleep 60"))


def test_what_is_not_there_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="does not start"):
        smoke_test(tmp_path / "qtmail")


def test_the_program_borrows_nothing_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("QTMAIL_PROFILE", str(tmp_path))
    seen = tmp_path / "seen"
    smoke_test(program(tmp_path, "--version", f"env > {seen}; echo 'qtmail {VERSION}'"))
    variables = dict(line.split("=", 1) for line in seen.read_text().splitlines())
    assert "PYTHONPATH" not in variables
    assert "QTMAIL_PROFILE" not in variables
    assert variables["HOME"] != str(Path.home())
