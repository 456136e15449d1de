"""Freezes qtmail, tries what came out, and packs it for the ways to install it.

Packages go to dist/, with their checksums in SHA256SUMS. What takes another system, or a tool that is not
here, is refused in one sentence. With no target named, all that this machine can make is made.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from installers.freeze import console_program, frozen_program
from installers.linux.appimage import RUNTIME_VARIABLE, build_appimage
from installers.linux.deb import build_deb
from installers.linux.flatpak import build_flatpak
from installers.linux.rpm import build_rpm
from installers.linux.targz import build_targz
from installers.macos.package import build_macos
from installers.packaging import NAME, ROOT, VERSION, BuildFailed
from installers.smoke import smoke_test
from installers.wheel import build_sdist, build_wheel
from installers.windows.setup_exe import build_setup, build_zip

CHECKSUMS = "SHA256SUMS"
SYSTEMS = {"linux": "Linux", "win32": "Windows", "darwin": "macOS"}


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of package.

    Attributes:
        build: each makes one file, from the frozen program, in the output directory, and returns its path.
        system: the `sys.platform` whose frozen program it takes; "" if it is made without.
        tools: programs that have to be here.
        variable: an environment variable that has to be set, or "".
        unasked: whether it is made when no target is named.
    """

    build: tuple[Callable[[Path, Path], Path], ...]
    system: str
    tools: tuple[str, ...] = ()
    variable: str = ""
    unasked: bool = True

    def can_be_made(self) -> bool:
        """Whether this machine has what it takes."""
        return (
            self.system in ("", sys.platform)
            and all(map(shutil.which, self.tools))
            and (not self.variable or self.variable in os.environ)
        )


TARGETS = {
    "freeze": Target((), sys.platform),
    "wheel": Target((lambda _, output: build_wheel(output), lambda _, output: build_sdist(output)), ""),
    "deb": Target((build_deb,), "linux", ("dpkg-deb", "dpkg-shlibdeps", "objdump")),
    "targz": Target((build_targz,), "linux"),
    "rpm": Target((build_rpm,), "linux", ("rpmbuild",)),
    "appimage": Target(
        (build_appimage,), "linux", ("mksquashfs", "desktop-file-validate", "appstreamcli"), RUNTIME_VARIABLE
    ),
    # Made from the sources in a container of its own, for which a gigabyte is downloaded.
    "flatpak": Target((lambda _, output: build_flatpak(output),), "", ("flatpak-builder",), unasked=False),
    "windows": Target((build_setup, build_zip), "win32", ("makensis",)),
    "macos": Target((build_macos,), "darwin", ("hdiutil",)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what was asked for; the exit status."""
    options = _parser().parse_args(arguments)
    names = list(dict.fromkeys(options.targets)) or _unasked()
    try:
        make(names, options.frozen, options.output)
    except BuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def make(names: Sequence[str], frozen: Path | None, output: Path) -> None:
    """Make these targets, one after the other, and write the checksums of all that is in `output` then.

    Args:
        frozen: a tree that was frozen before; None to freeze here, and try it first.

    Raises:
        BuildFailed: a target cannot be made here, or failed; those before it are complete.
    """
    for name in names:
        _require_its_system(name, frozen)
    if frozen is None and any(TARGETS[name].system for name in names):
        frozen = _frozen_and_tried()
    output.mkdir(parents=True, exist_ok=True)
    for name in names:
        for build in TARGETS[name].build:
            started = time.monotonic()
            made = build(frozen or Path(), output)
            _tell(made.name, made.stat().st_size, started)
    write_checksums(output)


def write_checksums(directory: Path) -> Path:
    """Write SHA256SUMS for the files in a directory, as `sha256sum --check` reads it."""
    path = directory / CHECKSUMS
    files = sorted(file for file in directory.iterdir() if file.is_file() and file.name != CHECKSUMS)
    lines = [f"{_digest(file)}  {file.name}\n" for file in files]
    path.write_text("".join(lines), "utf-8", newline="\n")
    return path


def tree_size(tree: Path) -> int:
    """Bytes of all files below a directory; a file with several names counts once."""
    return sum(path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())


def _frozen_and_tried() -> Path:
    started = time.monotonic()
    frozen = frozen_program()
    _tell(f"{NAME} {VERSION}, frozen", tree_size(frozen), started)
    started = time.monotonic()
    smoke_test(console_program(frozen))
    print(f"tried: it works ({time.monotonic() - started:.0f} s)", flush=True)
    return frozen


def _require_its_system(name: str, frozen: Path | None) -> None:
    """The set-up for Windows is also made on Linux, from a tree that was frozen on Windows."""
    system = TARGETS[name].system
    if system in ("", sys.platform) or (system == "win32" and frozen is not None):
        return
    brought = " or from a tree that was frozen there (--frozen)" if system == "win32" else ""
    raise BuildFailed(f"The target “{name}” can be made only on {SYSTEMS[system]}{brought}.")


def _unasked() -> list[str]:
    return [name for name, target in TARGETS.items() if target.unasked and target.can_be_made()]


def _tell(what: str, size: int, started: float) -> None:
    print(f"{what}: {size / 1e6:,.1f} MB, {time.monotonic() - started:.0f} s", flush=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _target(name: str) -> str:
    """Not argparse's `choices`, which before Python 3.12 refuses that none is named."""
    if name not in TARGETS:
        raise argparse.ArgumentTypeError(f"“{name}” is none of {', '.join(TARGETS)}")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make packages", description=__doc__)
    parser.add_argument("targets", nargs="*", type=_target, metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument(
        "--frozen", type=Path, metavar="DIR", help="the frozen program, if it is made already"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR", help="where packages go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
