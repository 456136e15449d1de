"""Where Chromium would end the program because the system refuses it a sandbox, text is shown."""

from __future__ import annotations

import errno
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end2end.refused_sandbox import CLONE_NUMBERS

LIMIT = 60.0

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in CLONE_NUMBERS,
    reason="system calls are refused by their numbers",
)


def read(error: int, *options: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Show an HTML message where user namespaces are refused with this errno."""
    home.chmod(0o777)
    return subprocess.run(
        [sys.executable, "-m", "tests.end2end.refused_sandbox", str(error), *options],
        env=os.environ | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "TMPDIR": str(home)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


@pytest.mark.parametrize("error", [errno.EACCES, errno.ENOSYS])
def test_where_chromium_would_end_the_program_text_is_shown(error: int, tmp_path: Path) -> None:
    done = read(error, home=tmp_path)
    assert (done.returncode, done.stdout) == (0, "text\n"), done.stderr


@pytest.mark.parametrize("error", [errno.EACCES, errno.ENOSYS])
def test_chromium_would_have_ended_it(error: int, tmp_path: Path) -> None:
    done = read(error, "--insist", home=tmp_path)
    assert (done.returncode, done.stdout) == (-signal.SIGTRAP, ""), done.stderr


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSPC])
def test_where_chromium_goes_on_html_is_shown(error: int, tmp_path: Path) -> None:
    done = read(error, home=tmp_path)
    assert (done.returncode, done.stdout) == (0, "HTML\n"), done.stderr
