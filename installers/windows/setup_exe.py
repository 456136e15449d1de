"""The set-up program for Windows, made by NSIS from qtmail.nsi, and the same tree as a zip file.

NSIS runs on Linux too, so a tree that was frozen on Windows can be packaged on either.
"""

from __future__ import annotations

import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from installers.icons import draw, write_ico
from installers.packaging import (
    HOMEPAGE,
    NAME,
    ROOT,
    SUMMARY,
    VERSION,
    BuildFailed,
    build_time,
    call,
    tool,
)
from installers.windows.signing import sign, sign_command
from installers.windows.version_info import (
    CONSOLE_PROGRAM,
    PUBLISHER,
    WINDOW_PROGRAM,
    version_numbers,
)
from qtmail.integration.program import APP_ID

SCRIPT = Path(__file__).with_name("qtmail.nsi")
LICENCE_FILE = ROOT / "LICENSE"
LICENCE_NAME = "LICENSE.txt"
"""What the licence is called beside the programs."""
NATIVE, WIDESPREAD = "amd64-unicode", "x86-unicode"
"""Kinds of set-up program. All do the same; the first is in Debian's NSIS, but not in the one for Windows."""
_KIB = 1024


def build_setup(frozen: Path, output: Path, *, target: str | None = None) -> Path:
    """Make qtmail-VERSION-setup.exe in `output` and return its path; signs it and the programs in `frozen`.

    Args:
        target: NATIVE or WIDESPREAD; None: the best this machine's NSIS has.

    Raises:
        BuildFailed: the tree is not one of Windows, NSIS is missing, or it or the signing failed.
    """
    require_windows_tree(frozen)
    makensis = tool("makensis", package="nsis")
    for name in (WINDOW_PROGRAM, CONSOLE_PROGRAM):
        sign(frozen / name)
    output.mkdir(parents=True, exist_ok=True)
    setup = output.resolve() / f"{NAME}-{VERSION}-setup.exe"
    with tempfile.TemporaryDirectory() as directory:
        defined = _definitions(frozen.resolve(), Path(directory), setup)
        defined["TARGET"] = target or best_target(makensis)
        # -WX: a warning is an error; -V2: say nothing else.
        words = [f"-D{name}={value}" for name, value in defined.items()]
        call(
            makensis, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *words, SCRIPT,
            extra={"SOURCE_DATE_EPOCH": str(build_time())},
        )  # fmt: skip
    return setup


def build_zip(frozen: Path, output: Path) -> Path:
    """Pack the tree as qtmail-VERSION-windows.zip, for those who must not or will not run a set-up.

    Raises:
        BuildFailed: the tree is not one of Windows.
    """
    require_windows_tree(frozen)
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{NAME}-{VERSION}-windows.zip"
    when = time.gmtime(build_time())[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, file in [(LICENCE_NAME, LICENCE_FILE), *_files(frozen)]:
            entry = zipfile.ZipInfo(f"{NAME}-{VERSION}/{name}", when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return path


def require_windows_tree(frozen: Path) -> None:
    """Raise BuildFailed unless this is the frozen program of Windows."""
    missing = [
        name for name in (WINDOW_PROGRAM, CONSOLE_PROGRAM, "_internal") if not (frozen / name).exists()
    ]
    if missing:
        raise BuildFailed(f"“{frozen}” is not qtmail frozen on Windows: {', '.join(missing)} is missing.")


def file_list(frozen: Path) -> str:
    """What the set-up installs and the uninstaller deletes, in the format that tree.nsh describes."""
    names = [LICENCE_NAME, *(name for name, _file in _files(frozen))]
    folders = {parent for name in names for parent in Path(name).parents if parent.parts}
    deepest_first = sorted(folders, key=lambda folder: (-len(folder.parts), folder))
    lines = [*names, *(f"{folder.as_posix()}/" for folder in deepest_first)]
    return "".join(line.replace("/", "\\") + "\n" for line in lines)


def best_target(makensis: str) -> str:
    """NATIVE if this NSIS can make it, else WIDESPREAD."""
    symbols = call(makensis, "-HDRINFO").replace("\n", ",").split(",")
    directory = next((word.partition("=")[2] for word in symbols if word.startswith("NSISDIR=")), "")
    stub = Path(directory, "Stubs", f"lzma-{NATIVE}")
    return NATIVE if directory and stub.is_file() else WIDESPREAD


def _definitions(frozen: Path, work: Path, setup: Path) -> dict[str, str]:
    """The values qtmail.nsi is compiled with; writes the files among them into `work`."""
    files = work / "files.txt"
    files.write_bytes(file_list(frozen).encode("utf-16-le"))
    values = {
        "VERSION": VERSION,
        "NUMBERS": ".".join(map(str, version_numbers())),
        "TREE": str(frozen),
        "FILES": str(files),
        "SIZE": str(sum(file.stat().st_size for _name, file in _files(frozen)) // _KIB),
        "OUTPUT": str(setup),
        "ICON": str(write_ico(work / f"{NAME}.ico")),
        "PICTURE": str(_write_picture(work / "side.bmp")),
        "APP_ID": APP_ID,
        "PUBLISHER": PUBLISHER,
        "SUMMARY": SUMMARY,
        "HOMEPAGE": HOMEPAGE,
        "LICENCE": str(LICENCE_FILE),
    }
    if (command := sign_command()) is not None:
        values["SIGN"] = command
    for made in work.iterdir():
        os.utime(made, (build_time(), build_time()))  # NSIS packs the times of files too
    return values


def _write_picture(path: Path) -> Path:
    """The picture beside the last page, in the size that NSIS has for it."""
    picture = Image.new("RGB", (164, 314), "white")
    icon = draw(96)
    picture.paste(icon, (34, 34), icon)
    picture.save(path)
    return path


def _files(frozen: Path) -> Iterator[tuple[str, Path]]:
    """Every file of the tree: its path below it, with "/", and where it is; in the order of the paths."""
    for path in sorted(frozen.rglob("*")):
        if path.is_file():
            yield path.relative_to(frozen).as_posix(), path
