"""The disk is full while mail is fetched: nothing is deleted on the server, and all comes, and is shown, once
there is room again.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.stopping import StopToken
from qtmail.errors import StoreFailed
from qtmail.store.database import Database
from qtmail.store.store import Store
from tests.end2end.pop3_desk import backend
from tests.end2end.pop3_scenarios import PASSWORD, Scenario, Stage, letter

LETTERS = [letter(1), letter(2, b"x" * 3_000_000), *[letter(number, b"y" * 9000) for number in range(3, 30)]]
FETCHED = Scenario(Pop3Policy(Pop3Keep.DELETE), comes=LETTERS, here=LETTERS, there=[])
UNLIMITED = 1 << 30
ROOMS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Pages by which the database can still grow."""


class Disk:
    """Where one database lies.

    Attributes:
        room: so many pages it can grow by, after which SQLite takes the disk to be full; None: as it likes.
    """

    room: int | None = None

    def limit(self, connection: sqlite3.Connection) -> None:
        if self.room is None:
            connection.execute(f"PRAGMA max_page_count = {UNLIMITED}")
        elif self._limit is None:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            self._limit = pages + self.room
            connection.execute(f"PRAGMA max_page_count = {self._limit}")

    _limit: int | None = None


@contextlib.contextmanager
def disk_below(name: str) -> Iterator[Disk]:
    """Put the database of this name on a disk whose room can be limited."""
    disk, writing = Disk(), Database.writing

    @contextlib.contextmanager
    def on_disk(database: Database) -> Iterator[sqlite3.Connection]:
        with writing(database) as connection:
            if database.path.name == name:
                disk.limit(connection)
            yield connection

    Database.writing = on_disk  # type: ignore[method-assign,assignment]
    try:
        yield disk
    finally:
        Database.writing = writing  # type: ignore[method-assign]


@pytest.mark.parametrize("database", ["user.db", "cache.db"])
def test_nothing_is_deleted_there_that_has_no_room_here(tmp_path: Path, database: str):
    refused = 0
    with FETCHED.server() as server:
        stage = Stage(FETCHED, tmp_path, server)
        for room in ROOMS:
            with Store.open(stage.reset()) as store, disk_below(database) as disk:
                desk = FETCHED.desk(store)
                sync = Pop3Sync(store, desk.account, desk.events.append, StopToken())
                open_session = backend(store, desk.account, PASSWORD).open
                disk.room = room
                try:
                    sync.run(open_session)
                except StoreFailed as full:
                    refused += 1
                    assert "full" in full.sentence
                    assert [mail.data for mail in server.mails] == LETTERS
                disk.room = None
                sync.run(open_session)
                FETCHED.check_all_is_done(desk, server)
                shown = sum(folder.message_count for folder in store.folders.list(desk.account.id))
                assert shown == len(LETTERS), f"with room for {room} pages at first"
    assert refused >= 2
