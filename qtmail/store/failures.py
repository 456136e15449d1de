"""What SQLite's error codes mean for a user: the one table from `sqlite3.Error` to `StoreFailed`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

from qtmail.errors import Retry, StoreFailed

_P = ParamSpec("_P")
_T = TypeVar("_T")

_DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUGS = (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError, sqlite3.NotSupportedError)


class _Meaning(NamedTuple):
    sentence: str
    advice: str
    retry: Retry


_LOCKED = _Meaning(
    "Another program is using {file} and did not let go of it.",
    "Close other copies of qtmail, and backup programs that hold the file.",
    Retry.LATER,
)
_READ_ONLY = _Meaning(
    "qtmail may not write to {file}.",
    "Check the permissions of the profile folder {folder}.",
    Retry.ASK_USER,
)
_DAMAGED = _Meaning("{file} is damaged.", "Quit qtmail and start it again.", Retry.NEVER)
_MEANINGS: dict[int, _Meaning] = {
    sqlite3.SQLITE_FULL: _Meaning(
        "The disk is full: {file} could not be written.",
        "Free some space on the disk that holds {folder}.",
        Retry.LATER,
    ),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _Meaning(
        "{file} could not be opened.",
        "Check that the profile folder {folder} exists and that you may write to it.",
        Retry.ASK_USER,
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _Meaning(
        "The disk failed while reading or writing {file}.",
        "Check the disk that holds {folder}.",
        Retry.LATER,
    ),
    sqlite3.SQLITE_NOMEM: _Meaning(
        "There was not enough memory to work on {file}.", "Close other programs.", Retry.LATER
    ),
}
_UNKNOWN = _Meaning("{file} could not be read or written.", "", Retry.LATER)


class DamagedValue(sqlite3.DatabaseError):
    """A column holds what was never written to it: the file was altered in a way SQLite cannot notice."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    sqlite_errorname = "SQLITE_CORRUPT"


def reads_columns(decode: Callable[_P, _T]) -> Callable[_P, _T]:
    """For functions that only turn columns into values: any complaint of theirs means the file is damaged."""

    @wraps(decode)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return decode(*args, **kwargs)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            raise DamagedValue(str(error)) from error

    return guarded


def primary_code(error: sqlite3.Error) -> int | None:
    """The SQLite result code without its extension, or None where the library raised the error itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def means_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, so that no retry can ever help.

    Python gives no code to the one error it raises by itself while reading: a text that is not UTF-8.
    """
    not_utf8 = isinstance(error, sqlite3.OperationalError) and primary_code(error) is None
    return not_utf8 or primary_code(error) in _DAMAGE_CODES


def is_bug(error: sqlite3.Error) -> bool:
    """Whether the program, not the environment, is to blame; such an error is never dressed up as a fault."""
    return isinstance(error, _BUGS)


def store_failed(error: sqlite3.Error, path: Path) -> StoreFailed:
    """`error`, met while using the database at `path`, in words."""
    code = sqlite3.SQLITE_CORRUPT if means_damage(error) else primary_code(error)
    meaning = _MEANINGS.get(code or 0, _UNKNOWN)
    return StoreFailed(
        meaning.sentence.format(file=path.name, folder=path.parent),
        advice=meaning.advice.format(file=path.name, folder=path.parent),
        detail=f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error} ({path})",
        retry=meaning.retry,
    )
