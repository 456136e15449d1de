"""The Flatpak's recipe says what it should, and names all that it needs. (To build it takes a network.)"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

import qtmail
from installers.linux.flatpak import RECIPE, build_flatpak, install_desktop_files
from installers.linux.flatpak_packages import ARCHITECTURES, Wheel, module, requirements
from installers.packaging import ROOT, BuildFailed, call
from qtmail.integration.program import APP_ID
from tests.unit.installers.tools import needs

NEVER = ("--filesystem", "--socket=session-bus", "--socket=system-bus", "--device=all", "--own-name")
INDEX = "https://files.pythonhosted.org/packages/"
PURE = Wheel(f"{INDEX}pure-1-py3-none-any.whl", "0" * 64)
INTEL = Wheel(f"{INDEX}fast-1-cp313-cp313-manylinux_2_28_x86_64.whl", "1" * 64)
ARM = Wheel(f"{INDEX}fast-1-cp313-cp313-manylinux_2_28_aarch64.whl", "2" * 64)


@pytest.fixture
def manifest(tmp_path: Path) -> dict[str, Any]:
    """The recipe as flatpak-builder understands it."""
    found: dict[str, Any] = json.loads(call("flatpak-builder", "--show-manifest", RECIPE, cwd=tmp_path))
    return found


def locked(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECIPE.parent / f"{name}.json").read_text("utf-8"))
    return found


def wheel_names(packages: dict[str, Any]) -> list[str]:
    return [source["url"].rpartition("/")[2] for source in packages["sources"]]


@pytest.mark.proof
@needs("flatpak-builder")
def test_flatpak_builder_understands_the_recipe(manifest: dict[str, Any]) -> None:
    assert manifest["id"] == APP_ID
    assert manifest["runtime-version"] == manifest["base-version"]
    assert [part["name"] for part in manifest["modules"]] == ["python-packages", "build-packages", "qtmail"]


@pytest.mark.proof
@needs("flatpak-builder")
def test_it_does_not_see_the_users_files(manifest: dict[str, Any]) -> None:
    assert not [word for word in manifest["finish-args"] if word.startswith(NEVER)]


@pytest.mark.proof
@needs("flatpak-builder")
def test_chromiums_sandbox_stays_on(manifest: dict[str, Any]) -> None:
    assert "SANDBOX" not in json.dumps(manifest).upper()
    assert manifest["base"] == "io.qt.PySide.BaseApp"


@pytest.mark.proof
@needs("flatpak-builder")
def test_the_source_is_the_checkout_without_what_was_built_in_it(manifest: dict[str, Any]) -> None:
    source = manifest["modules"][-1]["sources"][0]
    assert (RECIPE.parent / source["path"]).resolve() == ROOT
    assert {".git", ".venv", "build", "dist"} <= set(source["skip"])


def test_every_package_that_is_asked_for_is_named_in_a_version_that_fits() -> None:
    parsed = [parse_wheel_filename(name) for name in wheel_names(locked("python-packages"))]
    versions = {name: version for name, version, _, _ in parsed}
    for line in requirements():
        wanted = Requirement(line)
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), line


def test_the_base_application_alone_brings_qt() -> None:
    names = [name.lower() for name in wheel_names(locked("python-packages"))]
    assert not [name for name in names if name.startswith(("pyside6", "shiboken6"))]


@pytest.mark.parametrize("name", ["python-packages", "build-packages"])
def test_every_source_is_of_the_public_index_and_has_a_checksum(name: str) -> None:
    for source in locked(name)["sources"]:
        assert source["url"].startswith(INDEX)
        assert re.fullmatch("[0-9a-f]{64}", source["sha256"])


def test_both_processors_get_the_same_packages() -> None:
    packages: dict[str, set[str]] = {architecture: set() for architecture in ARCHITECTURES}
    for source in locked("python-packages")["sources"]:
        name, version, _, _ = parse_wheel_filename(source["url"].rpartition("/")[2])
        for architecture in source.get("only-arches", ARCHITECTURES):
            packages[architecture].add(f"{name} {version}")
    assert packages["x86_64"] == packages["aarch64"]


def test_throwing_the_build_tools_away_takes_nothing_the_program_needs() -> None:
    tools = locked("build-packages")
    assert tools["cleanup"] == ["*"]
    assert not set(wheel_names(tools)) & set(wheel_names(locked("python-packages")))


def test_a_wheel_for_one_processor_is_fetched_for_that_one() -> None:
    made = module("some", {"x86_64": [PURE, INTEL], "aarch64": [PURE, ARM]})
    fetched = {source["url"]: source.get("only-arches") for source in made["sources"]}
    assert fetched == {PURE.url: None, INTEL.url: ["x86_64"], ARM.url: ["aarch64"]}


@needs("appstreamcli", "desktop-file-validate")
def test_what_a_desktop_looks_for_is_installed(tmp_path: Path) -> None:
    install_desktop_files(tmp_path / "usr")
    call("appstreamcli", "validate-tree", "--no-net", tmp_path)
    call("desktop-file-validate", tmp_path / f"usr/share/applications/{APP_ID}.desktop")
    # Flatpak exports only what bears the name of the application.
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert not [name for name in names if not name.startswith(APP_ID)]


def test_the_module_that_the_recipe_calls_starts(tmp_path: Path) -> None:
    call(sys.executable, "-m", "installers.linux.flatpak", tmp_path, cwd=ROOT)
    assert (tmp_path / "share/applications" / f"{APP_ID}.desktop").is_file()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory at the front of the search path."""
    directory = tmp_path / "programs"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    return directory


def put_program(directory: Path, name: str, script: str) -> None:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_bundle_is_named_for_version_and_processor(programs: Path, tmp_path: Path) -> None:
    put_program(
        programs, "flatpak-builder", 'for word; do case "$word" in --repo=*) mkdir "${word#*=}";; esac; done'
    )
    put_program(programs, "flatpak", f'[ -d "$3" ] && [ "$5 $6" = "{APP_ID} stable" ] && echo bundle > "$4"')
    bundle = build_flatpak(tmp_path / "dist", work=tmp_path / "work")
    assert bundle.read_text() == "bundle\n"
    assert re.fullmatch(rf"qtmail-{re.escape(qtmail.__version__)}-\w+\.flatpak", bundle.name)


def test_a_runtime_that_cannot_be_had_is_told(programs: Path, tmp_path: Path) -> None:
    put_program(programs, "flatpak", "exit 0")
    put_program(programs, "flatpak-builder", "echo 'error: Remote “flathub” not found'; exit 1")
    with pytest.raises(BuildFailed, match="Remote “flathub” not found"):
        build_flatpak(tmp_path / "dist", work=tmp_path / "work")
