"""Reads JSON that a stranger may have written: what is missing gets its default, what is there must make
sense, and what is not known is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeVar

from qtmail.errors import FileFailed

_E = TypeVar("_E", bound=Enum)

LINE = 1_000
"""Characters of a text of one line."""
TEXT = 2 * 1024 * 1024
"""Characters of a text of many lines: signatures hold pictures."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Senseless(FileFailed):
    """A file with settings says something that cannot be; which, is in words."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(
            f"This is not a file with settings that qtmail can read: {where} {what}.",
            advice="Export the settings again, or mend the file.",
        )


class Record:
    """One JSON object. All methods raise Senseless for what is there and makes no sense.

    Args:
        where: what it is, for sentences ("account 3").
    """

    def __init__(self, members: object, where: str) -> None:
        if not isinstance(members, dict):
            raise Senseless(where, "is not an object")
        self.where = where
        self._members = members

    def __contains__(self, name: str) -> bool:
        return self._members.get(name) is not None

    def line(self, name: str, default: str = "", *, longest: int = LINE) -> str:
        """A text without line breaks or other control characters."""
        text = self.text(name, default, longest=longest)
        if _CONTROL.search(text):
            raise self._wrong(name, "holds control characters")
        return text

    def text(self, name: str, default: str = "", *, longest: int = TEXT) -> str:
        value = self._members.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, "is not a text")
        if len(value) > longest:
            raise self._wrong(name, f"is longer than {longest:,} characters")
        if not _is_unicode(value):
            raise self._wrong(name, "is not Unicode")
        return value

    def matching(self, name: str, pattern: re.Pattern[str], default: str = "") -> str:
        """A text of this form."""
        text = self.line(name, default)
        if not pattern.fullmatch(text):
            raise self._wrong(name, f"cannot be “{text[:40]}”")
        return text

    def octets(self, name: str) -> bytes:
        """The name of a folder as its server writes it, each byte as the character of that number."""
        text = self.line(name)
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            raise self._wrong(name, "is not the name of a folder") from None

    def number(self, name: str, default: int, *, low: int = 0, high: int = 2**53) -> int:
        value = self._members.get(name)
        if value is None:
            return default
        if type(value) is not int:  # True is an int as well
            raise self._wrong(name, "is not a whole number")
        if not low <= value <= high:
            raise self._wrong(name, f"is not between {low:,} and {high:,}")
        return value

    def truth(self, name: str, default: bool) -> bool:
        value = self._members.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(name, "is neither true nor false")
        return value

    def choice(self, name: str, default: _E) -> _E:
        """One of the values of `default`'s kind."""
        value = self._members.get(name)
        if value is None:
            return default
        try:
            return type(default)(value)
        except ValueError:
            raise self._wrong(name, f"cannot be “{str(value)[:40]}”") from None

    def record(self, name: str) -> Record | None:
        """The object of this name, or None."""
        value = self._members.get(name)
        return None if value is None else Record(value, f"{self.where}, “{name}”,")

    def records(self, name: str, one: str, *, most: int) -> list[Record]:
        """A list of objects, each called `one` in sentences."""
        return [Record(value, f"{one} {place}") for place, value in enumerate(self._list(name, most), 1)]

    def lines(self, name: str, *, most: int) -> list[str]:
        """A list of texts."""
        texts = [Record({name: value}, self.where) for value in self._list(name, most)]
        return [text.line(name) for text in texts]

    def names(self, most: int) -> Iterator[str]:
        """The names of all members."""
        if len(self._members) > most:
            raise Senseless(self.where, f"has more than {most:,} members")
        yield from (name for name in self._members if _is_unicode(name))

    def _list(self, name: str, most: int) -> list[object]:
        value = self._members.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(name, "is not a list")
        if len(value) > most:
            raise self._wrong(name, f"has more than {most:,} entries")
        return value

    def _wrong(self, name: str, what: str) -> Senseless:
        return Senseless(self.where, f"“{name}” {what}" if self.where else what)


def texts_in(record: Record | None, *, most: int) -> Mapping[str, str]:
    """An object of nothing but texts, as a mapping."""
    return {} if record is None else {name: record.text(name, longest=LINE) for name in record.names(most)}


def _is_unicode(text: str) -> bool:
    """JSON can write half of a surrogate pair; nothing else can."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
