"""The checkout's own Python environment, `.venv`: made, and filled with what pyproject.toml asks for.

Only the standard library is used, in what Python 3.8 understands: the Python that starts this may be too old
to run qtmail itself and then only looks for a newer one.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from installers.system_packages import Need, install

OLDEST = (3, 11)
NEWER_NAMES = ("python3.13", "python3.12", "python3.11", "python3.14", "python3")
WINDOWS = platform.system() == "Windows"


class SetupFailed(Exception):
    """Set-up cannot go on; the message says what to do."""


class PythonEnvironment:
    """`.venv` below the checkout.

    Attributes:
        directory: where it lives.
        bin: where its programs are.
        python: its interpreter.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.directory = root / ".venv"
        self.bin = self.directory / ("Scripts" if WINDOWS else "bin")
        self.python = self.bin / ("python.exe" if WINDOWS else "python")
        self._stamp = self.directory / "installed.json"

    def ensure(self, extras: tuple[str, ...]) -> None:
        """Make the environment and install qtmail into it, with these extras, unless that is done already.

        Raises:
            SetupFailed: no suitable Python, or pip failed.
        """
        if not self._works():
            self._make()
        key = self._key()
        done = self._installed(key)
        if done is None or not set(extras) <= done:
            wanted = sorted((done or set()) | set(extras))
            self._pip_install(wanted)
            self._stamp.write_text(json.dumps({"key": key, "extras": wanted}), "utf-8")

    def program(self, name: str) -> str:
        """The path of a program installed in the environment."""
        return str(self.bin / (f"{name}.exe" if WINDOWS else name))

    def _works(self) -> bool:
        """False as well for an environment whose Python a system upgrade took away, or that lacks pip."""
        return self.python.exists() and _succeeds([str(self.python), "-c", "import pip"])

    def _make(self) -> None:
        python = find_python()
        print(f"Making {self.directory.name} with {python}", flush=True)
        if not _succeeds([python, "-m", "venv", "--clear", str(self.directory)]):
            raise SetupFailed(f"{python} -m venv {self.directory} failed; run it to see why.")

    def _pip_install(self, extras: list[str]) -> None:
        print("Installing qtmail and its libraries; the first time this downloads some 300 MB.", flush=True)
        target = f".[{','.join(extras)}]" if extras else "."
        command = [str(self.python), "-m", "pip", "install", "--quiet", "--editable", target]
        if subprocess.run(command, cwd=self._root, check=False).returncode != 0:
            raise SetupFailed("pip could not install the libraries; its message is above.")

    def _key(self) -> str:
        """What the installation depends on: the declared requirements, the Python and the place."""
        declared = (self._root / "pyproject.toml").read_bytes()
        python = (self.directory / "pyvenv.cfg").read_bytes()
        return hashlib.sha256(declared + python + str(self._root).encode()).hexdigest()

    def _installed(self, key: str) -> set[str] | None:
        """The extras that are installed; None: nothing is, or what is there is out of date."""
        try:
            stamp = json.loads(self._stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return set(stamp["extras"]) if stamp.get("key") == key else None


def find_python() -> str:
    """A Python that is new enough and can make environments; installs the missing half where it may.

    Raises:
        SetupFailed: there is none.
    """
    candidates = [sys.executable, *filter(None, map(shutil.which, NEWER_NAMES))]
    suitable = [python for python in candidates if _version(python) >= OLDEST]
    for python in suitable:
        if _succeeds([python, "-c", "import ensurepip, venv"]):
            return python
    if suitable and _install_venv(suitable[0]):
        return suitable[0]
    if suitable:
        raise SetupFailed(f"{suitable[0]} cannot make virtual environments.")
    raise SetupFailed(_advice_for_old_python())


def _install_venv(python: str) -> bool:
    """Debian and Ubuntu ship `venv` apart from Python."""
    version = "{}.{}".format(*_version(python))
    names = (f"python{version}-venv", "python3-venv")
    works = [python, "-c", "import ensurepip, venv"]
    return install([Need("Python's venv module", lambda: _succeeds(works), names, "python3")])


def _advice_for_old_python() -> str:
    needed = ".".join(map(str, OLDEST))
    line = {
        "Darwin": "brew install python@3.13",
        "Windows": "winget install Python.Python.3.13",
    }.get(platform.system(), "sudo apt-get install --yes python3.11 python3.11-venv")
    return f"qtmail needs Python {needed} or newer; this is {sys.version.split()[0]}. Try: {line}"


def _version(python: str) -> tuple[int, ...]:
    shown = subprocess.run(
        [python, "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tuple(map(int, shown.stdout.split())) if shown.returncode == 0 else (0, 0)


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
