"""Whether a database file is sound, and putting a damaged one out of the way.

At every start the header, the schema and the first page of each table are looked at, which takes a
millisecond. All pages of a large file are looked at only after an unclean end. SQLite itself tells of one:
the last connection to close removes the write-ahead log, so a log that was left behind, with nobody using it,
is the trace of a crash or a power failure. Damage that SQLite meets while running leaves a mark beside the
file, for the next start to find.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from qtmail.log import logger
from qtmail.store.failures import means_damage, primary_code, store_failed
from qtmail.store.migrations import Schema, user_version

_FULL_CHECK_SECONDS = 2.0
"""A full check that takes longer is broken off; damage that it did not reach is marked when it is met."""

_ALWAYS_CHECKED_BYTES = 4 * 1024 * 1024
"""Files up to this size are checked in full at every start, in a few milliseconds."""

_PROGRESS_STEPS = 20_000

_log = logger("store")


class Defect(StrEnum):
    """Why a file cannot be used, in words that follow its name."""

    DAMAGED = "is damaged"
    CUT_SHORT = "is damaged: its end is missing"
    NEWER = "was written by a newer version of qtmail"
    OTHER_PROFILE = "belongs to other accounts"
    FOREIGN = "is not a database of qtmail"


class UnsoundError(Exception):
    """A database file cannot be used."""

    def __init__(self, defect: Defect) -> None:
        super().__init__(defect.value)
        self.defect = defect


def damage_mark(path: Path) -> Path:
    """The empty file that says SQLite found the database at `path` damaged."""
    return path.with_name(path.name + ".is-damaged")


def mark_damaged(path: Path) -> None:
    """Have the next start replace this database. Without the mark, it may still notice by itself."""
    with suppress(OSError):
        damage_mark(path).touch()


def check_at_start(path: Path, schema: Schema) -> None:
    """Look at the file as far as a start allows. A file that does not exist is sound.

    Raises:
        UnsoundError: it is damaged, from a newer qtmail, or no database of ours.
        StoreFailed: it could not be looked at.
    """
    if damage_mark(path).exists():
        raise UnsoundError(Defect.DAMAGED)
    if not path.exists():
        return
    try:
        if _log_of(path).exists() or path.stat().st_size <= _ALWAYS_CHECKED_BYTES:
            _check_all_pages(path)
        _check_first_pages(path, schema)
    except sqlite3.DatabaseError as error:
        if means_damage(error):
            raise UnsoundError(Defect.DAMAGED) from error
        raise store_failed(error, path) from error


def verdicts(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with an open database, in SQLite's words; empty when it is sound. Reads every page."""
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
    orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
    return [text for text in found if text != "ok"] + [
        f"row {row[1]} of {row[0]} belongs to nothing" for row in orphans
    ]


def set_aside(path: Path) -> Path:
    """Rename a damaged database and its companions, in place of earlier ones; returns the new name.

    Raises OSError when another program on Windows holds the file.
    """
    for earlier in path.parent.glob(f"{path.name}.damaged-*"):
        earlier.unlink(missing_ok=True)
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    # The log goes first: played into a new database it would wreck that one.
    for suffix in ("-wal", "-shm", ""):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    damage_mark(path).unlink(missing_ok=True)
    return aside


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _check_first_pages(path: Path, schema: Schema) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # One look at both: another process may be making the file, between no tables and all of them.
        connection.execute("BEGIN")
        version = user_version(connection)
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        if version > schema.version:
            raise UnsoundError(Defect.NEWER)
        if version == 0 and tables:
            raise UnsoundError(Defect.FOREIGN)
        for (table,) in tables:
            connection.execute(f'SELECT * FROM "{table}" LIMIT 1').fetchone()
        (pages,), (page_size,) = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        if not _log_of(path).exists() and path.stat().st_size < pages * page_size:
            raise UnsoundError(Defect.CUT_SHORT)
    finally:
        connection.close()


def _check_all_pages(path: Path) -> None:
    """Check every page, within a time limit, if nobody else has the database open."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    deadline = time.monotonic() + _FULL_CHECK_SECONDS
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _PROGRESS_STEPS)
    try:
        # Granted only to the sole user of a database in WAL mode; others wait until it is closed.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            _log.warning("%s: %s", path.name, verdict)
            raise UnsoundError(Defect.DAMAGED)
    except sqlite3.OperationalError as error:
        if primary_code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT):
            raise
    finally:
        connection.close()
