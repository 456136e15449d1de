"""Which libraries the frozen program takes from the system, and which Debian packages these come in.

The program brings most of its libraries along. dpkg-shlibdeps(1) says for the others which package has them,
and from which version on every symbol that is used is there.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from installers.packaging import call, tool

_ELF = b"\x7fELF"
_FILE = re.compile(r"^(?P<path>/.*):\s+file format elf", re.MULTILINE)
_NEEDED = re.compile(r"^\s+NEEDED\s+(?P<soname>\S+)$", re.MULTILINE)
_SOURCE = """\
Source: {package}
Maintainer: nobody <nobody@localhost>

Package: {package}
Architecture: any
Description: needed by dpkg-shlibdeps only
"""


def debian_dependencies(tree: Path, package: str) -> list[str]:
    """What must be installed for the program in `tree` to start, as in a Depends field.

    Args:
        tree: what the package installs; has its directory DEBIAN, by which dpkg-shlibdeps knows the top.

    Raises:
        BuildFailed: a library is neither in the tree nor on this system.
    """
    files = sorted(required(needed(elf_files(tree))))
    private = sorted({file.parent.relative_to(tree) for file in files})
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "debian").mkdir()
        (Path(work) / "debian" / "control").write_text(_SOURCE.format(package=package), "utf-8")
        shown = call(
            tool("dpkg-shlibdeps", package="dpkg-dev"),
            "-O",
            "--ignore-missing-info",  # private libraries belong to no package
            "--warnings=0",  # how Qt and others were linked is theirs
            f"-S{tree}",
            *(f"-l/{directory}" for directory in private),  # looked up below the tree, before the system
            *files,
            cwd=Path(work),
        )
    answer = next(line for line in shown.splitlines() if line.startswith("shlibs:Depends="))
    return answer.partition("=")[2].split(", ")


def elf_files(tree: Path) -> list[Path]:
    """The programs and libraries in `tree`; of each file that has several names, one."""
    return [
        file for file in sorted(tree.rglob("*")) if file.is_file() and not file.is_symlink() and _is_elf(file)
    ]


def needed(files: Iterable[Path]) -> dict[Path, set[str]]:
    """For each ELF file the names of the libraries it is linked to (DT_NEEDED)."""
    shown = call(tool("objdump", package="binutils"), "--private-headers", *files)
    starts = [*_FILE.finditer(shown)]
    ends = [start.start() for start in starts[1:]] + [len(shown)]
    return {
        Path(start["path"]): {found["soname"] for found in _NEEDED.finditer(shown, start.end(), end)}
        for start, end in zip(starts, ends, strict=True)
    }


def required(links: Mapping[Path, set[str]]) -> set[Path]:
    """The files without which the program does not start or show its window.

    These are its programs, Python's extension modules, the plugin for X11, and what of the tree they link to.
    Qt's other plugins are for desktops of one kind, and their libraries are there where that desktop is; Qt
    goes on without them.
    """
    providers = {file.name: file for file in links}
    found: set[Path] = set()
    ahead = [file for file in links if _is_start(file)]
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead += [providers[soname] for soname in links[file] if soname in providers]
    return found


def _is_start(file: Path) -> bool:
    plugin = "plugins" in file.parts
    return file.name == "libqxcb.so" if plugin else not file.name.startswith("lib")


def _is_elf(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(len(_ELF)) == _ELF
