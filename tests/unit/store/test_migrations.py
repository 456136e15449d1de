from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qtmail.store.migrations import Migration, NewerSchemaError, Schema, migrate, user_version

ONE = Migration(
    "0001_one", ("CREATE TABLE one (a INTEGER NOT NULL) STRICT", "INSERT INTO one (a) VALUES (1)")
)
TWO = Migration("0002_two", ("ALTER TABLE one ADD COLUMN b TEXT NOT NULL DEFAULT 'b'",))
BROKEN = Migration("0002_broken", ("INSERT INTO one (a) VALUES (2)", "INSERT INTO nowhere VALUES (1)"))

OPEN_STORE = """
import sys, time
from pathlib import Path
from qtmail.store.store import Store
start = float(sys.argv[2])
while time.time() < start:
    pass
with Store.open(Path(sys.argv[1])) as store:
    assert store.accounts.list() == [] and store.folders.list() == [] and store.notes == (), store.notes
print("sqlite_utils" in sys.modules)
"""


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def rows(connection: sqlite3.Connection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def test_a_new_file_gets_every_migration_once(tmp_path: Path) -> None:
    connection = connect(tmp_path / "test.db")
    migrate(connection, Schema("test", (ONE, TWO)))
    migrate(connection, Schema("test", (ONE, TWO)))
    assert rows(connection, "SELECT a, b FROM one") == [(1, "b")]
    assert user_version(connection) == 2
    connection.close()


def test_an_older_file_gets_what_is_missing_and_keeps_its_rows(tmp_path: Path) -> None:
    connection = connect(tmp_path / "test.db")
    migrate(connection, Schema("test", (ONE,)))
    connection.execute("INSERT INTO one (a) VALUES (7)")
    migrate(connection, Schema("test", (ONE, TWO)))
    assert rows(connection, "SELECT a, b FROM one") == [(1, "b"), (7, "b")]
    connection.close()


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    connection = connect(tmp_path / "test.db")
    migrate(connection, Schema("test", (ONE,)))
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, Schema("test", (ONE, BROKEN)))
    assert not connection.in_transaction
    assert rows(connection, "SELECT a FROM one") == [(1,)]
    assert user_version(connection) == 1
    connection.close()


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = connect(tmp_path / "test.db")
    migrate(connection, Schema("test", (ONE, TWO)))
    with pytest.raises(NewerSchemaError):
        migrate(connection, Schema("test", (ONE,)))
    assert user_version(connection) == 2
    connection.close()


def open_in_processes(profile: Path, count: int, start: float) -> list[str]:
    """Open the store in so many processes at once; whether each imported sqlite-utils."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", OPEN_STORE, str(profile), str(start)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in outputs] == [""] * count
    return [output.strip() for output, _ in outputs]


def test_four_processes_that_start_at_once_on_a_new_profile_all_open_it(tmp_path: Path) -> None:
    for attempt in range(3):
        open_in_processes(tmp_path / f"profile{attempt}", 4, time.time() + 0.5)


def test_a_start_with_nothing_to_migrate_does_not_import_sqlite_utils(tmp_path: Path) -> None:
    assert open_in_processes(tmp_path / "profile", 1, 0) == ["True"]
    assert open_in_processes(tmp_path / "profile", 1, 0) == ["False"]
