"""Texts in a keyring that may be longer than it takes.

Windows' vault holds 2,560 bytes for each entry, 1,280 characters in its UTF-16; a refresh token can have
more. A long text is put into several entries beside the one that is asked for, which then says how many there
are. There are two series of names, used in turn: the old text is whole until the new one is.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_LONGEST = 1200
"""Units of UTF-16 for each entry."""
_MARK = "qtmail-parts:"
_SERIES = ("a", "b")


def read(keyring: KeyringBackend, service: str, user: str) -> str | None:
    """The text, or None where there is none."""
    for _ in _SERIES:  # another process may put a new text in its place while we read
        text = keyring.get_password(service, user)
        if text is None or not text.startswith(_MARK):
            return text
        series, number = _described(text)
        parts = [keyring.get_password(_part(service, series, index), user) for index in range(1, number + 1)]
        if None not in parts:
            return "".join(part for part in parts if part is not None)
    return None


def write(keyring: KeyringBackend, service: str, user: str, text: str) -> None:
    """Put a text in the place of the one that is there, if any."""
    before = keyring.get_password(service, user) or ""
    old_series, _ = _described(before)
    parts = _parts(text)
    if len(parts) == 1 and not text.startswith(_MARK):
        keyring.set_password(service, user, text)
    else:
        series = "b" if old_series == "a" else "a"
        for index, part in enumerate(parts, 1):
            keyring.set_password(_part(service, series, index), user, part)
        keyring.set_password(service, user, f"{_MARK}{series}:{len(parts)}")
    if old_series:
        _delete_parts(keyring, service, user, old_series)


def delete(keyring: KeyringBackend, service: str, user: str) -> None:
    """Deleting what is not there is no fault, and backends agree on no other way to tell than to look."""
    if keyring.get_password(service, user) is not None:
        keyring.delete_password(service, user)
    for series in _SERIES:
        _delete_parts(keyring, service, user, series)


def _delete_parts(keyring: KeyringBackend, service: str, user: str, series: str) -> None:
    for index in count(1):
        name = _part(service, series, index)
        if keyring.get_password(name, user) is None:
            break
        keyring.delete_password(name, user)


def _part(service: str, series: str, index: int) -> str:
    return f"{service} part {series}{index}"


def _described(text: str) -> tuple[str, int]:
    """The series and the number of parts that an entry speaks of; "" and 0 if it holds the text itself."""
    if not text.startswith(_MARK):
        return "", 0
    series, _, number = text.removeprefix(_MARK).partition(":")
    return series, int(number) if number.isdecimal() else 0


def _parts(text: str) -> list[str]:
    """Pieces that each fit, cut between characters."""
    parts, size = [""], 0
    for character in text:
        units = 2 if ord(character) > 0xFFFF else 1
        if size + units > _LONGEST:
            parts.append("")
            size = 0
        parts[-1] += character
        size += units
    return parts
