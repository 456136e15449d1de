"""What Linux desktops start at sign-in (Desktop Application Autostart Specification 0.5)."""

from __future__ import annotations

from pathlib import Path

from qtmail.integration.desktop_entry import ENTRY, can_start, is_for_this_desktop
from qtmail.integration.directories import config_directories
from qtmail.integration.key_file import KeyFile

GNOME_SWITCH = "X-GNOME-Autostart-enabled"
"""False where the user turned it off in GNOME's settings, which show only entries that have it."""


def autostarts(name: str) -> bool:
    """Whether the desktop starts the entry with this file name; of several the most important one counts."""
    for path in _places(name):
        if path.is_file():
            entry = KeyFile.glance(path)
            return (
                can_start(entry) and entry.get(ENTRY, GNOME_SWITCH) != "false" and is_for_this_desktop(entry)
            )
    return False


def own_autostart(name: str) -> KeyFile:
    """The user's entry, for looking at."""
    return KeyFile.glance(_places(name)[0])


def add_autostart(name: str, entry: KeyFile) -> None:
    """Have it started for this user, unless the entry says that it is turned off. Raises OSError."""
    entry.write(_places(name)[0])


def remove_autostart(name: str) -> None:
    """Have it no longer started for this user; what the system would start is hidden. Raises OSError."""
    own, *of_the_system = _places(name)
    if any(path.is_file() for path in of_the_system):
        hidden = KeyFile()
        hidden.set(ENTRY, "Type", "Application")
        hidden.set(ENTRY, "Name", name.removesuffix(".desktop"))
        hidden.set(ENTRY, "Hidden", "true")
        hidden.write(own)
    else:
        own.unlink(missing_ok=True)


def _places(name: str) -> list[Path]:
    return [directory / "autostart" / name for directory in config_directories()]
