"""Fixtures every test can ask for, and the walls between the tests and the user's own computer.

Each test has a home directory, a profile and a keyring of its own. Servers start once a session, on loopback
ports; tests share them and are told apart by the users they make.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import trustme

from tests.end2end.dovecot import Dovecot
from tests.end2end.postfix import Postfix
from tests.end2end.processes import ServerMissing, program
from tests.end2end.xvfb import Xvfb

ROOT = Path(__file__).parent.parent
ON_CI = os.environ.get("CI", "").lower() in ("true", "1")
Server = TypeVar("Server")
SERVERS = ("dovecot", "postfix", "Xvfb")

# Set before any test module imports Qt. WebEngine's sandbox cannot start as root, as tests in containers run.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if hasattr(os, "geteuid") and os.geteuid() == 0:
    os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")


def pytest_configure(config: pytest.Config) -> None:
    """On CI a server that set-up failed to install is an error at once, never a row of skipped tests."""
    # Said by Qt's offscreen and virtual platforms about themselves; no fault of a window.
    config.addinivalue_line("qt_log_ignore", "This plugin does not support")
    config.addinivalue_line("qt_log_ignore", "propagateSizeHints")
    if ON_CI and sys.platform == "linux":
        missing = [name for name in SERVERS if not _installed(name)]
        if missing:
            raise pytest.UsageError(f"set-up left these servers missing: {', '.join(missing)}")


def pytest_sessionfinish() -> None:
    """What a test copied must not outlive Python: the offscreen platform, unlike real ones, keeps it in a
    static variable and would call into Python when the process ends.
    """
    if "PySide6.QtGui" in sys.modules:
        from PySide6.QtGui import QGuiApplication  # noqa: PLC0415 - not every run of the tests needs Qt

        if QGuiApplication.instance() is not None:
            QGuiApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home directory, profile and keyring for each test and for the programs it starts."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("QTMAIL_PROFILE", str(home / "profile"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.fakes.keyrings.FileKeyring")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if (keyring := sys.modules.get("keyring.core")) is not None:
        monkeypatch.setattr(keyring, "_keyring_backend", None)  # it remembers the choice of the test before
    return home


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """The certificate authority of all servers of this session."""
    return trustme.CA()


@pytest.fixture(scope="session")
def dovecot(authority: trustme.CA) -> Iterator[Dovecot]:
    """An IMAP server with everything Dovecot offers; make users with `dovecot.add_user()`."""
    with _or_skip(lambda: Dovecot(authority)) as server:
        yield server


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot, authority: trustme.CA) -> Iterator[Postfix]:
    """An SMTP server that delivers to the users of `dovecot`."""
    if os.geteuid() != 0 and not ON_CI:
        pytest.skip("only root can start Postfix")
    with _or_skip(lambda: Postfix(dovecot, authority)) as server:
        yield server


@pytest.fixture(scope="session")
def xvfb_display() -> Iterator[Xvfb]:
    """An X screen of 1280x800; pass `xvfb_display.environment` to the programs that shall appear on it."""
    with _or_skip(Xvfb) as screen:
        yield screen


def _installed(name: str) -> bool:
    try:
        return bool(program(name))
    except ServerMissing:
        return False


def _or_skip(start: Callable[[], Server]) -> Server:
    """Start a server; where it is not installed, skip the test on a developer's machine and fail it on CI."""
    try:
        return start()
    except ServerMissing as missing:
        if ON_CI:
            raise
        pytest.skip(str(missing))
