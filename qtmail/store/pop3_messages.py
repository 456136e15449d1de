"""Which messages of POP3 servers were fetched, in `user.db`: what keeps mail from being fetched twice, and
from being deleted on a server before it is safe here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from qtmail.domain.folder import SpecialUse
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction
from qtmail.store.values import LARGEST_INTEGER

_COLUMNS = "account_id, uidl, size, fetched_at, local_uid, whole, wish, digest, gone_since"
_SELECT = f"""
SELECT {", ".join(f"p.{column.strip()}" for column in _COLUMNS.split(","))},
       EXISTS (SELECT 1 FROM local_messages AS m
               JOIN local_folders AS f ON f.account_id = m.account_id AND f.wire_name = m.folder
               WHERE m.id = p.local_uid AND f.special_use = '{SpecialUse.TRASH.value}')
FROM pop3_messages AS p
"""

_ON_THE_MOVE = b"moving "
"""Put before an id while ids change places; none has a space in it that a server gave."""


class Pop3Messages:
    """What was fetched, by account and unique id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, account_id: int) -> list[Pop3Message]:
        with self._database.reading() as connection:
            rows = connection.execute(f"{_SELECT} WHERE p.account_id = ? ORDER BY p.uidl", (account_id,))
            return [_message(row) for row in rows]

    def find(self, local_uid: int) -> Pop3Message | None:
        """The message that a local one came from, until it is forgotten."""
        with self._database.reading() as connection:
            row = connection.execute(f"{_SELECT} WHERE p.local_uid = ?", (local_uid,)).fetchone()
            return None if row is None else _message(row)

    def note(self, transaction: Transaction, message: Pop3Message) -> None:
        """It was fetched; to be called in the transaction that makes its bytes a local message.

        What was known under this id before is forgotten.
        """
        transaction.execute(
            f"INSERT OR REPLACE INTO pop3_messages ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message.account_id,
                message.uidl,
                min(message.size, LARGEST_INTEGER),
                message.fetched_at,
                message.local_uid,
                message.whole,
                message.wish.value,
                message.digest,
                message.gone_since,
            ),
        )

    def completed(self, transaction: Transaction, account_id: int, uidl: bytes) -> None:
        """What was here with its header only is here whole; to be called where its bytes become so."""
        transaction.execute(
            "UPDATE pop3_messages SET whole = 1, wish = '' WHERE account_id = ? AND uidl = ?",
            (account_id, uidl),
        )

    def renamed(self, transaction: Transaction, renamed: Sequence[tuple[Pop3Message, bytes, int]]) -> None:
        """These go by another id now, and are listed with this size. All change at once: ids may have changed
        places. What the user did to them meanwhile stays.
        """
        transaction.executemany(
            "UPDATE pop3_messages SET uidl = ? WHERE account_id = ? AND uidl = ?",
            [(_ON_THE_MOVE + one.uidl, one.account_id, one.uidl) for one, _, _ in renamed],
        )
        transaction.executemany(
            "UPDATE OR REPLACE pop3_messages SET uidl = ?, size = ?, gone_since = NULL "
            "WHERE account_id = ? AND uidl = ?",
            [
                (uidl, min(size, LARGEST_INTEGER), one.account_id, _ON_THE_MOVE + one.uidl)
                for one, uidl, size in renamed
            ],
        )

    def listed(self, transaction: Transaction, account_id: int, uidls: Iterable[bytes]) -> None:
        """These are on the server again."""
        transaction.executemany(
            "UPDATE pop3_messages SET gone_since = NULL WHERE account_id = ? AND uidl = ?",
            [(account_id, uidl) for uidl in uidls],
        )

    def gone(self, transaction: Transaction, account_id: int, uidls: Iterable[bytes], now: int) -> None:
        """The server has these no longer, as it says; `now` in seconds since the epoch."""
        transaction.executemany(
            "UPDATE pop3_messages SET gone_since = ? "
            "WHERE account_id = ? AND uidl = ? AND gone_since IS NULL",
            [(now, account_id, uidl) for uidl in uidls],
        )

    def want(self, transaction: Transaction, local_uids: Iterable[int], wish: Pop3Wish) -> None:
        """Note what the user wants done about messages; of those that are whole nothing is to be done."""
        transaction.executemany(
            "UPDATE pop3_messages SET wish = ? WHERE local_uid = ? AND NOT whole",
            [(wish.value, uid) for uid in local_uids],
        )

    def forget(self, transaction: Transaction, account_id: int, uidls: Iterable[bytes]) -> None:
        """They have been gone from the server for long enough."""
        transaction.executemany(
            "DELETE FROM pop3_messages WHERE account_id = ? AND uidl = ?",
            [(account_id, uidl) for uidl in uidls],
        )


@reads_columns
def _message(row: tuple[Any, ...]) -> Pop3Message:
    account_id, uidl, size, fetched_at, local_uid, whole, wish, digest, gone_since, in_trash = row
    return Pop3Message(
        account_id,
        uidl,
        size,
        fetched_at,
        local_uid,
        bool(whole),
        Pop3Wish(wish) if wish else Pop3Wish.NONE,  # of 100,000 hardly one
        bool(in_trash),
        digest,
        gone_since,
    )
