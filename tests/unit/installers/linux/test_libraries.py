"""Which of the libraries a program is linked to it brings along, and which the system must have."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from installers.linux.libraries import debian_dependencies, elf_files, needed, required
from installers.packaging import BuildFailed
from tests.unit.installers.tools import needs


def paths(*names: str) -> dict[str, Path]:
    return {Path(name).name: Path("/lib/qtmail") / name for name in names}


def test_what_the_program_is_linked_to_is_required_with_what_that_needs() -> None:
    of = paths("qtmail", "libA.so.1", "libB.so.2", "libUnused.so.3")
    links = {
        of["qtmail"]: {"libA.so.1", "libc.so.6"},
        of["libA.so.1"]: {"libB.so.2"},
        of["libB.so.2"]: {"libA.so.1"},
        of["libUnused.so.3"]: {"libgone.so.1"},
    }
    assert required(links) == {of["qtmail"], of["libA.so.1"], of["libB.so.2"]}


def test_of_the_plugins_only_the_one_for_x11_is_required() -> None:
    of = paths(
        "qtmail", "PySide6/QtCore.abi3.so", "plugins/platforms/libqxcb.so", "plugins/themes/libqgtk3.so"
    )
    links = {path: {"libc.so.6"} for path in of.values()}
    assert required(links) == {of["qtmail"], of["QtCore.abi3.so"], of["libqxcb.so"]}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package's tree with one real extension module."""
    inside = tmp_path / "tree/usr/lib/qtmail"
    inside.mkdir(parents=True)
    (tmp_path / "tree/DEBIAN").mkdir()
    shutil.copy(next(Path(sys.prefix).rglob("nh3*.so")), inside / "nh3.abi3.so")
    (inside / "notes.txt").write_text("no program", "utf-8")
    (inside / "nh3.so").symlink_to("nh3.abi3.so")
    return tmp_path / "tree"


@needs("objdump")
def test_links_are_read_from_real_files(tree: Path) -> None:
    links = needed(elf_files(tree))
    assert [path.name for path in links] == ["nh3.abi3.so"]
    assert "libc.so.6" in next(iter(links.values()))


@needs("dpkg-shlibdeps", "objdump")
def test_libraries_of_the_system_become_dependencies(tree: Path) -> None:
    names = [dependency.split()[0] for dependency in debian_dependencies(tree, "qtmail")]
    assert "libc6" in names and "libgcc-s1" in names


@needs("dpkg-shlibdeps", "objdump")
def test_libraries_the_package_brings_along_do_not(tree: Path) -> None:
    for library in Path("/lib").glob("*-linux-gnu/libgcc_s.so.1"):
        shutil.copy(library, tree / "usr/lib/qtmail" / library.name)
    names = [dependency.split()[0] for dependency in debian_dependencies(tree, "qtmail")]
    assert "libc6" in names and "libgcc-s1" not in names


@needs("dpkg-shlibdeps", "objdump")
def test_a_library_that_is_nowhere_is_a_fault(tree: Path) -> None:
    module = tree / "usr/lib/qtmail/nh3.abi3.so"
    content = module.read_bytes()
    module.write_bytes(content.replace(b"libgcc_s.so.1\0", b"libgone.so.1\0\0", 1))
    with pytest.raises(BuildFailed, match="libgone"):
        debian_dependencies(tree, "qtmail")
