"""What a start of the program makes of its words and of the world it finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qtmail.__main__ import main

WITHOUT_STREAMS = """
import os, sys
from qtmail.__main__ import main
sys.stdin = sys.stdout = sys.stderr = None
os._exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("words", [["account", "list"], ["outbox", "list"], ["--version"]])
def test_commands_work_where_there_are_no_streams(words: list[str], tmp_path: Path) -> None:
    """As in a Windows program without a console."""
    words = words if words == ["--version"] else [*words, "--profile", str(tmp_path)]
    program = [sys.executable, "-c", WITHOUT_STREAMS, *words]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_after_two_dashes_there_are_only_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file may be called like a command; one that is not there is no command either."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["--", "sync"])
    assert "“sync” is neither a command nor a file" in capsys.readouterr().err


def test_files_of_other_computers_are_not_opened(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["file://elsewhere.example/letters/a.eml"])
    assert "is on another computer" in capsys.readouterr().err
