"""The wheel brings the resources and not the tests, and runs where it is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import qtmail
from installers.packaging import ROOT, call
from installers.wheel import build_sdist, build_wheel

ON_CI = os.environ.get("CI", "").lower() in ("true", "1")
VERSION = qtmail.__version__
INFO = f"qtmail-{VERSION}.dist-info"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None and not ON_CI,
    reason="not installed: hatchling, from the extra “packages”",
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of the checkout, with one test in place of all."""
    directory = tmp_path_factory.mktemp("source")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("qtmail", "resources", "installers"):
        shutil.copytree(ROOT / name, directory / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "Makefile", ".gitignore"):
        shutil.copy(ROOT / name, directory)
    (directory / "tests").mkdir()
    (directory / "tests/test_nothing.py").write_text("")
    return directory


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"), source=source)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_the_package_and_all_it_reads_at_run_time(wheel: Path, source: Path) -> None:
    names = set(contents(wheel))
    modules = {str(path.relative_to(source)) for path in (source / "qtmail").rglob("*.py")}
    resources = {
        f"qtmail/{path.relative_to(source)}"
        for path in (source / "resources").rglob("*")
        if path.is_file() and "screenshots" not in path.parts
    }
    assert modules | resources <= names


def test_it_holds_nothing_else(wheel: Path) -> None:
    assert {name.partition("/")[0] for name in contents(wheel)} == {"qtmail", INFO}
    assert not [name for name in contents(wheel) if "screenshots" in name or name.endswith(".pyc")]


def test_it_says_how_it_is_started_what_it_needs_and_what_one_may_do_with_it(wheel: Path) -> None:
    held = contents(wheel)
    assert held[f"{INFO}/entry_points.txt"].decode() == "[console_scripts]\nqtmail = qtmail.__main__:main\n"
    assert held[f"{INFO}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    metadata = held[f"{INFO}/METADATA"].decode().splitlines()
    assert {f"Version: {VERSION}", "License-Expression: Apache-2.0"} <= set(metadata)
    assert [line for line in metadata if line.startswith("Requires-Dist: pyside6")]


def test_the_archive_of_the_sources_gives_the_same_wheel(wheel: Path, source: Path, tmp_path: Path) -> None:
    with tarfile.open(build_sdist(tmp_path, source=source)) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / f"qtmail-{VERSION}"
    assert (unpacked / "installers/wheel.py").is_file()
    assert (unpacked / "tests/test_nothing.py").is_file()
    again = build_wheel(tmp_path / "again", source=unpacked)
    assert contents(again) == contents(wheel)


def test_installed_it_starts_and_finds_its_resources(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", place)
    call(*pip, wheel)
    ask = "from qtmail.paths import resource; print(resource('providers.json'))"

    def run(*words: str) -> str:
        return call(sys.executable, *words, cwd=tmp_path, extra={"PYTHONPATH": str(place)}).strip()

    assert run("-m", "qtmail", "--version") == f"qtmail {VERSION}"
    found = Path(run("-c", ask))
    assert found == place / "qtmail/resources/providers.json"
    assert found.is_file()
