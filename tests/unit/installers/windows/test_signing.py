"""Signing is left to a command line of whoever builds; it may consist of several words."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from installers.packaging import BuildFailed
from installers.windows.signing import sign

APPENDS = "import sys; open(sys.argv[2], 'a').write(sys.argv[1])"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "with a space.exe"
    path.write_text("program", "utf-8")
    return path


def command(code: str, *words: str) -> str:
    return shlex.join([sys.executable, "-c", code, *words])


@pytest.mark.skipif(sys.platform == "win32", reason="the command is quoted for a POSIX shell")
def test_the_command_gets_the_file_as_its_last_word(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QTMAIL_SIGN_COMMAND", command(APPENDS, " signed"))
    sign(program)
    assert program.read_text("utf-8") == "program signed"


@pytest.mark.parametrize("wanted", [None, ""])
def test_nothing_is_signed_unasked(
    program: Path, monkeypatch: pytest.MonkeyPatch, wanted: str | None
) -> None:
    monkeypatch.delenv("QTMAIL_SIGN_COMMAND", raising=False)
    if wanted is not None:
        monkeypatch.setenv("QTMAIL_SIGN_COMMAND", wanted)
    sign(program)
    assert program.read_text("utf-8") == "program"


@pytest.mark.skipif(sys.platform == "win32", reason="the command is quoted for a POSIX shell")
def test_a_refusal_is_told_with_its_reason(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QTMAIL_SIGN_COMMAND", command("raise SystemExit('no certificate')"))
    with pytest.raises(BuildFailed, match=r"with a space\.exe(.|\n)*no certificate"):
        sign(program)
