"""A write transaction that remembers what it changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from qtmail.domain.events import ChangeKind, StoreChange


class Transaction:
    """An open transaction on one database, made by `Store.cache_transaction` or `Store.user_transaction`.

    Attributes:
        connection: the connection it runs on; only for the thread that opened it, only until it ends.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._kinds: set[ChangeKind] = set()
        self._folder_ids: set[int] = set()
        self._message_ids: set[int] = set()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        return self.connection.execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        return self.connection.executemany(sql, rows)

    def changed(
        self, *kinds: ChangeKind, folder_ids: Iterable[int] = (), message_ids: Iterable[int] = ()
    ) -> None:
        """Note what listeners are to be told once this transaction is committed."""
        self._kinds.update(kinds)
        self._folder_ids.update(folder_ids)
        self._message_ids.update(message_ids)

    @property
    def change(self) -> StoreChange | None:
        """All that was noted, as one change; None when nothing was."""
        if not self._kinds:
            return None
        return StoreChange(frozenset(self._kinds), frozenset(self._folder_ids), frozenset(self._message_ids))
