"""Which system libraries and programs are missing, and how this system's package manager calls them.

Only the standard library is used, in what Python 3.8 understands: this runs before anything is installed.
What is there is found by asking the dynamic loader and the search path themselves, so a machine that has
everything, from whatever source, is left alone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Need(NamedTuple):
    """One thing the system has to provide.

    Attributes:
        what: the soname of a library, or the name of a program or font, for messages.
        present: whether it is there now.
        apt: names of the Debian or Ubuntu package, newest first: 64-bit time renamed some of them.
        dnf: the name of the Fedora package.
    """

    what: str
    present: Callable[[], bool]
    apt: tuple[str, ...]
    dnf: str


def library(soname: str, apt: str, dnf: str) -> Need:
    """A shared library that the dynamic loader must find; `apt` may list several names."""
    return Need(soname, lambda: _loads(soname), tuple(apt.split()), dnf)


def tool(name: str, apt: str, dnf: str) -> Need:
    """A program that must be on the search path."""
    return Need(name, lambda: find_program(name) is not None, tuple(apt.split()), dnf)


def find_program(name: str) -> str | None:
    """Like shutil.which, and also where system programs are, which ordinary users do not search."""
    places = [os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    return shutil.which(name, path=os.pathsep.join(places))


WINDOW_NEEDS = (
    library("libglib-2.0.so.0", "libglib2.0-0t64 libglib2.0-0", "glib2"),
    library("libEGL.so.1", "libegl1", "libglvnd-egl"),
    library("libGL.so.1", "libgl1", "libglvnd-glx"),
    library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    library("libnss3.so", "libnss3", "nss"),
    library("libXcomposite.so.1", "libxcomposite1", "libXcomposite"),
    library("libXdamage.so.1", "libxdamage1", "libXdamage"),
    library("libXrandr.so.2", "libxrandr2", "libXrandr"),
    library("libXtst.so.6", "libxtst6", "libXtst"),
    library("libasound.so.2", "libasound2t64 libasound2", "alsa-lib"),
    library("libpulse.so.0", "libpulse0", "pulseaudio-libs"),
    library("libxkbfile.so.1", "libxkbfile1", "libxkbfile"),
    library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Need("a Chinese font", lambda: _has_chinese_font(), ("fonts-wqy-microhei",), "wqy-microhei-fonts"),
)
"""For QtWidgets, QtWebEngine and QtMultimedia, on a real screen or none."""

PACKAGE_NEEDS = (
    *WINDOW_NEEDS,
    tool("objdump", "binutils", "binutils"),
    tool("dpkg-shlibdeps", "dpkg-dev", "dpkg-dev"),
    tool("rpmbuild", "rpm", "rpm-build"),
    tool("desktop-file-validate", "desktop-file-utils", "desktop-file-utils"),
    tool("appstreamcli", "appstream", "appstream"),
    tool("mksquashfs", "squashfs-tools", "squashfs-tools"),
)
"""For freezing the program, trying it, and the packages of Linux."""

TEST_NEEDS = (
    *PACKAGE_NEEDS,
    tool("dovecot", "dovecot-imapd", "dovecot"),
    Need("dovecot's POP3 server", lambda: _has_dovecot_pop3(), ("dovecot-pop3d",), "dovecot"),
    tool("postfix", "postfix", "postfix"),
    tool("Xvfb", "xvfb", "xorg-x11-server-Xvfb"),
    tool("makensis", "nsis", "mingw64-nsis"),
    tool("groff", "groff-base", "groff-base"),
    tool("gio", "libglib2.0-bin", "glib2"),
    tool("xdg-mime", "xdg-utils", "xdg-utils"),
)
PROOF_NEEDS = (
    *TEST_NEEDS,
    tool("debootstrap", "debootstrap", "debootstrap"),
    tool("bwrap", "bubblewrap", "bubblewrap"),
    tool("xdotool", "xdotool", "xdotool"),
    tool("import", "imagemagick", "ImageMagick"),
    tool("lintian", "lintian", "lintian"),
    tool("flatpak-builder", "flatpak-builder", "flatpak-builder"),
)
BENCH_NEEDS = (*TEST_NEEDS, tool("mbsync", "isync", "isync"))

SERVICES = ("dovecot", "postfix")
"""Started by their packages on installation; the tests run their own and want none of these."""


def missing(needs: Iterable[Need]) -> list[Need]:
    """The needs this machine does not meet. Only Linux takes anything from its package manager."""
    return [need for need in needs if not need.present()] if platform.system() == "Linux" else []


def install(needs: list[Need]) -> bool:
    """Install the packages for these needs where that is allowed; otherwise print the one line to type.

    Returns:
        True if everything is there afterwards.
    """
    manager = _package_manager()
    if manager is None:
        print("Missing on this system: " + ", ".join(need.what for need in needs), file=sys.stderr)
        return False
    prefix = _root_prefix()
    if prefix is None:
        print(f"\nPlease type this once, then start again:\n\n    {manager.line(needs)}\n", file=sys.stderr)
        return False
    print("Installing system packages: " + " ".join(manager.packages(needs)), flush=True)
    manager.install(needs, prefix)
    if any(need.what.startswith(SERVICES) for need in needs):
        _stop_services(prefix)
    return not missing(needs)


class Apt:
    """Debian, Ubuntu and what descends from them."""

    def packages(self, needs: Iterable[Need]) -> list[str]:
        """The name this release uses for each; the oldest name where the package lists do not know any."""
        return [next(filter(self._known, need.apt), need.apt[-1]) for need in needs]

    def line(self, needs: Iterable[Need]) -> str:
        names = " ".join(self.packages(needs))
        return f"sudo apt-get update && sudo apt-get install --yes --no-install-recommends {names}"

    def install(self, needs: list[Need], prefix: list[str]) -> None:
        """Install; refresh the package lists first if they do not know a name, or after a first failure."""
        if not all(any(map(self._known, need.apt)) for need in needs):
            self._run([*prefix, "apt-get", "update", "--quiet"])
        self._choose_no_mail_setup(prefix)
        if self._install(needs, prefix) != 0:
            self._run([*prefix, "apt-get", "update", "--quiet"])
            self._install(needs, prefix)

    def _install(self, needs: list[Need], prefix: list[str]) -> int:
        options = ["--yes", "--quiet", "--no-install-recommends"]
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
        return self._run([*prefix, *quiet, "apt-get", "install", *options, *self.packages(needs)])

    def _choose_no_mail_setup(self, prefix: list[str]) -> None:
        """Answer Postfix's one question beforehand: the system itself gets no mail server from us."""
        answer = "postfix postfix/main_mailer_type select No configuration\n"
        subprocess.run([*prefix, "debconf-set-selections"], input=answer, text=True, check=False)

    def _run(self, command: list[str]) -> int:
        return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode

    def _known(self, name: str) -> bool:
        shown = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        return shown.returncode == 0 and bool(shown.stdout)


class Dnf:
    """Fedora and its relatives."""

    def packages(self, needs: Iterable[Need]) -> list[str]:
        return [need.dnf for need in needs]

    def line(self, needs: Iterable[Need]) -> str:
        return f"sudo dnf install --assumeyes {' '.join(self.packages(needs))}"

    def install(self, needs: list[Need], prefix: list[str]) -> None:
        names = self.packages(needs)
        subprocess.run([*prefix, "dnf", "install", "--assumeyes", "--quiet", *names], check=False)


def _package_manager() -> Apt | Dnf | None:
    if shutil.which("apt-get"):
        return Apt()
    return Dnf() if shutil.which("dnf") else None


def _root_prefix() -> list[str] | None:
    """What to put before a command to run it as root without a question, or None where that is impossible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def _stop_services(prefix: list[str]) -> None:
    """Packages of servers start them; nobody asked for a mail server on this machine."""
    if Path("/run/systemd/system").is_dir():
        command = [*prefix, "systemctl", "disable", "--now", "--quiet", *SERVICES]
        subprocess.run(command, check=False, capture_output=True)


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _has_dovecot_pop3() -> bool:
    """Debian packages each protocol of Dovecot apart."""
    places = ("/usr/lib/dovecot/pop3", "/usr/libexec/dovecot/pop3", "/usr/lib64/dovecot/pop3")
    return any(os.access(place, os.X_OK) for place in places)


def _has_chinese_font() -> bool:
    """Without one, Chinese mail shows as boxes."""
    if lister := shutil.which("fc-list"):
        return bool(subprocess.run([lister, ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())
    names = ("wqy-*.tt?", "NotoSansCJK*", "NotoSansSC*", "SourceHanSans*", "DroidSansFallback*", "uming.ttc")
    return any(next(Path("/usr/share/fonts").rglob(name), None) for name in names)
