"""The Debian package on a fresh computer: it installs, runs, is upgraded, and goes without a trace."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from installers.freeze import frozen_program
from installers.linux.deb import build_deb
from installers.packaging import VERSION
from tests.conftest import ON_CI
from tests.end2end.clean_root import CleanRoot
from tests.end2end.processes import ServerMissing, program, wait_until
from tests.end2end.xvfb import Xvfb
from tests.unit.installers.tools import needs

pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(1800),
    needs("dpkg-deb", "dpkg-shlibdeps", "debootstrap", "bwrap", "xdotool", "import"),
]
PROFILE = Path(".local/share/qtmail")
NEXT_VERSION = f"{VERSION}+next"
LIST = QRect(240, 120, 400, 600)
MESSAGE = QRect(660, 200, 600, 500)
"""Parts of the window, which fills the screen, in pixels."""

WRITTEN = 0.05
"""How much ink mail takes; an empty pane with its few words takes a hundredth."""

WINDOW_LIMIT = 30.0
"""Seconds until the window is there, on a slow machine."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_deb(frozen_program(), tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def next_package(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same under the next version, and not compressed, because that takes minutes."""
    directory = tmp_path_factory.mktemp("next")
    subprocess.run(["dpkg-deb", "--raw-extract", package, directory / "tree"], check=True)
    control = directory / "tree/DEBIAN/control"
    control.write_text(
        control.read_text("utf-8").replace(f"Version: {VERSION}\n", f"Version: {NEXT_VERSION}\n")
    )
    newer = directory / "qtmail-next.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", directory / "tree", newer], check=True
    )
    return newer


@pytest.fixture(scope="module")
def fresh() -> Iterator[CleanRoot]:
    try:
        root = CleanRoot()
    except ServerMissing as missing:
        if ON_CI:
            raise
        pytest.skip(str(missing))
    with root:
        yield root


@pytest.fixture
def installed(fresh: CleanRoot, package: Path) -> CleanRoot:
    """With the package; apt does nothing where it is there already."""
    fresh.install(package)
    return fresh


def test_it_runs_for_an_ordinary_user(installed: CleanRoot) -> None:
    said = installed.run("qtmail", "--version")
    assert (said.returncode, said.stdout) == (0, f"qtmail {VERSION}\n"), said.stderr


def test_its_main_job_holds_with_the_sandbox_on(installed: CleanRoot) -> None:
    said = installed.run("qtmail", "--self-test", "pictures")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "FAIL" not in said.stdout and "sandbox" not in said.stderr.lower()
    pictures = {path.name: path.stat().st_size for path in (installed.home / "pictures").glob("*.png")}
    assert {"main-light.png", "chinese.png"} <= set(pictures)
    assert min(pictures.values()) > 10_000


def test_the_demo_s_mail_is_listed_and_read_in_a_window(
    installed: CleanRoot, xvfb_display: Xvfb, tmp_path: Path
) -> None:
    command = installed.command("qtmail", "--demo", environment=xvfb_display.environment)
    log = tmp_path / "log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as running:
        try:
            wait_until(lambda: "Inbox" in _titles(xvfb_display), WINDOW_LIMIT, "the window")
            wait_until(lambda: _ink(xvfb_display, LIST) > WRITTEN, WINDOW_LIMIT, "the list")
            _x11(xvfb_display, "xdotool", "mousemove", "440", "160", "click", "1")
            wait_until(lambda: _ink(xvfb_display, MESSAGE) > WRITTEN, WINDOW_LIMIT, "the message")
            assert running.poll() is None
        finally:
            running.terminate()
    assert "sandbox" not in log.read_text("utf-8").lower()


def test_an_upgrade_keeps_the_profile_and_removal_leaves_nothing_else(
    fresh: CleanRoot, package: Path, next_package: Path
) -> None:
    fresh.as_root("dpkg", "--purge", "qtmail")
    fresh.satisfy(_field(package, "Depends"))
    before = fresh.files()
    fresh.install(package)
    _add_account(fresh)
    fresh.install(next_package)
    assert fresh.as_root("dpkg-query", "-W", "-f", "${Version}", "qtmail") == NEXT_VERSION
    assert _accounts(fresh) == ["anna@example.org"]
    profile = {path.name for path in (fresh.home / PROFILE).iterdir()}
    fresh.as_root("dpkg", "--purge", "qtmail")
    assert fresh.files() == before
    assert {path.name for path in (fresh.home / PROFILE).iterdir()} == profile


def _field(package: Path, name: str) -> str:
    shown = subprocess.run(["dpkg-deb", "--field", package], stdout=subprocess.PIPE, text=True, check=True)
    return str(message_from_string(shown.stdout)[name])


def _add_account(root: CleanRoot) -> None:
    words = ("account", "add", "--email", "anna@example.org", "--imap", "imap.example.org:993/tls")
    done = root.run("qtmail", *words)
    assert done.returncode == 0, done.stderr


def _accounts(root: CleanRoot) -> list[str]:
    done = root.run("qtmail", "account", "list", "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["address"] for line in done.stdout.splitlines()]


def _titles(screen: Xvfb) -> str:
    """The titles of the windows that are shown, one a line; nothing while there are none."""
    words = ("search", "--onlyvisible", "--name", "qtmail", "getwindowname", "%@")
    return _x11(screen, "xdotool", *words, check=False).decode()


def _ink(screen: Xvfb, part: QRect) -> float:
    """How much of a part of the screen is not its ground: 0 is empty."""
    shown = QImage.fromData(_x11(screen, "import", "-window", "root", "png:-")).copy(part)
    colours = Counter(shown.pixel(x, y) for x in range(shown.width()) for y in range(0, shown.height(), 2))
    return 1 - max(colours.values()) / colours.total()


def _x11(screen: Xvfb, name: str, *words: str, check: bool = True) -> bytes:
    command = [program(name), *words]
    environment = os.environ | screen.environment
    return subprocess.run(command, env=environment, capture_output=True, check=check).stdout
