"""The package for Fedora and its relatives, as rpm itself reads, installs and removes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from installers.linux.rpm import build_rpm
from installers.packaging import call
from tests.fakes.frozen_program import make_frozen
from tests.fakes.rpm_root import RpmRoot
from tests.unit.installers.tools import needs

pytestmark = needs("rpm", "rpmbuild")
OWN_DIRECTORIES = {"/usr/lib/qtmail", "/usr/share/doc/qtmail"}


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    return make_frozen(tmp_path / "frozen")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("package")
    return build_rpm(make_frozen(directory), directory)


@pytest.fixture
def root(tmp_path: Path) -> RpmRoot:
    if not RpmRoot.possible():
        pytest.skip("this user may not change the root of a program")
    return RpmRoot(tmp_path / "root")


def query(package: Path, *arguments: str) -> list[str]:
    return call("rpm", "-qp", *arguments, package).splitlines()


def test_the_system_is_asked_for_what_the_program_does_not_bring(frozen: Path, tmp_path: Path) -> None:
    needs_libgcc = query(build_rpm(frozen, tmp_path), "--requires")
    assert "libc.so.6()(64bit)" in needs_libgcc
    assert "libgcc_s.so.1()(64bit)" in needs_libgcc
    shutil.copy(next((frozen / "_internal").glob("nh3*.so")), frozen / "_internal" / "libgcc_s.so.1")
    brings_libgcc = query(build_rpm(frozen, tmp_path), "--requires")
    assert "libc.so.6()(64bit)" in brings_libgcc
    assert not [name for name in brings_libgcc if name.startswith("libgcc")]


def test_what_only_a_plugin_needs_is_not_asked_for(frozen: Path, tmp_path: Path) -> None:
    plugins = frozen / "_internal/PySide6/Qt/plugins/platformthemes"
    plugins.mkdir(parents=True)
    extension = next((frozen / "_internal").glob("nh3*.so"))
    extension.rename(plugins / "libqgtk3.so")
    required = query(build_rpm(frozen, tmp_path), "--requires")
    assert "shared-mime-info" in required
    assert not [name for name in required if name.startswith("lib")]


def test_nobody_else_gets_the_libraries_of_the_program(package: Path) -> None:
    provided = query(package, "--provides")
    assert not [name for name in provided if ".so" in name]
    assert "mimehandler(x-scheme-handler/mailto)" in provided


def test_it_runs_no_scripts(package: Path) -> None:
    assert query(package, "--scripts", "--triggers") == []


def test_it_owns_no_directory_of_the_system(package: Path) -> None:
    shown = query(package, "--queryformat", "[%{FILENAMES} %{FILEMODES:perms}\n]")
    directories = {line.split()[0] for line in shown if line.split()[1].startswith("d")}
    assert not [name for name in directories if not any(name.startswith(own) for own in OWN_DIRECTORIES)]


def test_the_program_comes_out_as_it_went_in(frozen: Path, tmp_path: Path, root: RpmRoot) -> None:
    root.change("--install", build_rpm(frozen, tmp_path))
    installed = root.directory / "usr/lib/qtmail"
    for path in filter(Path.is_file, frozen.rglob("*")):
        assert (installed / path.relative_to(frozen)).read_bytes() == path.read_bytes()
    assert (root.directory / "usr/bin/qtmail").resolve() == installed / "qtmail"


def test_installed_upgraded_and_removed_it_leaves_nothing(
    frozen: Path, tmp_path: Path, root: RpmRoot
) -> None:
    old, new = (
        "/usr/lib/qtmail/_internal/qtmail/resources/providers.json",
        "/usr/lib/qtmail/_internal/new.txt",
    )
    root.change("--install", build_rpm(frozen, tmp_path, version="0.0.9"))
    assert old in root.files()
    (frozen / "_internal/new.txt").write_text("new")
    (frozen / "_internal/qtmail/resources/providers.json").unlink()
    package = build_rpm(frozen, tmp_path)
    root.change("--upgrade", package)
    assert root.packages() == [package.stem]
    assert new in root.files() and old not in root.files()
    root.change("--erase", "qtmail")
    assert root.packages() == []
    assert not [name for name in root.files() if "qtmail" in name or (root.directory / name[1:]).is_file()]


def test_the_same_program_gives_the_same_package(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first = build_rpm(frozen, tmp_path / "1").read_bytes()
    assert first == build_rpm(make_frozen(tmp_path / "another day"), tmp_path / "2").read_bytes()
