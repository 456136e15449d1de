"""What goes into the frozen program and what stays out, with the reasons; PyInstaller takes too much.

PyInstaller hands over its table of contents as entries. Everything here is a rule about such entries, so that
it can be read, and tested, without freezing anything. What stays:

* of Qt, the modules qtmail imports, the plugins named in `QT_PLUGINS`, and what these are linked with;
* of a Linux system, the libraries named in `LINUX_LIBRARIES`;
* of data, nothing that only developers, or people with another language than qtmail's, would use.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Collection, Iterable
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from posixpath import dirname, normpath
from typing import NamedTuple

from packaging.requirements import Requirement

PACKAGES_WITH_ALL_MODULES = ("qtmail", "keyring.backends", "pysasl")
"""All of qtmail, however it is imported; keyring and SASL import their ways by name."""

MODULES_LOOKED_FOR = ("qtawesome",)
"""Never imported, but asked where it is."""

DATA_OF_PACKAGES = (("hunspell", "dictionaries"), ("qtawesome", "fonts"))

EXCLUDED_MODULES = (
    # Bindings to what a Qt library is linked with, which PyInstaller adds; qtmail imports none of them. With
    # QtQml would come 30 MB of QML, and with that most of the other Qt libraries.
    "PySide6.QtConcurrent",
    "PySide6.QtDBus",
    "PySide6.QtMultimediaWidgets",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPositioning",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickWidgets",
    "PySide6.QtSvg",
    # QtAwesome gives its font; its code is not run.
    "qtpy",
    # Ways of libraries that qtmail does not take: DNS over HTTPS and QUIC, mail in files, more processes.
    "aioquic",
    "certifi",
    "charset_normalizer",
    "httpx",
    "mailbox",
    "multiprocessing",
    "requests",
    "trio",
    "urllib3",
    # For developers, and for people who type at Python.
    "distutils",
    "lib2to3",
    "mypy",
    "pip",
    "pydoc",
    "pytest",
    "readline",
    "setuptools",
    "tkinter",
    "unittest",
)

QT_PLUGINS = {
    # The window: on the user's system, and on no screen for the self-test.
    "platforms": "qxcb qwayland qwayland-egl qwayland-generic qwindows qcocoa qoffscreen",
    "xcbglintegrations": "qxcb-egl-integration qxcb-glx-integration",
    "wayland-decoration-client": "adwaita bradient",
    "wayland-graphics-integration-client": "qt-plugin-wayland-egl",
    "wayland-shell-integration": "xdg-shell",
    # Fonts, colours and file dialogs of the user's desktop.
    "platformthemes": "qgtk3 qxdgdesktopportal",
    "styles": "qmodernwindowsstyle qwindowsvistastyle qmacstyle",
    # Chinese, Japanese and Korean are typed through an input method.
    "platforminputcontexts": "composeplatforminputcontextplugin ibusplatforminputcontextplugin",
    # The pictures that mail shows in place, and the program's own drawings.
    "imageformats": "qgif qico qjpeg qsvg qwebp",
    "iconengines": "qsvgicon",
    "multimedia": "ffmpegmediaplugin",
    "printsupport": "cupsprintersupport",
}
"""The plugins that stay, by folder. Nobody needs TLS and network state (Python speaks to the servers), SQL
drivers, touch screens without a window system, positions, PDF, TIFF, or tools for QML.
"""

LIBRARIES_LOADED_BY_NAME = (
    # The interpreter and its C library, by the program's first code.
    "libpython3*",
    "python3*.dll",
    "ucrtbase.dll",
    "api-ms-win-*.dll",
    # Drawing and video, by Qt.
    "d3dcompiler_*.dll",
    "dxcompiler.dll",
    "dxil.dll",
    "opengl32sw.dll",
    "libqt6ffmpegstub-*",
)
"""Nothing is linked with them, yet they are needed. In lower case."""

LINUX_LIBRARIES = (
    # Python's: one distribution has them under another name or version than the next.
    "libpython3*",
    "libssl.so*",
    "libcrypto.so*",
    "libsqlite3.so*",
    "libffi.so*",
    "libbz2.so*",
    # Qt's on X11: a desktop without other Qt programs may have none of them.
    "libxcb-cursor.so*",
    "libxcb-icccm.so*",
    "libxcb-image.so*",
    "libxcb-keysyms.so*",
    "libxcb-render-util.so*",
    "libxcb-shape.so*",
    "libxcb-util.so*",
    "libxcb-xkb.so*",
    # These two read each other's memory and must be of one version: both or neither.
    "libxkbcommon.so*",
    "libxkbcommon-x11.so*",
)
"""The system's libraries that go in.

All others are on every Linux desktop and have to fit its drivers and services: libc, libstdc++, X11, what
Mesa and cairo need of xcb, Wayland, GL, EGL, gbm, fontconfig, freetype, glib, GTK, D-Bus, systemd, ALSA,
PulseAudio, NSS, Kerberos, CUPS, zlib, lzma. An older copy would take the place of the system's, and what is
linked with that would fail.
"""

BESIDE_QT = ("libxkbcommon.so.0",)
"""Of these, what WebEngine is linked with: its processes look beside Qt's libraries, and not where the
program's others are.
"""


class Entry(NamedTuple):
    """A line of PyInstaller's table of contents.

    Attributes:
        name: its path in the program.
        source: the file it is made from; of a SYMLINK, what it points to, from where it stands.
        kind: BINARY, EXTENSION, EXECUTABLE, DATA, SYMLINK.
    """

    name: str
    source: str
    kind: str


Imports = Callable[[str], Iterable[str]]
"""The file names of the libraries that the binary with this path is linked with."""

_PLUGIN = re.compile(r"PySide6/(?:Qt/)?plugins/([^/]+)/(?:lib)?([^/.]+)\.[a-z]+$")
_LIBRARY = re.compile(r"\.(?:dll|so|so\.[\d.]+)$", re.IGNORECASE)
_TRANSLATION = re.compile(r"/qtwebengine_locales/([^/]+)\.pak$|/translations/[a-z]+_([^/]+)\.qm$")
_USELESS = re.compile(
    r"/qtwebengine_devtools_resources|\.debug\.(?:pak|bin)$"  # for those who write pages
    r"|^PySide6/(?:Qt/)?(?:qml|metatypes|modules)/|\.(?:pyi|lib|prl|a)$"  # for those who write programs
    r"|\.chk$"  # seals on the system's NSS, which stays out
    r"|\.dist-info/(?:sboms/|RECORD|INSTALLER|REQUESTED|direct_url)"
    r"|^qtawesome/fonts/(?!phosphor)"  # its other icon fonts
    r"|^qtmail/resources/screenshots/"  # for the page that describes the program
)


def required_distributions(project: Path) -> set[str]:
    """The names of what pyproject.toml in `project` says qtmail is made with, for this system and Python.

    Their metadata go in, and of all they require: licences have to travel with what they cover, and keyring
    and SASL list their parts as entry points there.
    """
    declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    required = map(Requirement, declared["dependencies"])
    return {one.name for one in required if one.marker is None or one.marker.evaluate()}


def trimmed(
    entries: Iterable[tuple[str, str, str]],
    *,
    imports: Imports,
    packages: str,
    languages: Collection[str] = (),
    platform: str = sys.platform,
) -> list[Entry]:
    """The entries that stay, in their order.

    Args:
        packages: the directory with the installed packages; a library from elsewhere is the system's.
        languages: those qtmail is translated into, as "de" or "zh_CN"; English needs no mention.
        platform: as `sys.platform`.
    """
    useful = (entry for entry in map(Entry._make, entries) if _is_useful(entry, {"en_US", *languages}))
    if platform == "darwin":
        # A framework is more than its library: the few that nothing uses are left whole.
        return list(useful)
    if platform == "linux":
        useful = (entry for entry in useful if not _belongs_to_linux(entry, packages))
    linked = _linked(list(useful), imports)
    linked += [Entry(f"PySide6/Qt/lib/{name}", f"../../../{name}", "SYMLINK") for name in BESIDE_QT]
    names = {_posix(entry.name) for entry in linked}
    return [entry for entry in linked if entry.kind != "SYMLINK" or _target(entry) in names]


def _is_useful(entry: Entry, languages: set[str]) -> bool:
    name = _posix(entry.name)
    if plugin := _PLUGIN.search(name):
        return plugin[2] in QT_PLUGINS.get(plugin[1], "").split()
    if translation := _TRANSLATION.search(name):
        return (translation[1] or translation[2]).replace("-", "_") in languages
    return not _USELESS.search(name)


def _belongs_to_linux(entry: Entry, packages: str) -> bool:
    if entry.kind != "BINARY" or entry.source.startswith(packages):
        return False
    return not _matches(_file_name(entry), LINUX_LIBRARIES)


def _linked(entries: list[Entry], imports: Imports) -> list[Entry]:
    """The entries without the libraries that nothing among them is linked with, directly or not."""
    libraries = {_file_name(entry): entry for entry in entries if _is_library(entry)}
    needed: set[str] = set()
    waiting = [entry.source for entry in entries if _is_loaded_by_name(entry)]
    while waiting:
        names = {name.lower() for name in imports(waiting.pop())}
        found = names & libraries.keys() - needed
        needed |= found
        waiting += (libraries[name].source for name in found)
    return [
        entry
        for entry in entries
        if not _is_library(entry) or _is_loaded_by_name(entry) or _file_name(entry) in needed
    ]


def _is_library(entry: Entry) -> bool:
    """Whether it is there only for others: extensions of Python, plugins and programs are not."""
    name = _posix(entry.name)
    return entry.kind == "BINARY" and bool(_LIBRARY.search(name)) and not _PLUGIN.search(name)


def _is_loaded_by_name(entry: Entry) -> bool:
    if _is_library(entry):
        return _matches(_file_name(entry), LIBRARIES_LOADED_BY_NAME)
    return entry.kind in ("BINARY", "EXTENSION", "EXECUTABLE")


def _target(link: Entry) -> str:
    return normpath(f"{dirname(_posix(link.name))}/{_posix(link.source)}").lstrip("/")


def _file_name(entry: Entry) -> str:
    return PurePosixPath(_posix(entry.name)).name.lower()


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _posix(path: str) -> str:
    return path.replace("\\", "/")
