"""One SQLite file and its connections.

Each thread has up to two connections of its own: a *writer*, and a *reader* that cannot write and, thanks to
WAL, never waits for a writer. They are closed when their thread ends or the database is closed.

Writers of this process take turns on a lock of ours before they ask SQLite for its own, because SQLite waits
by polling, with naps of up to 100 ms.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from qtmail.errors import StoreFailed
from qtmail.log import logger
from qtmail.store.failures import is_bug, means_damage, primary_code, store_failed

BUSY_SECONDS = 15.0
"""How long a writer waits for its turn before it gives up with words."""

_CLOSE_SECONDS = 2.0
_CACHE_KIB = 8 * 1024
_CHECKPOINT_PAGES = 4000
_WAL_BYTES_KEPT = 32 * 1024 * 1024
_WAL_RETRY_SECONDS = 0.01

_log = logger("store")


class Durability(StrEnum):
    """What a power failure may take: NORMAL, the last transactions; FULL, nothing that was committed."""

    NORMAL = "NORMAL"
    FULL = "FULL"


class _Role(StrEnum):
    READER = "reader"
    WRITER = "writer"


class _Handle:
    """A connection, and the lock held while it is in use so that `close` does not pull it away."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.RLock()

    def __del__(self) -> None:
        # The thread that owned it has ended: threading.local held the only reference.
        self.connection.close()


class Database:
    """One file, open in any number of threads.

    Args:
        path: the file; made when missing.
        durability: what a power failure may take.
        functions: SQL functions of one text for readers, by name.
        damaged: called, on the thread that met it, when SQLite finds the file damaged.
        busy_seconds: how long to wait for other writers.
    """

    def __init__(
        self,
        path: Path,
        durability: Durability,
        *,
        functions: Mapping[str, Callable[[str], str]] = MappingProxyType({}),
        damaged: Callable[[], None] = lambda: None,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.path = path
        self._durability = durability
        self._functions = functions
        self._damaged = damaged
        self._busy_seconds = busy_seconds
        self._local = threading.local()
        self._handles: weakref.WeakSet[_Handle] = weakref.WeakSet()
        self._handles_lock = threading.Lock()
        self._turn = threading.RLock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's read-only connection. Raises StoreFailed in place of sqlite3.Error."""
        with self._using(_Role.READER) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection inside BEGIN IMMEDIATE; committed at the end, rolled back on an exception.

        Raises StoreFailed in place of sqlite3.Error, and RuntimeError when this thread is in one already.
        """
        with self._my_turn(), self._using(_Role.WRITER) as connection:
            if connection.in_transaction:
                raise RuntimeError(f"a transaction on {self.path.name} is already open in this thread")
            # A deferred transaction that reads before it writes fails at once when another writer was faster,
            # whatever the timeout (SQLITE_BUSY_SNAPSHOT).
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise

    @contextmanager
    def maintaining(self) -> Iterator[sqlite3.Connection]:
        """This thread's writing connection with no transaction open: for migrations and PRAGMAs."""
        with self._my_turn(), self._using(_Role.WRITER) as connection:
            yield connection

    def close_thread(self) -> None:
        """Close the connections of the calling thread; the next use opens new ones."""
        for role in _Role:
            handle: _Handle | None = self._local.__dict__.pop(role, None)
            if handle is not None:
                with handle.lock:
                    handle.connection.close()

    def close(self) -> None:
        """Close the connections of all threads. A later use raises StoreFailed."""
        with self._handles_lock:
            self._closed = True
            handles = list(self._handles)
        for handle in handles:
            if handle.lock.acquire(timeout=_CLOSE_SECONDS):
                try:
                    handle.connection.close()
                finally:
                    handle.lock.release()
            else:
                _log.warning("%s is still in use while it is being closed", self.path.name)

    @property
    def connection_count(self) -> int:
        """How many connections are open, in all threads."""
        with self._handles_lock:
            return len(self._handles)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=self._busy_seconds):
            busy = sqlite3.OperationalError("another thread is writing")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise store_failed(busy, self.path)
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _using(self, role: _Role) -> Iterator[sqlite3.Connection]:
        try:
            handle = self._handle(role)
            with handle.lock:
                yield handle.connection
        except sqlite3.Error as error:
            if is_bug(error) and not self._closed:
                raise
            if means_damage(error):
                self._damaged()
            raise store_failed(error, self.path) from error

    def _handle(self, role: _Role) -> _Handle:
        handle: _Handle | None = self._local.__dict__.get(role)
        if handle is None:
            handle = _Handle(self._connect(role))
            with self._handles_lock:
                self._refuse_when_closed()
                self._handles.add(handle)
            self._local.__dict__[role] = handle
        self._refuse_when_closed()
        return handle

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreFailed(f"{self.path.name} is closed.", detail="used after Store.close()")

    def _connect(self, role: _Role) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            _switch_to_wal(connection, self._busy_seconds)
            connection.execute(f"PRAGMA synchronous = {self._durability}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES_KEPT}")
            if role is _Role.WRITER:
                # An INSERT with triggers keeps a journal of its own, which would go to a temporary file.
                connection.execute("PRAGMA temp_store = MEMORY")
            else:
                connection.execute("PRAGMA query_only = ON")
                for name, function in self._functions.items():
                    connection.create_function(name, 1, function, deterministic=True)
        except BaseException:
            connection.close()
            raise
        return connection


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # some errors, a full disk among them, have rolled back already
        connection.execute("ROLLBACK")


def _switch_to_wal(connection: sqlite3.Connection, seconds: float) -> None:
    """Put the file into WAL mode. SQLite does not wait for others in this one statement, so we do."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_WAL_RETRY_SECONDS)
