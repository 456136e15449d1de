"""qtmail's own desktop entry: desktops know a program, and let it be a default, only by such an entry.

Packages of a distribution bring it. For an AppImage, and for a program from an archive, from pipx or from its
source, it is written into the user's directories with its icons, made from the one that packages bring.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from pathlib import Path

from qtmail import log
from qtmail.integration.desktop_entry import ENTRY, can_start, exec_value, lost_program
from qtmail.integration.desktop_file import write_desktop_file
from qtmail.integration.directories import data_directories
from qtmail.integration.key_file import KeyFile, escape
from qtmail.integration.program import APP_ID, command, system_environment, working_directory
from qtmail.paths import resource

DESKTOP_ID = f"{APP_ID}.desktop"

_WRITTEN_HERE = "X-Qtmail-Written"
"""Marks entries that qtmail wrote."""
_DATABASE_SECONDS = 10.0


def ensure_entry() -> None:
    """See to it that the desktop has an entry that starts qtmail.

    An entry of the system's, or one that somebody else put into the user's directory, is left alone as long
    as its program is there. One that qtmail wrote follows the program that runs now. Raises OSError.
    """
    own, *of_the_system = [directory / "applications" / DESKTOP_ID for directory in data_directories()]
    present = KeyFile.glance(own)
    if can_start(present) and not is_written_here(present):
        return
    if any(can_start(KeyFile.glance(path)) for path in of_the_system):
        own.unlink(missing_ok=True)
    else:
        _entry().write(own)
        _write_icons(own.parent.parent / "icons" / "hicolor")
    _update_database(own.parent)


def renew_lost_entry() -> None:
    """Where qtmail wrote an entry for a program that is gone since, let it start this one. Raises OSError."""
    present = KeyFile.glance(data_directories()[0] / "applications" / DESKTOP_ID)
    if is_written_here(present) and lost_program(present):
        ensure_entry()


def starting(entry: KeyFile, *arguments: str) -> KeyFile:
    """Let an entry start this program with these arguments."""
    program = command(*arguments)
    entry.set(ENTRY, "Exec", exec_value(program))
    entry.set(ENTRY, "TryExec", escape(program[0]))
    if directory := working_directory():
        entry.set(ENTRY, "Path", escape(str(directory)))
    else:
        entry.remove(ENTRY, "Path")
    entry.set(ENTRY, _WRITTEN_HERE, "true")
    return entry


def is_written_here(entry: KeyFile) -> bool:
    """Whether qtmail wrote an entry, which is then its own to change."""
    return entry.is_true(ENTRY, _WRITTEN_HERE)


def _entry() -> KeyFile:
    """The entry that packages bring, for this program. Each of its commands is a name, then field codes and
    plain words.
    """
    entry = KeyFile(resource("linux", DESKTOP_ID).read_bytes())
    arguments = {group: (entry.get(group, "Exec") or "").partition(" ")[2] for group in entry.groups()}
    starting(entry)
    for group, rest in arguments.items():
        entry.set(group, "Exec", f"{exec_value(command())} {rest}".rstrip())
    return entry


def _write_icons(theme: Path) -> None:
    """The icons, named as the entry names them (Icon Theme Specification)."""
    for path in resource("icons").glob("qtmail-*.png"):
        size = path.stem.rpartition("-")[2]
        write_desktop_file(theme / f"{size}x{size}" / "apps" / f"{APP_ID}.png", path.read_bytes())
    write_desktop_file(
        theme / "scalable" / "apps" / f"{APP_ID}.svg", resource("icons", "qtmail.svg").read_bytes()
    )


def _update_database(directory: Path) -> None:
    """Let desktops that gather the entries in a cache see the change. The default works without it."""
    program = shutil.which("update-desktop-database")
    if program is None or not directory.is_dir():
        return
    try:
        subprocess.run(
            [program, "-q", directory],
            env=system_environment(),
            timeout=_DATABASE_SECONDS,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.logger("integration").log(logging.INFO, "update-desktop-database: %s", error)
