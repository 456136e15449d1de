"""Messages that are kept on this computer because their account has no server that keeps them, in `user.db`.

The message itself is a blob. What a folder shows of it is put into the cache (engine.local_folders) and can
be made again from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qtmail.domain.message import Flag
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction
from qtmail.store.values import decode_keywords, whole_list

_COLUMNS = "account_id, folder, blob_id, filed_at, flags, keywords"


@dataclass(frozen=True, slots=True)
class LocalMessage:
    """One message.

    Attributes:
        uid: its UID in the cache: local number, never used twice.
        folder: wire name of its folder in the cache.
        blob_id: where its bytes are.
        filed_at: seconds since the epoch.
    """

    uid: int
    account_id: int
    folder: bytes
    blob_id: int
    filed_at: int
    flags: Flag = Flag.NONE
    keywords: frozenset[str] = frozenset()


class LocalMessages:
    """Local messages by account and folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        transaction: Transaction,
        account_id: int,
        folder: bytes,
        blob_id: int,
        filed_at: int,
        flags: Flag,
        *,
        item_id: int | None = None,
    ) -> LocalMessage:
        """Keep a message whose bytes are whole; the blob belongs to it from now on.

        Args:
            item_id: the outbox item it was, which can be kept once only.
        """
        cursor = transaction.execute(
            f"INSERT INTO local_messages ({_COLUMNS}, item_id) VALUES (?, ?, ?, ?, ?, '', ?)",
            (account_id, folder, blob_id, filed_at, flags.value, item_id),
        )
        assert cursor.lastrowid is not None
        return LocalMessage(cursor.lastrowid, account_id, folder, blob_id, filed_at, flags)

    def list(self, account_id: int) -> list[LocalMessage]:
        """All messages of an account, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT id, {_COLUMNS} FROM local_messages WHERE account_id = ? ORDER BY id", (account_id,)
            )
            return [_message(row) for row in rows]

    def set_flags(
        self, transaction: Transaction, account_id: int, uids: Iterable[int], add: Flag, remove: Flag
    ) -> None:
        """Add some flags, remove others, leave the rest."""
        transaction.execute(
            "UPDATE local_messages SET flags = (flags | ?) & ? "
            "WHERE account_id = ? AND id IN (SELECT value FROM json_each(?))",
            (add.value, ~remove.value, account_id, whole_list(uids)),
        )

    def remove(self, transaction: Transaction, account_id: int, uids: Iterable[int]) -> None:
        """Forget messages for good, with their bytes."""
        transaction.execute(
            "DELETE FROM local_messages WHERE account_id = ? AND id IN (SELECT value FROM json_each(?))",
            (account_id, whole_list(uids)),
        )


@reads_columns
def _message(row: tuple[Any, ...]) -> LocalMessage:
    uid, account_id, folder, blob_id, filed_at, flags, keywords = row
    return LocalMessage(uid, account_id, folder, blob_id, filed_at, Flag(flags), decode_keywords(keywords))
