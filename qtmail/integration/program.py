"""This program as the desktop sees it: its id, how it came here, and the command that starts it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import Enum, auto
from pathlib import Path

import qtmail

APP_ID = "io.github.qtmail.qtmail"
"""The name of its desktop entry, metainfo, icons and bundle."""

_WINDOWS = os.name == "nt"
_SYSTEM_PLACES = ("/usr", "/opt", "/app", "/snap", "/nix/store", "/gnu/store")
"""Where the packages of a distribution put programs."""
_FLATPAK_INFO = Path("/.flatpak-info")
"""Flatpak puts it into every sandbox (flatpak-metadata(5))."""


class Packaging(Enum):
    """How the program that runs came onto this computer."""

    FLATPAK = auto()
    APPIMAGE = auto()
    SYSTEM = auto()
    """Frozen, and where a distribution's packages are: it comes with a desktop entry of its own."""
    PORTABLE = auto()
    """Frozen, anywhere else: from an archive, a Windows set-up, or as a bundle of macOS."""
    PYTHON = auto()
    """Run by a Python interpreter: installed by pip or pipx, or from its source."""


def packaging() -> Packaging:
    """How this program was packaged."""
    if os.environ.get("FLATPAK_ID") or _FLATPAK_INFO.exists():
        return Packaging.FLATPAK
    if not is_frozen():
        return Packaging.PYTHON
    if _runs_from_appimage():
        return Packaging.APPIMAGE
    program = Path(sys.executable)
    if any(program.is_relative_to(place) for place in _SYSTEM_PLACES):
        return Packaging.SYSTEM
    return Packaging.PORTABLE


def command(*arguments: str) -> list[str]:
    """What starts this program again with these arguments, wherever it runs from.

    Where `working_directory` names one, it works only there.
    """
    return [*_program(), *arguments]


def working_directory() -> Path | None:
    """The directory `command` has to be run in; None: any. Only a source that is not installed needs one."""
    root = Path(qtmail.__file__).parent.parent
    from_source = "-m" in _program() and (root / "pyproject.toml").is_file()
    return root if from_source else None


def is_frozen() -> bool:
    """Whether PyInstaller made one program of the interpreter and qtmail."""
    return bool(getattr(sys, "frozen", False))


def is_program(path: str) -> bool:
    """Whether there is a file of this name, which anybody may have written down."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises OSError for what is too long


def system_environment() -> Mapping[str, str]:
    """The environment for programs of the system: they must not load the libraries that qtmail brings.

    PyInstaller puts these into LD_LIBRARY_PATH, and what was there before into LD_LIBRARY_PATH_ORIG.
    """
    environment = dict(os.environ)
    if is_frozen():
        before = environment.pop("LD_LIBRARY_PATH_ORIG", None)
        environment.pop("LD_LIBRARY_PATH", None)
        if before is not None:
            environment["LD_LIBRARY_PATH"] = before
    return environment


def _program() -> list[str]:
    if is_frozen():
        return [os.environ["APPIMAGE"] if _runs_from_appimage() else _windowed(sys.executable)]
    interpreter = Path(sys.executable)
    if _WINDOWS:
        # The script that pip makes there opens a console; pythonw opens none.
        silent = interpreter.with_name("pythonw.exe")
        return [str(silent if silent.is_file() else interpreter), "-m", "qtmail"]
    script = interpreter.with_name("qtmail")
    return [str(script)] if script.is_file() else [str(interpreter), "-m", "qtmail"]


def _runs_from_appimage() -> bool:
    """Whether this is the AppImage that the environment names, and not a program that another one started."""
    mounted, image = os.environ.get("APPDIR"), os.environ.get("APPIMAGE")
    return bool(mounted and image) and Path(sys.executable).is_relative_to(str(mounted))


def _windowed(program: str) -> str:
    """Beside qtmail-cli.exe, which has a console, lies qtmail.exe, which has none."""
    return program.removesuffix("-cli.exe") + ".exe" if program.endswith("-cli.exe") else program
