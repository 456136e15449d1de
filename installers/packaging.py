"""What all packages have in common: the facts about this version, and how other programs are called."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import qtmail

ROOT = Path(__file__).resolve().parent.parent
NAME = "qtmail"
VERSION = qtmail.__version__
SUMMARY = "A desktop mail client you can trust with your mail"
HOMEPAGE = "https://github.com/qtmail/qtmail"
MAINTAINER = "The qtmail authors <qtmail@users.noreply.github.com>"
LICENCE = "Apache-2.0"

_LINES_OF_A_FAILURE = 30


class BuildFailed(Exception):
    """A package could not be made; the message says which step failed, and why."""


def tool(name: str, *, package: str = "") -> str:
    """The path of a program; `package` is what Debian calls its package, where that differs.

    Raises:
        BuildFailed: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise BuildFailed(f"{name} is missing; on Debian it comes with the package {package or name}.")
    return found


def call(*command: str | Path, cwd: Path | None = None, extra: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed.

    Args:
        extra: variables added to the environment.

    Raises:
        BuildFailed: it did not succeed; with the end of what it printed.
    """
    words = [str(word) for word in command]
    environment = {**os.environ, **(extra or {})}
    done = subprocess.run(
        words,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        end = "\n".join(done.stdout.splitlines()[-_LINES_OF_A_FAILURE:])
        raise BuildFailed(f"{Path(words[0]).name} failed ({done.returncode}):\n{end}")
    return done.stdout


def machine() -> str:
    """The processor's name as file names of packages have it: x86_64, aarch64."""
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())


def build_time() -> int:
    """Seconds since 1970 that files in packages bear; `SOURCE_DATE_EPOCH` makes builds repeatable."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
