"""What is known of the copies this program puts into Sent folders, in `user.db`: from before the first APPEND
to the last look for a second copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction
from qtmail.store.values import encodable

_COLUMNS = "item_id, account_id, message_id, folder, appends, uid_validity, uid, check_at"


@dataclass(frozen=True, slots=True)
class FiledCopy:
    """The copy of one outbox item.

    Attributes:
        message_id: without angle brackets.
        folder: wire name of the folder it is put into.
        appends: how often it was appended, counted before each attempt.
        uid_validity, uid: where our copy is; 0 while that is not known.
        check_at: seconds since the epoch when to look whether a second copy has shown up; None until the
            server has taken one.
    """

    item_id: int
    account_id: int
    message_id: str
    folder: bytes
    appends: int = 0
    uid_validity: int = 0
    uid: int = 0
    check_at: int | None = None


class Filings:
    """Copies by outbox item."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, item_id: int) -> FiledCopy | None:
        found = self._where("item_id = ?", (item_id,))
        return found[0] if found else None

    def due(self, account_id: int, now: int) -> list[FiledCopy]:
        """Those of filed items that are to be looked at again, oldest first."""
        return self._where(
            "account_id = ? AND check_at <= ? AND NOT EXISTS "
            "(SELECT 1 FROM outbox WHERE outbox.id = filings.item_id AND outbox.state <> 'filed')",
            (account_id, now),
        )

    def next_time(self, account_id: int) -> int | None:
        """When the next of them is to be looked at; None: none is."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT min(check_at) FROM filings WHERE account_id = ?", (account_id,)
            ).fetchone()
            return None if row[0] is None else int(row[0])

    def save(self, transaction: Transaction, copy: FiledCopy) -> None:
        """Store what is known of a copy, in place of what was."""
        transaction.execute(
            f"INSERT OR REPLACE INTO filings ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                copy.item_id,
                copy.account_id,
                encodable(copy.message_id),
                copy.folder,
                copy.appends,
                copy.uid_validity,
                copy.uid,
                copy.check_at,
            ),
        )

    def drop(self, transaction: Transaction, item_id: int) -> None:
        """Nothing needs to be known of this copy any more."""
        transaction.execute("DELETE FROM filings WHERE item_id = ?", (item_id,))

    def _where(self, condition: str, parameters: tuple[Any, ...]) -> list[FiledCopy]:
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM filings WHERE {condition} ORDER BY item_id", parameters
            )
            return [_copy(row) for row in rows]


@reads_columns
def _copy(row: tuple[Any, ...]) -> FiledCopy:
    return FiledCopy(*row)
