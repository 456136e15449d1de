"""Large contents in `user.db`: outgoing messages, and what was pasted or forwarded into a draft.

A blob is written piece by piece, each in a short transaction of its own, so that 200 MB neither fill the
memory nor keep other writers waiting. Until it is `whole` nothing refers to it: what a crash leaves half
written is swept away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qtmail.errors import StoreFailed
from qtmail.store.database import Database
from qtmail.store.transaction import Transaction
from qtmail.store.values import whole_list

ABANDONED_SECONDS = 24 * 3600
"""A blob that has been growing for this long belongs to a program that died."""

_ABANDONED = "(state = 'growing' AND created_at < ?)"
_ORPHANED = """(state = 'whole'
    AND id NOT IN (SELECT blob_id FROM outbox)
    AND id NOT IN (SELECT blob_id FROM local_messages)
    AND id NOT IN (SELECT blob_id FROM draft_blobs WHERE draft_id IN (SELECT id FROM drafts)))"""


class Blobs:
    """Contents by number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, transaction: Transaction, now: int) -> int:
        """Make an empty blob; `now` in seconds since the epoch."""
        cursor = transaction.execute("INSERT INTO blobs (created_at) VALUES (?)", (now,))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def append(self, transaction: Transaction, blob_id: int, piece: bytes) -> None:
        transaction.execute("INSERT INTO blob_pieces (blob_id, data) VALUES (?, ?)", (blob_id, piece))
        transaction.execute("UPDATE blobs SET size = size + ? WHERE id = ?", (len(piece), blob_id))

    def finish(self, transaction: Transaction, blob_id: int) -> int:
        """Nothing more follows; returns its size in bytes.

        To be called in the transaction that first refers to it: what nothing refers to is swept away. Raises
        StoreFailed when it was given up meanwhile.
        """
        row = transaction.execute(
            "UPDATE blobs SET state = 'whole' WHERE id = ? AND state = 'growing' RETURNING size", (blob_id,)
        ).fetchone()
        if row is None:
            raise _gone(blob_id)
        return int(row[0])

    def size(self, blob_id: int) -> int:
        """Bytes. Raises StoreFailed when there is no such blob, or not all of it."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT size FROM blobs WHERE id = ? AND state = 'whole'", (blob_id,)
            ).fetchone()
        if row is None:
            raise _gone(blob_id)
        return int(row[0])

    def pieces(self, blob_id: int) -> Iterator[bytes]:
        """The content, piece by piece as it was written. Raises StoreFailed when it is not there, or not
        whole.
        """
        left = self.size(blob_id)
        last = 0
        while left > 0:
            with self._database.reading() as connection:
                row = connection.execute(
                    "SELECT id, data FROM blob_pieces WHERE blob_id = ? AND id > ? ORDER BY id LIMIT 1",
                    (blob_id, last),
                ).fetchone()
            if row is None:
                raise _gone(blob_id)
            last, data = row
            left -= len(data)
            yield data

    def content(self, blob_id: int) -> bytes:
        """All of it at once: only for what is known to be small."""
        return b"".join(self.pieces(blob_id))

    def drop(self, transaction: Transaction, blob_ids: Iterable[int]) -> None:
        """These are not needed any more; `sweep` gives their room back."""
        transaction.execute(
            "UPDATE blobs SET state = 'dropped' WHERE id IN (SELECT value FROM json_each(?))",
            (whole_list(blob_ids),),
        )

    def sweep(self, transaction: Transaction, now: int, *, pieces: int = 16) -> bool:
        """Delete at most so many pieces of what nobody needs; True when nothing is left to do.

        That is what was dropped, what was abandoned half-written, and what was left by something that is
        gone: the mail in the outbox of a removed account. In steps, because giving back the pages of 200 MB
        at once would keep other writers waiting.
        """
        transaction.execute(
            f"UPDATE blobs SET state = 'dropped' WHERE {_ABANDONED} OR {_ORPHANED}",
            (now - ABANDONED_SECONDS,),
        )
        cursor = transaction.execute(
            "DELETE FROM blob_pieces WHERE id IN (SELECT id FROM blob_pieces "
            "WHERE blob_id IN (SELECT id FROM blobs WHERE state = 'dropped') LIMIT ?)",
            (pieces,),
        )
        if cursor.rowcount == pieces:
            return False
        transaction.execute("DELETE FROM blobs WHERE state = 'dropped'")
        return True


def _gone(blob_id: int) -> StoreFailed:
    return StoreFailed(
        "Something that was written here can no longer be found in the local database.",
        advice="Attach it again, or write the message anew.",
        detail=f"blob {blob_id} is missing or not whole",
    )
