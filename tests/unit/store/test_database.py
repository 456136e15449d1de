from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtmail.errors import Retry, StoreFailed
from qtmail.store.database import Database, Durability


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "test.db", Durability.NORMAL, busy_seconds=0.2)
    with opened.writing() as connection:
        connection.execute("CREATE TABLE t (a INTEGER NOT NULL) STRICT")
    yield opened
    opened.close()


def values(database: Database) -> list[int]:
    with database.reading() as connection:
        return [a for (a,) in connection.execute("SELECT a FROM t ORDER BY a")]


def insert(database: Database, *numbers: int) -> None:
    with database.writing() as connection:
        connection.executemany("INSERT INTO t (a) VALUES (?)", [(number,) for number in numbers])


def insert_singly(database: Database, numbers: range) -> None:
    for number in numbers:
        insert(database, number)


def in_thread(work: Callable[[], object]) -> list[BaseException]:
    """Run `work` in a thread of its own until it ends; returns what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except StoreFailed as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    return raised


def test_writes_are_seen_by_readers_after_the_commit(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("INSERT INTO t (a) VALUES (1)")
        assert values(database) == []
    assert values(database) == [1]


def test_an_exception_rolls_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute("INSERT INTO t (a) VALUES (1)")
        _ = 1 / 0
    assert values(database) == []
    insert(database, 2)
    assert values(database) == [2]


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreFailed), database.reading() as connection:
        connection.execute("INSERT INTO t (a) VALUES (1)")
    assert values(database) == []


def test_a_transaction_inside_a_transaction_is_a_bug(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("INSERT INTO t (a) VALUES (1)")
        with pytest.raises(RuntimeError), database.writing():
            pass
    assert values(database) == [1]


def test_a_wrong_statement_is_a_bug_and_not_a_fault_of_the_environment(database: Database) -> None:
    with pytest.raises(sqlite3.ProgrammingError), database.reading() as connection:
        connection.execute("SELECT a FROM t WHERE a = ?")


def test_connections_are_one_per_thread_and_end_with_it(database: Database) -> None:
    values(database)
    before = database.connection_count
    seen: list[int] = []

    def work() -> None:
        insert(database, 1)
        values(database)
        seen.append(database.connection_count)

    assert in_thread(work) == []
    gc.collect()
    assert seen == [before + 2]
    assert database.connection_count == before


def test_close_thread_closes_and_the_next_use_opens_anew(database: Database) -> None:
    insert(database, 1)
    values(database)
    database.close_thread()
    gc.collect()
    assert database.connection_count == 0
    assert values(database) == [1]


def test_close_reaches_other_threads_and_later_use_fails_in_words(database: Database) -> None:
    ready, go_on = threading.Event(), threading.Event()

    def work() -> None:
        values(database)
        ready.set()
        go_on.wait(30)
        values(database)

    raised: list[list[BaseException]] = []
    outer = threading.Thread(target=lambda: raised.append(in_thread(work)))
    outer.start()
    assert ready.wait(30)
    database.close()
    assert not database.path.with_name("test.db-wal").exists()  # all connections are closed
    go_on.set()
    outer.join(30)
    assert [type(error) for error in raised[0]] == [StoreFailed]
    with pytest.raises(StoreFailed, match="closed"):
        insert(database, 1)


def test_writers_in_many_threads_all_get_their_turn(tmp_path: Path) -> None:
    database = Database(tmp_path / "test.db", Durability.NORMAL)
    with database.writing() as connection:
        connection.execute("CREATE TABLE t (a INTEGER NOT NULL) STRICT")
    threads = [
        threading.Thread(target=lambda first=first: insert_singly(database, range(first, first + 25)))
        for first in range(0, 200, 25)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert values(database) == list(range(200))
    database.close()


def test_a_writer_that_waits_too_long_for_another_thread_fails_in_words(database: Database) -> None:
    with database.writing():
        (error,) = in_thread(lambda: insert(database, 1))
    assert isinstance(error, StoreFailed)
    assert "let go" in error.sentence
    assert error.retry is Retry.LATER
    insert(database, 2)
    assert values(database) == [2]


def test_a_writer_that_waits_too_long_for_another_process_fails_in_words(database: Database) -> None:
    other = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
            "c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()",
            str(database.path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout is not None and other.stdout.readline() == "locked\n"
        with pytest.raises(StoreFailed, match="let go"):
            insert(database, 1)
        assert values(database) == []  # reading goes on
        other.communicate("")
    insert(database, 1)
    assert values(database) == [1]


def test_a_full_disk_fails_in_words_and_loses_only_the_transaction(database: Database) -> None:
    insert(database, 1)
    with database.maintaining() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFailed, match="disk is full") as failure:
        insert(database, *range(100_000))
    assert failure.value.retry is Retry.LATER
    assert str(database.path.parent) in failure.value.advice
    assert values(database) == [1]
    with database.maintaining() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    insert(database, 2)
    assert values(database) == [1, 2]


def test_a_file_that_cannot_be_opened_fails_in_words(tmp_path: Path) -> None:
    (tmp_path / "test.db").mkdir()
    database = Database(tmp_path / "test.db", Durability.FULL)
    with pytest.raises(StoreFailed, match="could not be opened") as failure:
        insert(database, 1)
    assert failure.value.retry is Retry.ASK_USER


def test_damage_is_reported_to_whoever_asked(tmp_path: Path) -> None:
    (tmp_path / "test.db").write_bytes(b"This is no database. " * 400)
    reports: list[bool] = []
    database = Database(tmp_path / "test.db", Durability.NORMAL, damaged=lambda: reports.append(True))
    with pytest.raises(StoreFailed, match="damaged") as failure:
        values(database)
    assert failure.value.retry is Retry.NEVER
    assert reports
