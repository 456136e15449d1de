"""Desktop entries (Desktop Entry Specification 1.5): the commands in them, and whether one can be used."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from qtmail.integration.directories import current_desktops, data_directories
from qtmail.integration.key_file import KeyFile, escape, unescape

ENTRY = "Desktop Entry"
"""The group that every desktop entry begins with."""

_LONGEST_NAME = 255
"""Of a file, in characters; systems count bytes, which are no fewer."""

_RESERVED = re.compile(r"""[\s"'\\><~|&;$*?#()`]""")
_QUOTED = re.compile(r'(["`$\\])')
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)', re.DOTALL)
_UNQUOTED = re.compile(r"\\(.)", re.DOTALL)


def exec_value(command: Sequence[str]) -> str:
    """A command as the value of Exec: each word quoted where it has to be (section "The Exec key"), then
    escaped as every value is. Nothing in it is taken for a field code.
    """
    if "%" in command[0]:
        # GLib looks for the program before it makes one percent sign of two.
        command = ["env", *command]
    return escape(" ".join(_quoted(word) for word in command))


def exec_words(value: str) -> list[str]:
    """The words of a value of Exec; field codes stay."""
    return [_UNQUOTED.sub(r"\1", found[1]) if found[2] is None else found[2] for found in _words(value)]


def is_installed(desktop_id: str) -> bool:
    """Whether there is a desktop entry with this file id, as “org.example.mail.desktop”, that can be started.

    The user's own comes before the system's and may say that the program is deleted (Hidden). As in GLib, one
    whose program is gone does not stand in the way of another.
    """
    for path in _entries(desktop_id):
        entry = KeyFile.glance(path)
        if entry.is_true(ENTRY, "Hidden"):
            return False
        if can_start(entry):
            return True
    return False


def can_start(entry: KeyFile) -> bool:
    """Whether an entry is not deleted (Hidden) and its program is there."""
    return not entry.is_true(ENTRY, "Hidden") and _has_program(entry)


def lost_program(entry: KeyFile) -> bool:
    """Whether an entry is not deleted and its program is gone."""
    return not entry.is_true(ENTRY, "Hidden") and not _has_program(entry)


def is_for_this_desktop(entry: KeyFile) -> bool:
    """Whether OnlyShowIn and NotShowIn admit the current desktop. Its first name that one of them lists
    decides.
    """
    only, never = entry.strings(ENTRY, "OnlyShowIn"), entry.strings(ENTRY, "NotShowIn")
    for desktop in current_desktops():
        if desktop in only:
            return True
        if desktop in never:
            return False
    return not only


def _has_program(entry: KeyFile) -> bool:
    words = exec_words(entry.get(ENTRY, "Exec") or "")
    needed = [entry.string(ENTRY, "TryExec"), words[0] if words else None]
    return any(needed) and all(shutil.which(program) for program in needed if program)


def _quoted(word: str) -> str:
    word = word.replace("%", "%%")
    if word and not _RESERVED.search(word):
        return word
    return '"' + _QUOTED.sub(r"\\\1", word) + '"'


def _words(value: str) -> Iterator[re.Match[str]]:
    return _WORD.finditer(unescape(value))


def _entries(desktop_id: str) -> Iterator[Path]:
    for directory in data_directories():
        for name in _file_names(desktop_id):
            yield directory / "applications" / name


def _file_names(desktop_id: str) -> Iterator[str]:
    """An id's dashes may stand for directories: “kde-mail.desktop” is also kde/mail.desktop. What cannot be
    the name of a file is no id.
    """
    if "\0" in desktop_id or "/" in desktop_id or len(desktop_id) > _LONGEST_NAME:
        return
    for dashes in range(desktop_id.count("-") + 1):
        yield desktop_id.replace("-", "/", dashes)
