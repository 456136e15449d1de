"""A Windows of its own for a test: a Wine prefix in which programs run, with its files and its registry."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from types import TracebackType

from tests.end2end.processes import ServerFailed, program

LIMIT = 120.0
"""Seconds a program may run."""
_KEY = re.compile(r"^\[(.*?)\] ?\d*$")
_VALUE = re.compile(r'^(?:@|"((?:[^"\\]|\\.)*)")=(.*)$')
_ESCAPED = re.compile(r"\\x([0-9a-f]{1,4})|\\(.)")
_HIVES = {"HKCU": "user.reg", "HKLM": "system.reg"}


class Wine:
    """A fresh Windows 10; use it as a context manager.

    Attributes:
        home: the user's directory in it, as a Windows path.
    """

    LOADERS = ("wine64", "/usr/lib/wine/wine64")
    """Debian's is on the search path only if the package wine is installed too."""

    def __init__(self, prefix: Path) -> None:
        """Make it; takes some seconds.

        Raises:
            ServerMissing: Wine is not installed.
            ServerFailed: it did not get ready.
        """
        self._prefix = prefix
        self._loader = program(*self.LOADERS)
        self._server = program("wineserver", "/usr/lib/wine/wineserver")
        if self.run("wineboot", "-i") != 0:
            raise ServerFailed("Wine did not get ready")
        self.pretend("win10")
        self.wait_for_all()
        self._hives = {path: path.read_bytes() for path in prefix.glob("*.reg")}
        self._paths = self._outside_windows()
        user = next(path.name for path in self.path(r"C:\users").iterdir() if path.name != "Public")
        self.home = rf"C:\users\{user}"

    def __enter__(self) -> Wine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End whatever still runs in it, and give its 700 MB back."""
        self._control("-k")
        shutil.rmtree(self._prefix, ignore_errors=True)

    def reset(self) -> None:
        """As it was when it was fresh, in a fraction of the time a new one takes."""
        self._control("-k")
        self.wait_for_all()
        for path in sorted(
            self._outside_windows() - self._paths, reverse=True
        ):  # what is in a folder comes first
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        for path, content in self._hives.items():
            path.write_bytes(content)

    def pretend(self, version: str) -> None:
        """Say to be this Windows: win7, win10."""
        self.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", version, "/f")

    def run(self, *command: str | Path, extra: Mapping[str, str] | None = None) -> int:
        """Run a program to its end; the lower eight bits of its exit status."""
        return self.start(*command, extra=extra).wait(LIMIT)

    def start(self, *command: str | Path, extra: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a program with these variables added to its environment."""
        return subprocess.Popen(
            [self._loader, *map(str, command)],
            env=self._environment(extra or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_for_all(self) -> None:
        """Return when no program runs any more, and the registry is on the disk."""
        self._control("-w")

    def path(self, name: str) -> Path:
        """Where the file of this Windows name is: "C:\\users"."""
        drive, *parts = PureWindowsPath(name).parts
        assert drive.lower() == "c:\\"
        return self._prefix.joinpath("drive_c", *parts)

    def files(self) -> set[str]:
        """Every file that does not belong to Windows itself, as a path below drive C:."""
        drive = self._prefix / "drive_c"
        paths = (path.relative_to(drive) for path in self._outside_windows() if path.is_file())
        return {path.as_posix() for path in paths if "Temp" not in path.parts}

    def registry(self, hive: str) -> dict[str, dict[str, str]]:
        """The values of every key of HKCU or HKLM by name, "" for the default one, after `wait_for_all`.

        Text is as it was written, other kinds as Wine keeps them: "dword:00000001".
        """
        keys: dict[str, dict[str, str]] = {}
        values: dict[str, str] = {}
        for line in (self._prefix / _HIVES[hive]).read_text("ascii").splitlines():
            if found := _KEY.match(line):
                values = keys.setdefault(_plain(found[1]), {})
            elif found := _VALUE.match(line):
                text = found[2]
                values[_plain(found[1] or "")] = _plain(text[1:-1]) if text.startswith('"') else text
        return keys

    def _outside_windows(self) -> set[Path]:
        tops = [path for path in (self._prefix / "drive_c").iterdir() if path.name != "windows"]
        return {*tops, *(path for top in tops for path in top.rglob("*"))}

    def _control(self, option: str) -> None:
        subprocess.run([self._server, option], env=self._environment({}), check=False, timeout=LIMIT)

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Without a screen, and without what would write into the menus of the system below."""
        kept = {
            name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
        }
        return kept | {
            "WINEPREFIX": str(self._prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
            **extra,
        }


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)
