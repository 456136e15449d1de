"""Which messages of POP3 servers were fetched, in `user.db`: what keeps mail from being fetched twice, and
from being deleted on a server before it is safe here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qtmail.domain.folder import SpecialUse
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction

_SELECT = f"""
SELECT p.account_id, p.uidl, p.size, p.fetched_at, p.local_uid, p.whole, p.wish,
       EXISTS (SELECT 1 FROM local_messages AS m
               JOIN local_folders AS f ON f.account_id = m.account_id AND f.wire_name = m.folder
               WHERE m.id = p.local_uid AND f.special_use = '{SpecialUse.TRASH.value}')
FROM pop3_messages AS p
"""


class Pop3Messages:
    """What was fetched, by account and unique id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, account_id: int) -> list[Pop3Message]:
        with self._database.reading() as connection:
            rows = connection.execute(f"{_SELECT} WHERE p.account_id = ? ORDER BY p.uidl", (account_id,))
            return [_message(row) for row in rows]

    def find(self, local_uid: int) -> Pop3Message | None:
        """The message that a local one came from, while the server may still have it."""
        with self._database.reading() as connection:
            row = connection.execute(f"{_SELECT} WHERE p.local_uid = ?", (local_uid,)).fetchone()
            return None if row is None else _message(row)

    def note(self, transaction: Transaction, message: Pop3Message) -> None:
        """It was fetched; to be called in the transaction that makes its bytes a local message."""
        transaction.execute(
            "INSERT OR REPLACE INTO pop3_messages "
            "(account_id, uidl, size, fetched_at, local_uid, whole, wish) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                message.account_id,
                message.uidl,
                message.size,
                message.fetched_at,
                message.local_uid,
                message.whole,
                message.wish.value,
            ),
        )

    def want(self, transaction: Transaction, local_uids: Iterable[int], wish: Pop3Wish) -> None:
        """Note what the user wants done about messages; of those that are whole nothing is to be done."""
        transaction.executemany(
            "UPDATE pop3_messages SET wish = ? WHERE local_uid = ? AND NOT whole",
            [(wish.value, uid) for uid in local_uids],
        )

    def forget(self, transaction: Transaction, account_id: int, uidls: Iterable[bytes]) -> None:
        """They are no longer on the server."""
        transaction.executemany(
            "DELETE FROM pop3_messages WHERE account_id = ? AND uidl = ?",
            [(account_id, uidl) for uidl in uidls],
        )


@reads_columns
def _message(row: tuple[Any, ...]) -> Pop3Message:
    account_id, uidl, size, fetched_at, local_uid, whole, wish, in_trash = row
    return Pop3Message(
        account_id, uidl, size, fetched_at, local_uid, bool(whole), Pop3Wish(wish), bool(in_trash)
    )
