"""What the cache shows of the messages that are kept on this computer, in `cache.db`.

Their truth is in `user.db` (store.local_messages); a row here is its image, with the same UID. Its contents
are never copied: the column `modseq`, which means nothing without a server, names the blob that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qtmail.domain.events import ChangeKind
from qtmail.domain.folder import SyncState
from qtmail.store.bodies import BodyState
from qtmail.store.database import Database
from qtmail.store.local_marks import Digest, Mark, digest_query
from qtmail.store.transaction import Transaction
from qtmail.store.values import encodable, whole_list

STATE = SyncState(uid_validity=2**32, complete=True)
"""Of every folder of local messages, whose UIDs are valid for ever. No server's folder has it: a UIDVALIDITY
fits into 32 bits (RFC 9051 section 2.3.1.1).
"""

_OF_LOCAL_FOLDERS = (
    f"FROM messages AS m JOIN folders AS f ON f.id = m.folder_id WHERE f.uid_validity = {STATE.uid_validity}"
)
_MARKS = f"SELECT f.wire_name AS folder, m.uid, m.flags, m.keywords, m.modseq AS content {_OF_LOCAL_FOLDERS}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cache shows a local message.

    Attributes:
        id: of its row.
        content: the blob it shows.
    """

    id: int
    folder_id: int
    uid: int
    content: int
    flags: int
    keywords: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a row shows of a content. `size` is in bytes; `header_only`: the rest is still on its server."""

    content: int
    size: int
    preview: str
    has_attachment: bool
    header_only: bool = False


class LocalView:
    """The rows of local messages, by UID, in whichever folder they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def folders(self) -> dict[tuple[int, bytes], int]:
        """The ids of all folders of local messages, by account (gone ones, too) and wire name."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT account_id, wire_name, id FROM folders WHERE uid_validity = ?", (STATE.uid_validity,)
            )
            return {(account_id, wire_name): id_ for account_id, wire_name, id_ in rows}

    def digests(self, account_id: int) -> dict[bytes, Digest]:
        """What the folders of an account show, summed up, by wire name; empty ones are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(digest_query(f"{_MARKS} AND f.account_id = ?"), (account_id,))
            return {folder: Digest(count, total) for folder, count, total in rows}

    def marks(self, account_id: int, folder: bytes) -> dict[int, Mark]:
        """What one folder shows, by UID."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT uid, folder, flags, keywords, content FROM ({_MARKS} AND f.account_id = ? "
                "AND f.wire_name = ?)",
                (account_id, folder),
            )
            return {uid: Mark(*mark) for uid, *mark in rows}

    def places(self, uids: Iterable[int]) -> list[Place]:
        """Where these messages are shown; twice, if a fault made it so."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, folder_id, uid, modseq, flags, keywords FROM messages "
                "WHERE folder_id IN (SELECT id FROM folders WHERE uid_validity = ?) "
                "AND uid IN (SELECT value FROM json_each(?))",
                (STATE.uid_validity, whole_list(uids)),
            )
            return [Place(*row) for row in rows]

    def uids(self, message_ids: Iterable[int]) -> dict[int, int]:
        """The UIDs of those of these rows that are of local messages, by id."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT m.id, m.uid {_OF_LOCAL_FOLDERS} AND m.id IN (SELECT value FROM json_each(?))",
                (whole_list(message_ids),),
            )
            return dict(rows)

    def move(self, transaction: Transaction, message_ids: Sequence[int], folder_id: int) -> None:
        """Show messages in another folder, under the ids they have."""
        left = transaction.execute(
            "SELECT DISTINCT folder_id FROM messages WHERE id IN (SELECT value FROM json_each(?))",
            (whole_list(message_ids),),
        ).fetchall()
        transaction.execute(
            "UPDATE messages SET folder_id = ? WHERE id IN (SELECT value FROM json_each(?))",
            (folder_id, whole_list(message_ids)),
        )
        transaction.changed(
            ChangeKind.REMOVED,
            ChangeKind.ADDED,
            ChangeKind.COUNTS,
            folder_ids=[folder_id, *(old for (old,) in left)],
        )

    def describe(self, transaction: Transaction, folder_id: int, sights: Sequence[tuple[int, Sight]]) -> None:
        """Show these contents, by message id."""
        transaction.executemany(
            "UPDATE messages SET modseq = ?, size = ?, preview = ?, has_attachment = ?, body_state = ? "
            "WHERE id = ?",
            [
                (
                    sight.content,
                    sight.size,
                    encodable(sight.preview),
                    sight.has_attachment,
                    BodyState.HEADER if sight.header_only else BodyState.WHOLE,
                    id_,
                )
                for id_, sight in sights
            ],
        )
        transaction.changed(ChangeKind.BODIES, folder_ids=[folder_id], message_ids=[id_ for id_, _ in sights])
