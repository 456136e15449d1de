"""The frozen program, made anew and started as its users start it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from installers.freeze import console_program, frozen_program
from installers.smoke import smoke_test
from tests.end2end.processes import program, public_directory, wait_until
from tests.end2end.xvfb import Xvfb

pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc, and at an X screen"),
]

COLOUR = bytes([0xD0, 0x1F, 0x6B])
"""Of the letter, and of nothing else on the screen: red, green, blue."""
LETTER = (
    "From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: In colour\r\n"
    "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <colour@example.org>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: text/html; charset="utf-8"\r\n\r\n'
    f'<table width="100%" height="400" bgcolor="#{COLOUR.hex()}"><tr><td>In colour</td></tr></table>\r\n'
)
PIXELS = 10_000
"""A coloured area of this size is the letter."""
WINDOW_LIMIT = 60.0
FORGOTTEN = {"LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "QTWEBENGINE_DISABLE_SANDBOX"}
"""Variables that no program may inherit from the frozen one."""


@pytest.fixture(scope="module")
def frozen() -> Path:
    return frozen_program()


@pytest.fixture
def users_copy(frozen: Path) -> Iterator[tuple[Path, Path]]:
    """The program where every user may run it, and an empty home of one."""
    directory = public_directory("qtmail-frozen-")
    shutil.copytree(frozen, directory / "qtmail", symlinks=True)
    home = directory / "home"
    home.mkdir()
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(home, user.pw_uid, user.pw_gid)
    yield directory / "qtmail" / "qtmail", home
    shutil.rmtree(directory, ignore_errors=True)  # WebEngine's last processes may still be leaving


def test_it_works_by_itself(frozen: Path, tmp_path: Path) -> None:
    smoke_test(console_program(frozen), pictures=tmp_path)
    pictures = {path.name: path.stat().st_size for path in tmp_path.glob("*.png")}
    assert {"main-light.png", "main-dark.png", "chinese.png"} <= set(pictures)
    assert min(pictures.values()) > 10_000


def test_an_ordinary_user_reads_html_mail_in_the_sandbox(
    users_copy: tuple[Path, Path], xvfb_display: Xvfb
) -> None:
    qtmail, home = users_copy
    letter = home / "letter.eml"
    letter.write_text(LETTER, "utf-8", newline="")
    environment = {"HOME": str(home), "PATH": os.defpath, "LANG": "zh_CN.UTF-8", **xvfb_display.environment}
    command = [*_as_ordinary_user(), str(qtmail), "--demo", str(letter)]
    with subprocess.Popen(command, env=environment, cwd=home, stderr=subprocess.PIPE) as running:
        try:
            wait_until(lambda: _pixels(xvfb_display) > PIXELS, WINDOW_LIMIT, "the letter on the screen")
            helpers = [pid for pid in _family(running.pid) if "QtWebEngineProcess" in _command(pid)]
            assert any(map(_is_confined, helpers)), "what draws the page is not confined"
            assert not any(_environment(pid) & FORGOTTEN for pid in helpers)
        finally:
            running.terminate()


def _as_ordinary_user() -> list[str]:
    """Root has its own rules: WebEngine would run without its sandbox."""
    if os.geteuid() != 0:
        return []
    return [program("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _pixels(screen: Xvfb) -> int:
    """How many pixels of the screen have the letter's colour."""
    command = [program("import"), "-window", "root", "-depth", "8", "rgb:-"]
    shot = subprocess.run(command, env=os.environ | screen.environment, stdout=subprocess.PIPE, check=True)
    return shot.stdout.count(COLOUR)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path("/proc", str(pid), "task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _command(pid: int) -> str:
    return Path("/proc", str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode()


def _environment(pid: int) -> set[str]:
    """The names of the variables a process was started with."""
    return {
        line.partition(b"=")[0].decode()
        for line in Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
    }


def _is_confined(pid: int) -> bool:
    """Whether a filter decides over each of its system calls (seccomp mode 2, proc(5))."""
    return "Seccomp:\t2" in Path("/proc", str(pid), "status").read_text()
