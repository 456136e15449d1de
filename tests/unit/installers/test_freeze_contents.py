"""What PyInstaller collected is cut down to what the program needs, system by system."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from installers.freeze_contents import Entry, required_distributions, trimmed

PACKAGES = "/venv/lib/site-packages"
QT = "PySide6/Qt"


def packaged(name: str, kind: str = "DATA") -> Entry:
    """A file that comes with an installed package."""
    return Entry(name, f"{PACKAGES}/{name}", kind)


def system(name: str) -> Entry:
    """A library of the system PyInstaller runs on."""
    return Entry(name, f"/usr/lib/{name}", "BINARY")


def kept(
    entries: Iterable[Entry],
    links: dict[str, list[str]] | None = None,
    *,
    platform: str = "linux",
    languages: Iterable[str] = (),
) -> list[str]:
    """The names that stay; `links` has the libraries of a binary, by the end of its path."""

    def imports(path: str) -> list[str]:
        return [name for end, names in (links or {}).items() if path.endswith(end) for name in names]

    stayed = trimmed(entries, imports=imports, packages=PACKAGES, platform=platform, languages=set(languages))
    return [entry.name for entry in stayed]


def test_modules_of_python_and_data_stay() -> None:
    entries = [
        packaged("nh3/nh3.abi3.so", "EXTENSION"),
        packaged("qtmail/resources/providers.json"),
        packaged("hunspell/dictionaries/en_US.dic"),
        packaged("keyring-25.dist-info/entry_points.txt"),
        packaged("qtawesome/fonts/phosphor-1.3.0.ttf"),
    ]
    assert kept(entries) == [entry.name for entry in entries]


@pytest.mark.parametrize(
    "name",
    [
        f"{QT}/resources/qtwebengine_devtools_resources.pak",
        f"{QT}/qml/QtQuick/qmldir",
        "PySide6/QtCore.pyi",
        "PySide6/lib/Qt6Core.lib",
        "keyring-25.dist-info/RECORD",
        "qtawesome/fonts/codicon-0.0.36.ttf",
        "qtmail/resources/screenshots/main-light.png",
        "libsoftokn3.chk",
    ],
)
def test_what_nobody_uses_stays_out(name: str) -> None:
    assert kept([packaged(name)]) == []


@pytest.mark.parametrize(
    ("platform", "plugin"),
    [
        ("linux", f"{QT}/plugins/platforms/libqxcb.so"),
        ("linux", f"{QT}/plugins/platforms/libqwayland.so"),
        ("linux", f"{QT}/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so"),
        ("linux", f"{QT}/plugins/imageformats/libqwebp.so"),
        ("win32", "PySide6\\plugins\\platforms\\qwindows.dll"),
        ("win32", "PySide6\\plugins\\styles\\qmodernwindowsstyle.dll"),
        ("darwin", f"{QT}/plugins/platforms/libqcocoa.dylib"),
    ],
)
def test_plugins_for_the_window_and_its_pictures_stay(platform: str, plugin: str) -> None:
    assert kept([packaged(plugin, "BINARY")], platform=platform) == [plugin]


@pytest.mark.parametrize(
    ("platform", "plugin"),
    [
        ("linux", f"{QT}/plugins/platforms/libqlinuxfb.so"),
        ("linux", f"{QT}/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so"),
        ("linux", f"{QT}/plugins/tls/libqopensslbackend.so"),
        ("linux", f"{QT}/plugins/qmltooling/libqmldbg_tcp.so"),
        ("win32", "PySide6\\plugins\\imageformats\\qpdf.dll"),
        ("darwin", f"{QT}/plugins/sqldrivers/libqsqlite.dylib"),
    ],
)
def test_other_plugins_stay_out(platform: str, plugin: str) -> None:
    assert kept([packaged(plugin, "BINARY")], platform=platform) == []


def test_a_library_stays_if_something_that_stays_is_linked_with_it() -> None:
    entries = [
        packaged("PySide6/QtGui.abi3.so", "EXTENSION"),
        packaged(f"{QT}/lib/libQt6Gui.so.6", "BINARY"),
        packaged(f"{QT}/lib/libQt6Core.so.6", "BINARY"),
        packaged(f"{QT}/plugins/imageformats/libqpdf.so", "BINARY"),
        packaged(f"{QT}/lib/libQt6Pdf.so.6", "BINARY"),
    ]
    links = {
        "QtGui.abi3.so": ["libQt6Gui.so.6"],
        "libQt6Gui.so.6": ["libQt6Core.so.6", "libc.so.6"],
        "libqpdf.so": ["libQt6Pdf.so.6"],
        "libQt6Pdf.so.6": ["libQt6Core.so.6"],
    }
    assert kept(entries, links) == [entry.name for entry in entries[:3]]


def test_windows_does_not_mind_the_case_of_names() -> None:
    entries = [packaged("PySide6\\QtGui.pyd", "EXTENSION"), packaged("PySide6\\Qt6Gui.dll", "BINARY")]
    links = {"QtGui.pyd": ["QT6GUI.DLL"]}
    assert kept(entries, links, platform="win32") == [entry.name for entry in entries]


@pytest.mark.parametrize(
    ("platform", "library"),
    [("linux", "libpython3.11.so.1.0"), ("win32", "python312.dll"), ("win32", "PySide6\\opengl32sw.dll")],
)
def test_what_is_loaded_by_name_stays(platform: str, library: str) -> None:
    assert kept([packaged(library, "BINARY")], platform=platform) == [library]


def test_the_browser_process_stays_with_its_libraries() -> None:
    process = packaged(f"{QT}/libexec/QtWebEngineProcess", "BINARY")
    engine = packaged(f"{QT}/lib/libQt6WebEngineCore.so.6", "BINARY")
    links = {"QtWebEngineProcess": ["libQt6WebEngineCore.so.6"]}
    assert kept([process, engine], links) == [process.name, engine.name]


def test_libraries_that_must_fit_the_desktop_are_left_to_it() -> None:
    extension = packaged("PySide6/QtGui.abi3.so", "EXTENSION")
    foreign = [
        system(name) for name in ("libglib-2.0.so.0", "libX11.so.6", "libnss3.so", "libxcb-randr.so.0")
    ]
    links = {"QtGui.abi3.so": [entry.name for entry in foreign]}
    assert kept([extension, *foreign], links) == [extension.name]


def test_libraries_that_a_desktop_may_lack_come_along() -> None:
    extension = packaged("python3.11/lib-dynload/_ssl.so", "EXTENSION")
    brought = [system(name) for name in ("libssl.so.3", "libxcb-cursor.so.0", "libxkbcommon-x11.so.0")]
    links = {"_ssl.so": [entry.name for entry in brought]}
    assert kept([extension, *brought], links) == [extension.name, *(entry.name for entry in brought)]


def test_the_processes_of_webengine_find_what_the_system_may_lack() -> None:
    engine = packaged(f"{QT}/libexec/QtWebEngineProcess", "BINARY")
    keyboard = system("libxkbcommon.so.0")
    names = kept([engine, keyboard], {"QtWebEngineProcess": [keyboard.name]})
    assert names == [engine.name, keyboard.name, f"{QT}/lib/{keyboard.name}"]


def test_links_go_with_what_they_lead_to() -> None:
    entries = [
        packaged("PySide6/QtGui.abi3.so", "EXTENSION"),
        packaged(f"{QT}/lib/libQt6Gui.so.6", "BINARY"),
        packaged(f"{QT}/lib/libQt6Qml.so.6", "BINARY"),
        Entry("libQt6Gui.so.6", f"{QT}/lib/libQt6Gui.so.6", "SYMLINK"),
        Entry("libQt6Qml.so.6", f"{QT}/lib/libQt6Qml.so.6", "SYMLINK"),
        Entry("hunspell/libGui.so", f"../{QT}/lib/libQt6Gui.so.6", "SYMLINK"),
    ]
    names = kept(entries, {"QtGui.abi3.so": ["libQt6Gui.so.6"]})
    assert names == [entries[0].name, entries[1].name, entries[3].name, entries[5].name]


def test_translations_are_those_of_the_program() -> None:
    locales = [
        packaged(f"{QT}/translations/qtwebengine_locales/{one}.pak") for one in ("en-US", "de", "zh-CN")
    ]
    texts = [packaged(f"{QT}/translations/{one}.qm") for one in ("qtbase_de", "qt_help_de", "qtbase_zh_CN")]
    assert kept([*locales, *texts]) == [locales[0].name]
    assert kept([*locales, *texts], languages=["zh_CN"]) == [locales[0].name, locales[2].name, texts[2].name]


def test_a_mac_keeps_its_frameworks_whole() -> None:
    framework = packaged(f"{QT}/lib/QtQml.framework/Versions/A/QtQml", "BINARY")
    link = Entry(f"{QT}/lib/QtQml.framework/QtQml", "Versions/Current/QtQml", "SYMLINK")
    assert kept([framework, link], platform="darwin") == [framework.name, link.name]


def test_the_licences_of_what_is_required_go_in(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        """
        [project]
        dependencies = ["nh3>=0.2.18", "PySide6>=6.9; python_version >= '3'", "old; python_version < '3'"]
        [project.optional-dependencies]
        test = ["pytest"]
        """
    )
    assert required_distributions(tmp_path) == {"nh3", "PySide6"}
