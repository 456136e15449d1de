"""A process that dies at a durable write, as seen by the databases: nothing more is written by it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from qtmail.store.database import Database


class Crash(BaseException):
    """The power failed. Not an Exception, so that nothing handles it."""


@contextlib.contextmanager
def crash_at(point: int) -> Iterator[None]:
    """Let the process die at the `point`-th point, counted from 0: one lies before each COMMIT of either
    database, and one after it. Who tidies up on the way out finds that nothing can be written any more.
    """
    writing = Database.writing
    left = point

    def pass_point() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash

    @contextlib.contextmanager
    def watched(database: Database) -> Iterator[sqlite3.Connection]:
        if left < 0:
            raise Crash
        with writing(database) as connection:
            yield connection
            pass_point()
        pass_point()

    Database.writing = watched  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Database.writing = writing  # type: ignore[method-assign]
