"""A Debian with nothing but its base in a directory of its own: what a package finds on a fresh computer.

debootstrap makes it once, of the release and from the mirror that this machine itself uses; an archive below
build/ is unpacked for every further use. Root installs packages there by chroot(8). Programs run as an
ordinary user in bubblewrap(1), without a network and unable to change the system. chroot would not do for
them: who is in one may not make user namespaces, which QtWebEngine's sandbox consists of.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.end2end.processes import ServerMissing, program, public_directory

CACHE = Path(__file__).parent.parent.parent / "build" / "clean-root"
USER = "anna"
USER_ID = 1000
TIME_LIMIT = 900.0
"""Seconds for making the base, and for any command in it."""

_ARCHIVES = Path("var/cache/apt/archives")
_ADMINISTRATION = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log", "etc/ld.so.cache")
"""What package management writes about its own work."""


class Mirror(NamedTuple):
    """Where this machine gets its packages from."""

    address: str
    suite: str


class CleanRoot:
    """An unpacked system; use it as a context manager.

    Attributes:
        directory: its top.
        home: the home directory of its one user, outside of it; programs can write nowhere else.
    """

    def __init__(self) -> None:
        """Unpack the base and fetch the lists of packages.

        Raises:
            ServerMissing: a program is not installed, or may not be used; the message says which.
        """
        self._bwrap, self._setpriv = program("bwrap"), program("setpriv")
        base = _base()
        self._top = public_directory("clean-root-")
        self.directory = self._top / "root"
        self.home = self._top / "home"
        with tarfile.open(base) as archive:
            archive.extractall(self.directory, numeric_owner=True, filter="fully_trusted")
        self.home.mkdir()
        os.chown(self.home, USER_ID, USER_ID)
        shutil.copy("/etc/resolv.conf", self.directory / "etc/resolv.conf")
        self.as_root("apt-get", "update", "--quiet")

    def __enter__(self) -> CleanRoot:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._top)

    def satisfy(self, dependencies: str) -> None:
        """Install what a Depends field asks for from the distribution, without what that recommends."""
        (CACHE / "archives").mkdir(exist_ok=True)
        _copy_packages(CACHE / "archives", self.directory / _ARCHIVES)
        self.as_root("apt-get", "satisfy", "--yes", "--quiet", "--no-install-recommends", dependencies)
        _copy_packages(self.directory / _ARCHIVES, CACHE / "archives")

    def install(self, package: Path) -> None:
        """`apt-get install` of a file, with all it depends on."""
        inside = self.directory / "tmp" / package.name
        shutil.copy(package, inside)
        options = ("--yes", "--quiet", "--no-install-recommends")
        self.as_root("apt-get", "install", *options, f"/tmp/{package.name}")
        inside.unlink()

    def as_root(self, *command: str) -> str:
        """Run a command of package management; its standard output.

        Raises:
            subprocess.CalledProcessError: it failed; what it said has been shown.
        """
        return _in_root(self.directory, *command)

    def command(self, *words: str, environment: Mapping[str, str] | None = None) -> list[str]:
        """What to start to have these words run as the user.

        Args:
            environment: variables of the program; it has no others but the usual ones.
        """
        home = f"/home/{USER}"
        usual = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "USER": USER, "LANG": "C.UTF-8"}
        variables = [
            word
            for name, value in {**usual, **(environment or {})}.items()
            for word in ("--setenv", name, value)
        ]
        places = ["--ro-bind", self.directory, "/", "--bind", self.home, home, "--tmpfs", "/tmp"]
        screens = ["--ro-bind-try", "/tmp/.X11-unix", "/tmp/.X11-unix"]
        system = ["--proc", "/proc", "--dev", "/dev", "--unshare-net", "--unshare-pid", "--die-with-parent"]
        user = [self._setpriv, f"--reuid={USER_ID}", f"--regid={USER_ID}", "--clear-groups"]
        bwrap = [self._bwrap, *map(str, places), *screens, *system, "--clearenv", *variables, "--chdir", home]
        return [*user, *bwrap, "--", *words]

    def run(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program as the user to its end, without a screen; `text` is its standard input."""
        return subprocess.run(
            self.command(*words),
            input=text,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )

    def files(self) -> dict[str, str]:
        """All files but those that package management keeps about itself: modes and digests by path."""
        relative = {str(path.relative_to(self.directory)): path for path in self.directory.rglob("*")}
        return {
            name: _digest(path) for name, path in relative.items() if not name.startswith(_ADMINISTRATION)
        }


def _base() -> Path:
    """The archive of the base, made if it is not there yet."""
    if os.geteuid() != 0:
        raise ServerMissing("only root can install packages into a root directory of their own")
    mirror = _mirror()
    archive = CACHE / f"{mirror.suite}-{platform.machine()}.tar"
    if not archive.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        directory = public_directory("debootstrap-")
        try:
            _bootstrap(mirror, directory / "root")
            _pack(directory / "root", archive)
        finally:
            shutil.rmtree(directory)
    return archive


def _mirror() -> Mirror:
    """The first place apt has of the release that is running.

    Raises:
        ServerMissing: this system has no apt, or no such place.
    """
    suite = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    wanted = ["Created-By: Packages", f"Release: {suite}", "Component: main"]
    command = [program("apt-get"), "indextargets", "--format", "$(SITE)", *wanted]
    shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    if not shown.stdout:
        raise ServerMissing(f"apt knows no mirror of “{suite}”")
    return Mirror(shown.stdout.splitlines()[0], suite)


def _bootstrap(mirror: Mirror, directory: Path) -> None:
    """Make the base in `directory`, with one user."""
    command = [program("debootstrap"), "--variant=minbase", mirror.suite, str(directory), mirror.address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    if done.returncode != 0:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
        raise ServerMissing(f"debootstrap could not make a system here:\n{end}")
    _in_root(directory, "useradd", "--create-home", f"--uid={USER_ID}", USER)
    shutil.rmtree(directory / _ARCHIVES)
    (directory / _ARCHIVES / "partial").mkdir(parents=True)


def _pack(directory: Path, archive: Path) -> None:
    """Whole or not at all, so that an interrupted run leaves no half of a system."""
    unfinished = archive.with_suffix(".new")
    with tarfile.open(unfinished, "w") as packed:
        packed.add(directory, ".")
    unfinished.replace(archive)


def _in_root(directory: Path, *command: str) -> str:
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        [program("chroot"), directory, *command],
        env=environment | {"LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    done.check_returncode()
    return done.stdout


def _copy_packages(source: Path, destination: Path) -> None:
    """Packages that were fetched once are kept for the next run."""
    for package in source.glob("*.deb"):
        if not (destination / package.name).exists():
            shutil.copy(package, destination)


def _digest(path: Path) -> str:
    mode = oct(path.lstat().st_mode)
    if path.is_symlink():
        return f"{mode} {path.readlink()}"
    return f"{mode} {hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else mode
