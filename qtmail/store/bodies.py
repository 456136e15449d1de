"""What the cache holds of messages' contents: whole messages, or the parts that were needed so far.

Contents are stored as they came. zlib at level 1 would save a quarter (base64) to a half (text) of the room,
and take 6.5 s to 2 s for 10,000 messages of 35 KB, which are written in 2.4 s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from enum import IntEnum

from qtmail.domain.events import ChangeKind
from qtmail.domain.message import MessageBody, PartStructure
from qtmail.store.database import Database
from qtmail.store.transaction import Transaction
from qtmail.store.values import decode_structure, encodable, encode_structure, whole_list

# Walked oldest first; a body goes while those before it do not free enough.
_OLDEST_BODIES = """
SELECT id FROM (
    SELECT m.id AS id, sum(b.bytes) OVER (ORDER BY m.date, m.id) - b.bytes AS freed_before
    FROM bodies AS b JOIN messages AS m ON m.id = b.message_id
    WHERE m.date < ?
) WHERE freed_before < ?
"""


class BodyState(IntEnum):
    """The column messages.body_state; values never change."""

    MISSING = 0
    WHOLE = 1
    PARTIAL = 2
    FAILED = 3


class Bodies:
    """Contents by local message id. All sizes are bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, message_id: int) -> MessageBody:
        """What is here of a message; an empty body when nothing was fetched or the message is gone."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT structure, content FROM bodies WHERE message_id = ?", (message_id,)
            ).fetchone()
            if row is None:
                return MessageBody()
            structure, content = row
            if not structure:
                return MessageBody(raw=content)
            parts = connection.execute(
                "SELECT section, data FROM parts WHERE message_id = ? ORDER BY id", (message_id,)
            )
            return MessageBody(
                header=content, structure=decode_structure(structure), parts=tuple(parts.fetchall())
            )

    def problem(self, message_id: int) -> str:
        """Why the body cannot be fetched, as `mark_failed` was told; "" when nothing is wrong."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT reason FROM body_problems WHERE message_id = ?", (message_id,)
            ).fetchone()
            return "" if row is None else row[0]

    def missing(self, folder_id: int, *, since: int | None, limit: int) -> list[tuple[int, int, int]]:
        """(uid, size, message id) of messages neither fetched nor marked as failed, newest first.

        Args:
            since: leave out messages dated before this (seconds since the epoch).
            limit: no more than this many.
        """
        with self._database.reading() as connection:
            return connection.execute(
                "SELECT uid, size, id FROM messages WHERE folder_id = ? AND body_state = 0 AND date >= ? "
                "ORDER BY date DESC, id DESC LIMIT ?",
                (folder_id, -(2**63) if since is None else since, limit),
            ).fetchall()

    def total_bytes(self) -> int:
        """How many bytes of contents are kept."""
        with self._database.reading() as connection:
            return _total_bytes(connection)

    def put_raw(
        self, transaction: Transaction, message_id: int, raw: bytes, preview: str, has_attachment: bool
    ) -> None:
        """Keep a whole message in place of whatever was here. Nothing happens when the message is gone."""
        if _describe(transaction, message_id, BodyState.WHOLE, preview, has_attachment):
            _insert(transaction, message_id, "", raw, len(raw))

    def put_partial(
        self,
        transaction: Transaction,
        message_id: int,
        header: bytes,
        structure: PartStructure,
        parts: Mapping[str, bytes],
        preview: str,
        has_attachment: bool,
    ) -> None:
        """Keep the header, the structure and some parts in place of what was here.

        Args:
            parts: by section, in transfer encoding.
        """
        if _describe(transaction, message_id, BodyState.PARTIAL, preview, has_attachment):
            size = len(header) + sum(map(len, parts.values()))
            _insert(transaction, message_id, encode_structure(structure), header, size)
            transaction.executemany(
                "INSERT INTO parts (message_id, section, data) VALUES (?, ?, ?)",
                [(message_id, section, data) for section, data in parts.items()],
            )

    def put_part(self, transaction: Transaction, message_id: int, section: str, data: bytes) -> None:
        """Add one part, in transfer encoding. Nothing happens unless the message is kept in parts."""
        known = transaction.execute(
            "SELECT ifnull((SELECT length(data) FROM parts WHERE message_id = ?1 AND section = ?2), 0) "
            "FROM bodies WHERE message_id = ?1 AND structure <> ''",
            (message_id, section),
        ).fetchone()
        if known is None:
            return
        transaction.execute(
            "INSERT INTO parts (message_id, section, data) VALUES (?, ?, ?) "
            "ON CONFLICT (message_id, section) DO UPDATE SET data = excluded.data",
            (message_id, section, data),
        )
        transaction.execute(
            "UPDATE bodies SET bytes = bytes + ? WHERE message_id = ?", (len(data) - known[0], message_id)
        )
        _set_state(transaction, [message_id], BodyState.PARTIAL)

    def mark_failed(self, transaction: Transaction, message_id: int, reason: str) -> None:
        """Note in words why the body cannot be fetched, so that `missing` does not name it again.

        Nothing happens when there is a body, or the message is gone.
        """
        if transaction.execute("SELECT 1 FROM bodies WHERE message_id = ?", (message_id,)).fetchone():
            return
        if _set_state(transaction, [message_id], BodyState.FAILED):
            transaction.execute(
                "INSERT OR REPLACE INTO body_problems (message_id, reason) VALUES (?, ?)",
                (message_id, encodable(reason)),
            )

    def evict(self, transaction: Transaction, older_than: int, keep_bytes: int) -> int:
        """Drop contents until no more than `keep_bytes` are left, oldest message first; returns how many.

        Args:
            older_than: messages dated this (seconds since the epoch) or later are never touched.
        """
        excess = _total_bytes(transaction.connection) - keep_bytes
        if excess <= 0:
            return 0
        ids = [id_ for (id_,) in transaction.execute(_OLDEST_BODIES, (older_than, excess)).fetchall()]
        _drop(transaction, ids)
        _set_state(transaction, ids, BodyState.MISSING)
        return len(ids)


def _total_bytes(connection: sqlite3.Connection) -> int:
    total: int = connection.execute("SELECT body_bytes FROM counters").fetchone()[0]
    return total


def _describe(
    transaction: Transaction, message_id: int, state: BodyState, preview: str, has_attachment: bool
) -> bool:
    """Note what a new body says of its message and make room for it; False when the message is gone."""
    if not _set_state(transaction, [message_id], state):
        return False
    transaction.execute(
        "UPDATE messages SET preview = ?, has_attachment = ? WHERE id = ?",
        (encodable(preview), has_attachment, message_id),
    )
    _drop(transaction, [message_id])
    return True


def _set_state(transaction: Transaction, ids: Collection[int], state: BodyState) -> bool:
    """Set the state of these messages' bodies; False when none of them is there."""
    changed = transaction.execute(
        "UPDATE messages SET body_state = ? WHERE id IN (SELECT value FROM json_each(?)) RETURNING folder_id",
        (state, whole_list(ids)),
    ).fetchall()
    if changed:
        transaction.changed(
            ChangeKind.BODIES, folder_ids=[folder_id for (folder_id,) in changed], message_ids=ids
        )
    return bool(changed)


def _drop(transaction: Transaction, ids: Collection[int]) -> None:
    """Delete the contents of these messages."""
    for table in ("bodies", "parts", "body_problems"):
        transaction.execute(
            f"DELETE FROM {table} WHERE message_id IN (SELECT value FROM json_each(?))", (whole_list(ids),)
        )


def _insert(transaction: Transaction, message_id: int, structure: str, content: bytes, size: int) -> None:
    """`size` is that of all the message's contents, its parts included."""
    transaction.execute(
        "INSERT INTO bodies (message_id, bytes, structure, content) VALUES (?, ?, ?, ?)",
        (message_id, size, structure, content),
    )
