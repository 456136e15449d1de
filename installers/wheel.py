"""The wheel, for `pip` and `pipx`, and the archive of the sources: built as pyproject.toml says."""

from __future__ import annotations

import sys
from pathlib import Path

from installers.packaging import ROOT, build_time, call


def build_wheel(output: Path, *, source: Path = ROOT) -> Path:
    """Build the wheel of a source tree into `output`: the package with its resources, without the tests.

    The same input gives the same bytes. Needs hatchling, from the extra `packages`.

    Raises:
        BuildFailed: hatchling is missing, or refused.
    """
    return _build("wheel", source, output)


def build_sdist(output: Path, *, source: Path = ROOT) -> Path:
    """Build the archive of the sources into `output`; from it comes the same wheel.

    Raises:
        BuildFailed: hatchling is missing, or refused.
    """
    return _build("sdist", source, output)


def _build(target: str, source: Path, output: Path) -> Path:
    directory = output.resolve()
    command = ("-m", "hatchling", "build", "--target", target, "--directory", directory)
    epoch = {"SOURCE_DATE_EPOCH": str(build_time())}
    printed = call(sys.executable, *command, cwd=source, extra=epoch)
    return directory / Path(printed.splitlines()[-1]).name
