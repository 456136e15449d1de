"""Key files (Desktop Entry Specification, "Basic format of the file"): desktop entries and mimeapps.list.

They are edited line by line: what is not changed stays as it was, comments, order, line ends and odd bytes
included.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from qtmail.integration.desktop_file import write_desktop_file

_GROUP = re.compile(r"\[([^\[\]]*)\]\s*$")
_ENTRY = re.compile(r"\s*([^=\s#\[][^=]*)=[^\S\r]*([^\r]*)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MOST_BYTES = 4_000_000
"""Of a file; the largest that a full desktop makes, the cache of its entries, has some 100,000."""
_ESCAPED = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


class KeyFile:
    """The lines of a key file, with their groups and keys.

    A group or a key that wrongly stands there twice is one: the last value counts, as for GLib.
    """

    def __init__(self, content: bytes = b"") -> None:
        # Any bytes come back as they were; the keys themselves are ASCII.
        self._lines = content.decode("utf-8", "surrogateescape").split("\n")

    @classmethod
    def read(cls, path: Path) -> KeyFile:
        """The file, or an empty one if there is none. Raises OSError where it is there and cannot be read, is
        no file, or far too large.
        """
        try:
            return cls(_content(path))
        except FileNotFoundError:
            return cls()

    @classmethod
    def glance(cls, path: Path) -> KeyFile:
        """The file for looking at only: an empty one also stands for one that cannot be read."""
        try:
            return cls(_content(path))
        except OSError:
            return cls()

    def write(self, path: Path) -> None:
        """Put it in place at once. Raises OSError."""
        write_desktop_file(path, bytes(self))

    def __bytes__(self) -> bytes:
        return "\n".join(self._lines).encode("utf-8", "surrogateescape")

    def groups(self) -> list[str]:
        """The names of all groups, in order."""
        return list(dict.fromkeys(group for _, group, _ in self._walk() if group))

    def get(self, group: str, key: str) -> str | None:
        """The value as it stands in the file, or None."""
        found = self._entries(group, key)
        return found[-1][1][2].rstrip() if found else None

    def string(self, group: str, key: str) -> str | None:
        """A value of type string: its escapes undone."""
        value = self.get(group, key)
        return None if value is None else unescape(value)

    def is_true(self, group: str, key: str) -> bool:
        """Whether a value of type boolean is there, and true."""
        return self.get(group, key) == "true"

    def strings(self, group: str, key: str) -> list[str]:
        """A value that is a list with semicolons."""
        return [piece for piece in (self.get(group, key) or "").strip().split(";") if piece]

    def set(self, group: str, key: str, value: str) -> None:
        """Give a key its value (escaped already): where it stands, else at the end of its group. The group is
        made if need be.
        """
        found = self._entries(group, key)
        for number, entry in found:
            self._lines[number] = entry.string[: entry.start(2)] + value + self._line_end(number)
        if not found:
            number = self._end_of(group)
            self._lines.insert(number, f"{key}={value}" + self._line_end(number - 1))

    def set_strings(self, group: str, key: str, values: Sequence[str]) -> None:
        """Give a key a list; an empty one removes it."""
        if values:
            self.set(group, key, "".join(f"{value};" for value in values))
        else:
            self.remove(group, key)

    def remove(self, group: str, key: str) -> None:
        """Take a key out, if it is there."""
        for number, _ in reversed(self._entries(group, key)):
            del self._lines[number]

    def _walk(self) -> Iterator[tuple[int, str, str]]:
        """(number, group, text) of each line; the text of a group's own line is ""."""
        group = ""
        for number, line in enumerate(self._lines):
            if header := _GROUP.match(line):
                group, line = header[1], ""
            yield number, group, line

    def _entries(self, group: str, key: str) -> list[tuple[int, re.Match[str]]]:
        """The lines that give a key of a group its value, with what was matched: key and value."""
        return [
            (number, entry)
            for number, name, line in self._walk()
            if name == group and (entry := _ENTRY.match(line)) and entry[1].rstrip() == key
        ]

    def _end_of(self, group: str) -> int:
        """Where a line is put that joins a group: after its last line that is not empty."""
        last = None
        for number, name, line in self._walk():
            if name == group and (line.strip() or _GROUP.match(self._lines[number])):
                last = number
        return self._add_group(group) if last is None else last + 1

    def _add_group(self, group: str) -> int:
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
        end = self._line_end(len(self._lines) - 1)
        self._lines += [*([end] if self._lines else []), f"[{group}]{end}", ""]
        return len(self._lines) - 1

    def _line_end(self, number: int) -> str:
        return "\r" if number >= 0 and self._lines[number].endswith("\r") else ""


def _content(path: Path) -> bytes:
    """What is in a file: to open a pipe could wait for ever, and a device need not end. Raises OSError."""
    found = path.stat()
    # To read a directory fails by itself.
    ordinary = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    if not ordinary or found.st_size > _MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return path.read_bytes()


def escape(value: str) -> str:
    """A text as a value of type string."""
    for plain, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        value = value.replace(plain, escaped)
    return f"\\s{value[1:]}" if value.startswith(" ") else value


def unescape(value: str) -> str:
    """The text of a value of type string."""
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[0]), value)
