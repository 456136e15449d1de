"""Which program opens what on Linux desktops: mimeapps.list (MIME Applications Specification 1.0.1).

As in GLib and xdg-utils, an entry that is named as a default need not say again that it knows the type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qtmail.integration.desktop_entry import is_installed
from qtmail.integration.directories import config_directories, current_desktops, data_directories
from qtmail.integration.key_file import KeyFile

_DEFAULTS = "Default Applications"
_ADDED = "Added Associations"
_REMOVED = "Removed Associations"
_CACHE = "MIME Cache"


def default_app(mime_type: str) -> str | None:
    """The desktop file id of the program that opens a type: the first installed one that a list names as the
    default, else the first that is associated with the type. None: nothing opens it.
    """
    for path in _lists():
        for desktop_id in _strings(path, _DEFAULTS, mime_type):
            if is_installed(desktop_id):
                return desktop_id
    return next((one for one in _associated(mime_type) if is_installed(one)), None)


def make_default(desktop_id: str, mime_types: Sequence[str]) -> None:
    """Have a program open these types, for this user. Those that did so before stay behind it, so that one of
    them takes over when it is removed.

    Written is the user's mimeapps.list, and the list for the current desktop where it decides about a type.
    Raises OSError.
    """
    home = config_directories()[0]
    ordinary = home / "mimeapps.list"
    for path in [home / name for name in _desktop_names()] + [ordinary]:
        found = KeyFile.read(path)
        before = bytes(found)
        for mime_type in mime_types:
            _put_first(found, desktop_id, mime_type, anyway=path == ordinary)
        if bytes(found) != before:
            found.write(path)


def _put_first(found: KeyFile, desktop_id: str, mime_type: str, *, anyway: bool) -> None:
    others = found.strings(_DEFAULTS, mime_type)
    if others or anyway:
        found.set_strings(_DEFAULTS, mime_type, [desktop_id, *(one for one in others if one != desktop_id)])
    removed = found.strings(_REMOVED, mime_type)
    if desktop_id in removed:
        found.set_strings(_REMOVED, mime_type, [one for one in removed if one != desktop_id])


def _lists() -> Iterator[Path]:
    """All lists, in the order of the specification."""
    places = config_directories() + [place / "applications" for place in data_directories()]
    for place in places:
        for name in (*_desktop_names(), "mimeapps.list"):
            yield place / name


def _desktop_names() -> list[str]:
    return [f"{desktop.lower()}-mimeapps.list" for desktop in current_desktops()]


def _associated(mime_type: str) -> Iterator[str]:
    """Associations, the most important first: those a list adds, then what the entries themselves say, which
    is gathered in a cache in each directory. A list can also take away those that come after it.
    """
    removed: set[str] = set()
    for place in config_directories() + [place / "applications" for place in data_directories()]:
        for desktop_id in _strings(place / "mimeapps.list", _ADDED, mime_type):
            if desktop_id not in removed:
                yield desktop_id
        removed.update(_strings(place / "mimeapps.list", _REMOVED, mime_type))
        for desktop_id in _strings(place / "mimeinfo.cache", _CACHE, mime_type):
            if desktop_id not in removed:
                yield desktop_id


def _strings(path: Path, group: str, key: str) -> list[str]:
    return KeyFile.glance(path).strings(group, key)
