"""The package for Fedora, openSUSE and their relatives. `rpmbuild` makes it, on Debian as well."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from installers.linux.libraries import elf_files, needed, required
from installers.linux.tree import stage
from installers.packaging import (
    HOMEPAGE,
    LICENCE,
    MAINTAINER,
    NAME,
    SUMMARY,
    VERSION,
    build_time,
    call,
    machine,
    tool,
)
from qtmail.integration.program import APP_ID

RECIPE = Path(__file__).parent / "rpm" / "qtmail.spec"
PROGRAM = f"/usr/lib/{NAME}"
_COMPRESSION = "w19T0.zstdio"
"""Zstandard at level 19, as Fedora has it: 7 % larger than xz, as long to make, far faster to unpack."""
_LIBRARY = re.compile(r".+\.so(\.[0-9.]+)?")


def build_rpm(frozen: Path, output: Path, *, version: str = VERSION) -> Path:
    """Pack the frozen program into `output`. The same input gives the same bytes (`build_time`).

    Returns:
        The package.

    Raises:
        BuildFailed: rpmbuild is missing, or failed.
    """
    rpmbuild = tool("rpmbuild", package="rpm")
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        staged = work / "staged"
        stage(frozen, staged)
        definitions = _definitions(work, staged, version)
        options = [word for item in definitions.items() for word in ("--define", " ".join(item))]
        epoch = {"SOURCE_DATE_EPOCH": str(build_time())}
        call(rpmbuild, "-bb", "--target", machine(), *options, RECIPE, cwd=work, extra=epoch)
        made = next((work / "RPMS").rglob("*.rpm"))
        output.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(made, output / made.name))


def _definitions(work: Path, staged: Path, version: str) -> dict[str, str]:
    """What the recipe has to be told: the facts about this version, and about the tree."""
    return {
        "_topdir": str(work),
        "_binary_payload": _COMPRESSION,
        "staged": str(staged),
        "program": PROGRAM,
        "private_libraries": _any_of(_private_libraries(staged)),
        "optional_files": _any_of(_optional_files(staged)),
        "app_id": APP_ID,
        "name_": NAME,
        "version_": version,
        "summary_": SUMMARY,
        "licence": LICENCE,
        "homepage": HOMEPAGE,
        "maintainer": MAINTAINER,
    }


def _private_libraries(staged: Path) -> list[str]:
    """The names of all shared libraries in the tree, sorted: the program finds these by itself."""
    return sorted({path.name for path in staged.rglob("*.so*") if _LIBRARY.fullmatch(path.name)})


def _optional_files(staged: Path) -> list[str]:
    """Where the ELF files will be installed that the program starts and shows its window without, sorted."""
    files = elf_files(staged)
    return sorted(f"/{path.relative_to(staged)}" for path in {*files} - required(needed(files)))


def _any_of(words: list[str]) -> str:
    """An alternative in rpm's regular expressions, which are POSIX's extended ones."""
    return f"({'|'.join(map(re.escape, words))})"
