"""Bringing a database to the newest schema.

A schema is a list of migrations, each a list of SQL statements; a published migration never changes again.
How many of them a file has seen stands in its `PRAGMA user_version`, so that a start with nothing to do costs
one read. Only when there is work is sqlite-utils imported (100 ms), whose migrations keep a record of names
and times.

Several processes may start at once: all work is done inside one `BEGIN IMMEDIATE`, so one process migrates
and the others wait, look again and find nothing to do. A failure rolls everything back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtmail.log import logger

if TYPE_CHECKING:
    import sqlite_utils

_log = logger("store")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema.

    Attributes:
        name: what it does; recorded in the database, never changed once released.
        statements: SQL, one statement each, run in order in one transaction.
    """

    name: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """All migrations of one database, oldest first; the newest version is their number."""

    name: str
    migrations: tuple[Migration, ...]

    @property
    def version(self) -> int:
        return len(self.migrations)


class NewerSchemaError(Exception):
    """The database was written by a newer qtmail, whose schema this one does not know."""


def user_version(connection: sqlite3.Connection) -> int:
    """How many migrations this database has seen; 0 for a new file."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, schema: Schema) -> None:
    """Apply what is missing. `connection` is in autocommit mode, with no transaction open.

    Raises:
        NewerSchemaError: the file is ahead of `schema`; nothing was changed.
        sqlite3.Error: a migration failed; all of them were rolled back.
    """
    if _is_current(connection, schema):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_current(connection, schema):
            _apply(connection, schema)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _is_current(connection: sqlite3.Connection, schema: Schema) -> bool:
    version = user_version(connection)
    if version > schema.version:
        raise NewerSchemaError(f"{schema.name} has schema version {version}, known is {schema.version}")
    return version == schema.version


def _apply(connection: sqlite3.Connection, schema: Schema) -> None:
    import sqlite_utils  # noqa: PLC0415  (100 ms, needed only when there is something to migrate)

    migrations = sqlite_utils.Migrations(schema.name)
    for migration in schema.migrations:
        migrations(name=migration.name)(_runner(migration))
    # Its transactions become savepoints inside ours.
    migrations.apply(sqlite_utils.Database(connection, recursive_triggers=False, execute_plugins=False))
    connection.execute(f"PRAGMA user_version = {schema.version}")
    _log.info("%s database brought to schema version %d", schema.name, schema.version)


def _runner(migration: Migration) -> Callable[[sqlite_utils.Database], None]:
    def run(database: sqlite_utils.Database) -> None:
        for statement in migration.statements:
            database.conn.execute(statement)

    return run
