"""Does a frozen or installed program work? It is asked from outside, and must answer by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from installers.packaging import NAME, VERSION, BuildFailed

SUBJECT = "春节快乐"
LETTER = (
    b"From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: =?gb18030?B?tLq92r/swNY=?=\r\n"
    b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <smoke@example.org>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: text/html; charset="gb18030"\r\n\r\n'
    b"<p>\xb4\xba\xbd\xda\xbf\xec\xc0\xd6<script>1</script></p>\r\n"
)
"""One letter that needs the character sets, the HTML sanitiser and the tolerant parser."""

TIME_LIMIT = 300.0
"""Seconds for one question; the self-test takes about 15."""

_INHERITED = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TMPDIR", "TEMP", "TMP")
"""Without these, Windows and macOS start no program."""


def smoke_test(program: Path, *, pictures: Path | None = None) -> None:
    """Ask the program for its version, to read a letter, and to test itself.

    It gets an empty home and nothing of this process's environment, so that it cannot borrow from a Python
    that happens to be here.

    Args:
        program: one that prints to the terminal.
        pictures: where the self-test's screenshots go; they are thrown away otherwise.

    Raises:
        BuildFailed: an answer was wrong; the message has it.
    """
    with tempfile.TemporaryDirectory(prefix="qtmail-smoke-", ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        _tells_its_version(program, home)
        _reads_a_letter(program, home)
        _tests_itself(program, home, pictures or home / "pictures")


def _tells_its_version(program: Path, home: Path) -> None:
    answer = _ask(program, home, "--version").strip()
    _require(answer == f"{NAME} {VERSION}", f"{program.name} should be version {VERSION}, but says: {answer}")


def _reads_a_letter(program: Path, home: Path) -> None:
    letter = home / "letter.eml"
    letter.write_bytes(LETTER)
    answer = _ask(program, home, "inspect", "--json", str(letter))
    try:
        read = json.loads(answer)
    except ValueError:
        raise BuildFailed(f"“inspect --json” should print an object, but printed: {answer}") from None
    shown = (read["subject"], read["text"].strip(), read["html"].strip())
    wanted = (SUBJECT, SUBJECT, f"<p>{SUBJECT}</p>")
    _require(shown == wanted, f"A letter was misread: {shown} instead of {wanted}")


def _tests_itself(program: Path, home: Path, pictures: Path) -> None:
    answer = _ask(program, home, "--self-test", str(pictures))
    _require("FAIL" not in answer, f"A step of the self-test failed:\n{answer}")
    _require(any(pictures.glob("*.png")), f"The self-test left no screenshots:\n{answer}")


def _ask(program: Path, home: Path, *words: str) -> str:
    """What the program prints; it must exit with 0 and leave no trace of a bug."""
    question = " ".join([program.name, *words])
    try:
        done = subprocess.run(
            [program, *words],
            cwd=home,
            env=_environment(home, os.environ),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIME_LIMIT,
            check=False,
        )
    except OSError as error:
        raise BuildFailed(f"{program} does not start: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise BuildFailed(f"“{question}” did not end in {TIME_LIMIT:.0f} s.") from error
    said = f"{done.stdout}{done.stderr}"
    _require(done.returncode == 0, f"“{question}” ended with {done.returncode}:\n{said}")
    _require("Traceback" not in said, f"“{question}” met a bug:\n{said}")
    return done.stdout


def _environment(home: Path, given: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: given[name] for name in _INHERITED if name in given}
    if sys.platform == "win32":
        path = str(Path(given["SYSTEMROOT"], "System32"))
        places = {"USERPROFILE": str(home), "APPDATA": str(home), "LOCALAPPDATA": str(home)}
    else:
        path = os.defpath
        places = {"HOME": str(home), "LANG": "C.UTF-8"}
    return {**inherited, **places, "PATH": path, "QT_QPA_PLATFORM": "offscreen"}


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BuildFailed(otherwise)
