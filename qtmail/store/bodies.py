"""What the cache holds of messages' contents: whole messages, or the parts that were needed so far.

Contents are stored as they came. zlib at level 1 would save a quarter (base64) to a half (text) of the room,
and take 6.5 s to 2 s for 10,000 messages of 35 KB, which are written in 2.4 s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
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
    FROM bodies AS b JOIN messages AS m ON m.id = b.message_id JOIN folders AS f ON f.id = m.folder_id
    WHERE f.account_id = ? AND m.date < ?
) WHERE freed_before < ?
ORDER BY freed_before
"""
_ACCOUNT_BYTES = """
SELECT ifnull(sum(b.bytes), 0)
FROM bodies AS b JOIN messages AS m ON m.id = b.message_id JOIN folders AS f ON f.id = m.folder_id
WHERE f.account_id = ?
"""


_PIECE = 1024 * 1024

Sections = Callable[[PartStructure], Iterable[str]]
"""Chooses parts of a message by its structure."""


class BodyState(IntEnum):
    """The column messages.body_state; values never change."""

    MISSING = 0
    WHOLE = 1
    PARTIAL = 2
    FAILED = 3
    HEADER = 4
    """Only the header is on this computer, until the user asks for the rest."""


class Bodies:
    """Contents by local message id. All sizes are bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, message_id: int, wanted: Sections | None = None) -> MessageBody:
        """What is here of a message; an empty body when nothing was fetched or the message is gone.

        Args:
            wanted: which parts of a message that is here in parts to read; None: all.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT structure, content FROM bodies WHERE message_id = ?", (message_id,)
            ).fetchone()
            if row is None:
                return MessageBody()
            structure, content = row
            if not structure:
                return MessageBody(raw=content)
            tree = decode_structure(structure)
            sections = None if wanted is None else set(wanted(tree))
            rows = connection.execute(
                "SELECT section, id FROM parts WHERE message_id = ? ORDER BY section", (message_id,)
            ).fetchall()
            parts = [
                (section, _read(connection, id_))
                for section, id_ in rows
                if sections is None or section in sections
            ]
            return MessageBody(header=content, structure=tree, parts=tuple(parts))

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
            total: int = connection.execute("SELECT body_bytes FROM counters").fetchone()[0]
            return total

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

    def put_part(
        self, transaction: Transaction, message_id: int, section: str, data: bytes | bytearray
    ) -> None:
        """Add one part, in transfer encoding. Nothing happens unless the message is kept in parts."""
        known = transaction.execute(
            "SELECT ifnull((SELECT length(data) FROM parts WHERE message_id = ?1 AND section = ?2), 0) "
            "FROM bodies WHERE message_id = ?1 AND structure <> ''",
            (message_id, section),
        ).fetchone()
        if known is None:
            return
        transaction.execute("DELETE FROM parts WHERE message_id = ? AND section = ?", (message_id, section))
        (id_,) = transaction.execute(
            "INSERT INTO parts (message_id, section, data) VALUES (?, ?, zeroblob(?)) RETURNING id",
            (message_id, section, len(data)),
        ).fetchone()
        _write(transaction.connection, id_, data)
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

    def to_evict(self, account_id: int, *, older_than: int, keep_bytes: int) -> list[int]:
        """The messages of an account whose contents must go for it to keep no more than `keep_bytes`.

        The oldest come first. Reads the sizes of all its contents: slow.

        Args:
            older_than: messages dated this (seconds since the epoch) or later are never named.
        """
        with self._database.reading() as connection:
            (total,) = connection.execute(_ACCOUNT_BYTES, (account_id,)).fetchone()
            rows = connection.execute(_OLDEST_BODIES, (account_id, older_than, total - keep_bytes))
            return [id_ for (id_,) in rows]

    def drop(self, transaction: Transaction, message_ids: Collection[int]) -> None:
        """Drop the contents of these messages; they can be fetched again."""
        _drop(transaction, message_ids)
        _set_state(transaction, message_ids, BodyState.MISSING)


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


def _write(connection: sqlite3.Connection, part_id: int, data: bytes | bytearray) -> None:
    """Fill a part. As a value in a statement, SQLite would hold two more copies of what may be 200 MB."""
    with connection.blobopen("parts", "data", part_id) as blob, memoryview(data) as view:
        for start in range(0, len(view), _PIECE):
            blob.write(view[start : start + _PIECE])


def _read(connection: sqlite3.Connection, part_id: int) -> bytes:
    """The content of a part, without the copies SQLite makes of a value in a row."""
    with connection.blobopen("parts", "data", part_id, readonly=True) as blob:
        return blob.read()


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
