"""Messages that are kept on this computer because their account has no server that keeps them, in `user.db`.

The message itself is a blob. What a folder shows of it is put into the cache (engine.local_projection) and
can be made again from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qtmail.domain.message import Flag
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.local_marks import Digest, Mark, digest_query
from qtmail.store.transaction import Transaction
from qtmail.store.values import decode_keywords, whole_list

_COLUMNS = "account_id, folder, blob_id, filed_at, flags, keywords, server_size"
_MARKS = (
    "SELECT folder, id AS uid, flags, keywords, blob_id AS content FROM local_messages WHERE account_id = ?"
)


@dataclass(frozen=True, slots=True)
class LocalMessage:
    """One message.

    Attributes:
        uid: its UID in the cache: local number, never used twice.
        folder: wire name of its folder in the cache.
        blob_id: where its bytes are.
        filed_at: seconds since the epoch.
        server_size: of a message of which only the header is here, how many bytes it has on its server; 0:
            the message is whole.
    """

    uid: int
    account_id: int
    folder: bytes
    blob_id: int
    filed_at: int
    flags: Flag = Flag.NONE
    keywords: frozenset[str] = frozenset()
    server_size: int = 0


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
        server_size: int = 0,
    ) -> LocalMessage:
        """Keep a message whose bytes are whole; the blob belongs to it from now on.

        Args:
            item_id: the outbox item it was, which can be kept once only.
            server_size: as in LocalMessage.
        """
        cursor = transaction.execute(
            f"INSERT INTO local_messages ({_COLUMNS}, item_id) VALUES (?, ?, ?, ?, ?, '', ?, ?)",
            (account_id, folder, blob_id, filed_at, flags.value, server_size, item_id),
        )
        assert cursor.lastrowid is not None
        return LocalMessage(
            cursor.lastrowid, account_id, folder, blob_id, filed_at, flags, server_size=server_size
        )

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

    def get(self, uid: int) -> LocalMessage | None:
        return self.get_many([uid]).get(uid)

    def get_many(self, uids: Iterable[int]) -> dict[int, LocalMessage]:
        """Messages by UID; those that are not there are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT id, {_COLUMNS} FROM local_messages WHERE id IN (SELECT value FROM json_each(?))",
                (whole_list(uids),),
            )
            return {row[0]: _message(row) for row in rows}

    def count(self, account_id: int) -> int:
        """How many messages of an account are kept."""
        with self._database.reading() as connection:
            query = "SELECT count(*) FROM local_messages WHERE account_id = ?"
            return int(connection.execute(query, (account_id,)).fetchone()[0])

    def uids(self, account_id: int, folder: bytes) -> Sequence[int]:
        """The UIDs of the messages in one folder, ascending."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM local_messages WHERE account_id = ? AND folder = ? ORDER BY id",
                (account_id, folder),
            )
            return [uid for (uid,) in rows]

    def digests(self, account_id: int) -> dict[bytes, Digest]:
        """The folders of an account, summed up, by wire name; empty ones are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(digest_query(_MARKS), (account_id,))
            return {folder: Digest(count, total) for folder, count, total in rows}

    def marks(self, account_id: int, folder: bytes) -> dict[int, Mark]:
        """The messages of one folder by UID, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, folder, flags, keywords, blob_id FROM local_messages "
                "WHERE account_id = ? AND folder = ? ORDER BY filed_at DESC, id DESC",
                (account_id, folder),
            )
            return {uid: Mark(*mark) for uid, *mark in rows}

    def complete(self, transaction: Transaction, uid: int, blob_id: int) -> None:
        """The rest of a message came: its bytes are now whole in this blob; the header's blob goes."""
        transaction.execute(
            "UPDATE blobs SET state = 'dropped' WHERE id = (SELECT blob_id FROM local_messages WHERE id = ?)",
            (uid,),
        )
        transaction.execute(
            "UPDATE local_messages SET blob_id = ?, server_size = 0 WHERE id = ?", (blob_id, uid)
        )

    def move(
        self,
        transaction: Transaction,
        account_id: int,
        uids: Iterable[int],
        to_account_id: int,
        to_folder: bytes,
    ) -> None:
        """Put messages of an account into another folder, of this account or of another local one."""
        transaction.execute(
            "UPDATE local_messages SET account_id = ?, folder = ? "
            "WHERE account_id = ? AND id IN (SELECT value FROM json_each(?))",
            (to_account_id, to_folder, account_id, whole_list(uids)),
        )

    def move_folder(
        self, transaction: Transaction, account_id: int, folder: bytes, to_account_id: int, to_folder: bytes
    ) -> int:
        """Put all messages of a folder into another; returns how many there were."""
        return transaction.execute(
            "UPDATE local_messages SET account_id = ?, folder = ? WHERE account_id = ? AND folder = ?",
            (to_account_id, to_folder, account_id, folder),
        ).rowcount

    def remove(self, transaction: Transaction, account_id: int, uids: Iterable[int]) -> None:
        """Forget messages for good, with their bytes."""
        transaction.execute(
            "DELETE FROM local_messages WHERE account_id = ? AND id IN (SELECT value FROM json_each(?))",
            (account_id, whole_list(uids)),
        )

    def remove_all(self, transaction: Transaction, account_id: int) -> None:
        """Forget all messages of an account for good, with their bytes."""
        transaction.execute("DELETE FROM local_messages WHERE account_id = ?", (account_id,))


@reads_columns
def _message(row: tuple[Any, ...]) -> LocalMessage:
    uid, account_id, folder, blob_id, filed_at, flags, keywords, server_size = row
    return LocalMessage(
        uid, account_id, folder, blob_id, filed_at, Flag(flags), decode_keywords(keywords), server_size
    )
