"""Which Python packages the Flatpak is built from: each wheel by its address and checksum.

A Flatpak is built without network, from sources that were named beforehand. The base application brings
PySide6; everything else that pyproject.toml asks for stands in flatpak/*-packages.json, which are committed.
To refresh these files, run this with the version of Python that the runtime has, as the wheels depend on it:

    python3.13 -m installers.linux.flatpak_packages
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from installers.packaging import ROOT, BuildFailed, call

DIRECTORY = Path(__file__).parent / "flatpak"
PYTHON = "3.13"
"""Of org.freedesktop.Platform 25.08, on which org.kde.Platform 6.10 stands."""
GLIBC = (28, 27, 17)
"""Wheels for glibc 2.N that are taken, best first; the runtime's is newer than any."""
ARCHITECTURES = ("x86_64", "aarch64")
PROVIDED = ("pip", "pyside6", "shiboken6")
"""Beginnings of the names of what the runtime and the base application bring."""
BUILD_TOOLS = ("hatchling",)


class Wheel(NamedTuple):
    """A file of the package index."""

    url: str
    sha256: str


Wheels = dict[str, list[Wheel]]
"""The wheels to install, for each architecture."""


def main() -> int:
    """Write both files; the exit status."""
    if platform.python_version_tuple()[:2] != tuple(PYTHON.split(".")):
        print(f"Run this with Python {PYTHON}, which is what the Flatpak runtime has.", file=sys.stderr)
        return 1
    try:
        packages = _resolve(requirements())
        tools = _resolve(BUILD_TOOLS)
    except BuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    # What both need stays: files of a module that is thrown away go, whoever else wrote them.
    only_tools = {arch: [wheel for wheel in tools[arch] if wheel not in packages[arch]] for arch in tools}
    _write(module("python-packages", packages))
    _write(module("build-packages", only_tools, cleanup=["*"]))
    return 0


def requirements() -> list[str]:
    """What pyproject.toml asks for, without what the runtime provides."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [line for line in project["dependencies"] if not _is_provided(line)]


def module(name: str, wheels: Wheels, cleanup: Iterable[str] = ()) -> dict[str, Any]:
    """A module of a Flatpak manifest that installs wheels.

    Args:
        cleanup: what of it is thrown away once the application is built.
    """
    install = "pip3 install --no-index --no-deps --ignore-installed --prefix=${FLATPAK_DEST} *.whl"
    everything = sorted(set().union(*wheels.values()), key=lambda wheel: wheel.url.rpartition("/")[2].lower())
    return {
        "name": name,
        "buildsystem": "simple",
        "build-commands": [install],
        "cleanup": list(cleanup),
        "sources": [
            _source(wheel, [arch for arch in wheels if wheel in wheels[arch]]) for wheel in everything
        ],
    }


def _source(wheel: Wheel, architectures: list[str]) -> dict[str, Any]:
    source: dict[str, Any] = {"type": "file", "url": wheel.url, "sha256": wheel.sha256}
    if len(architectures) < len(ARCHITECTURES):
        source["only-arches"] = architectures
    return source


def _write(packages: dict[str, Any]) -> None:
    text = json.dumps(packages, indent=4)
    (DIRECTORY / f"{packages['name']}.json").write_text(f"{text}\n", "utf-8")


def _resolve(wanted: Iterable[str]) -> Wheels:
    return {architecture: _resolve_for(architecture, wanted) for architecture in ARCHITECTURES}


def _resolve_for(architecture: str, wanted: Iterable[str]) -> list[Wheel]:
    """The wheels that pip would install, without those the base application brings."""
    platforms = [word for minor in GLIBC for word in ("--platform", f"manylinux_2_{minor}_{architecture}")]
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        # Isolated: addresses of a private index would be of no use to anybody else.
        options = ["--isolated", "--quiet", "--dry-run", "--ignore-installed", "--only-binary=:all:"]
        target = ["--target", directory, *platforms, "--report", str(report)]
        call(sys.executable, "-m", "pip", "install", *options, *target, *wanted)
        items = json.loads(report.read_text("utf-8"))["install"]
    return [_wheel(item) for item in items if not _is_provided(item["metadata"]["name"])]


def _wheel(item: dict[str, Any]) -> Wheel:
    info = item["download_info"]
    return Wheel(info["url"], info["archive_info"]["hashes"]["sha256"])


def _is_provided(requirement: str) -> bool:
    return requirement.lower().startswith(PROVIDED)


if __name__ == "__main__":
    sys.exit(main())
