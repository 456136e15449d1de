"""A directory that rpm takes for a system of its own, with an empty database of packages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]


class RpmRoot:
    """Install, upgrade and erase packages there; what they depend on is not asked for.

    Attributes:
        directory: the root of that system.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()

    @staticmethod
    def possible() -> bool:
        """rpm changes its root, which takes root's rights or a namespace where one has them."""
        return subprocess.run([*_AS_ROOT, "true"], capture_output=True, check=False).returncode == 0

    def change(self, *arguments: str | Path) -> None:
        """Run rpm with such as `--install`, `--upgrade`, `--erase`."""
        self._rpm("--nodeps", "--noscripts", *arguments)

    def packages(self) -> list[str]:
        """What is installed, as NAME-VERSION-RELEASE.ARCHITECTURE."""
        return self._rpm("--query", "--all").split()

    def files(self) -> set[str]:
        """Every file and directory but rpm's own."""
        below = (path.relative_to(self.directory) for path in self.directory.rglob("*"))
        return {f"/{path}" for path in below if path.parts[0] != "database"}

    def _rpm(self, *arguments: str | Path) -> str:
        places = ("--root", self.directory, "--dbpath", "/database")
        command = [*_AS_ROOT, "rpm", *places, *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
