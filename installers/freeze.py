"""Freezes qtmail with PyInstaller: a folder with the program and all it needs, for systems without Python."""

from __future__ import annotations

import hashlib
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from filelock import FileLock

from installers.packaging import NAME, ROOT, call, tool

FROZEN = ROOT / "build" / "frozen"
"""Where the frozen program is kept that the packages are made from."""

_SPEC = ROOT / "installers" / "qtmail.spec"
_RULES = ("freeze*.py", "frozen_*.py", "qtmail.spec", "windows/version_info.py", "macos/app.py")


def freeze(work: Path) -> Path:
    """Freeze this checkout into `work`/qtmail, on macOS `work`/qtmail.app, in place of what is there.

    Raises:
        BuildFailed: PyInstaller is not installed, or did not succeed.
    """
    directories = ["--distpath", str(work), "--workpath", str(work / "pyinstaller")]
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *directories]
    # Sets keep their order, and so do the modules in the archive, from one build to the next.
    call(*command, str(_SPEC), cwd=ROOT, extra={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"})
    shutil.rmtree(work / "pyinstaller")
    if sys.platform == "linux":
        inside = work / NAME / "_internal"
        _strip_python(inside)
        # Chromium makes it where it may, as for root, and no package would take away what it did not bring.
        (inside / "PySide6" / "Qt" / "resources" / "locales").mkdir()
    return _frozen_in(work)


def frozen_program(directory: Path = FROZEN) -> Path:
    """What `freeze` made in `directory`; made again only if something that goes into it has changed.

    Several processes may ask at once: one freezes, the others wait for it.

    Raises:
        BuildFailed: as `freeze`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    stamp = directory / "made-from"
    with FileLock(directory / "lock"):
        now = fingerprint()
        if not stamp.exists() or stamp.read_text("ascii") != now:
            stamp.unlink(missing_ok=True)
            freeze(directory)
            stamp.write_text(now, "ascii")
    return _frozen_in(directory)


def console_program(frozen: Path) -> Path:
    """The program in a frozen tree that prints to the terminal it is called from."""
    if sys.platform == "win32":
        return frozen / f"{NAME}-cli.exe"
    return frozen / "Contents" / "MacOS" / NAME if frozen.suffix == ".app" else frozen / NAME


def fingerprint(root: Path = ROOT) -> str:
    """A digest of all that goes into the frozen program: sources, rules, libraries, Python."""
    digest = hashlib.sha256(f"{platform.platform()} {sys.version}".encode())
    for installed in sorted(f"{one.name} {one.version}" for one in distributions()):
        digest.update(installed.encode())
    for path in _files(root):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for tree in (root / NAME, root / "resources"):
        yield from sorted(
            path for path in tree.rglob("*") if path.is_file() and path.parent.name != "__pycache__"
        )
    for pattern in _RULES:
        yield from sorted((root / "installers").glob(pattern))


def _frozen_in(directory: Path) -> Path:
    return directory / (f"{NAME}.app" if sys.platform == "darwin" else NAME)


def _strip_python(inside: Path) -> None:
    """Take the symbols for debuggers out of Python, 25 MB where it was not a distribution that built it.

    Only there: the other libraries come stripped, and some of them would be damaged, because they have been
    edited after they were linked.
    """
    python = [*inside.glob("libpython3*"), *inside.glob("python3*/lib-dynload/*.so")]
    call(tool("strip", package="binutils"), "--strip-unneeded", *python)
