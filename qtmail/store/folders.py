"""Folders of all accounts and how far the cache follows the server in each, in `cache.db`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qtmail.domain.events import ChangeKind
from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse, SyncState
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction
from qtmail.store.values import LARGEST_INTEGER, encodable, whole_list

_COLUMNS = (
    "id, account_id, wire_name, path, delimiter, special_use, selectable, subscribed, "
    "message_count, unread_count"
)
_REMOTE_COLUMNS = "path, delimiter, special_use, selectable, subscribed"

_STATE_COLUMNS = "uid_validity, uid_next, highest_modseq, remote_count, complete"

_RECOUNT = """
SELECT * FROM (
    SELECT f.path, f.message_count AS kept, f.unread_count AS kept_unread, count(m.id) AS real,
           count(m.id) FILTER (WHERE m.flags & 1 = 0) AS real_unread
    FROM folders AS f LEFT JOIN messages AS m ON m.folder_id = f.id
    GROUP BY f.id
) WHERE kept <> real OR kept_unread <> real_unread
"""


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """What a new folder list from the server meant. `kept` are as they are now, `removed` as they were."""

    added: tuple[Folder, ...]
    removed: tuple[Folder, ...]
    kept: tuple[Folder, ...]


class Folders:
    """Folders, their counts and their sync states."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, account_id: int | None = None) -> list[Folder]:
        """The folders of one account, or of all, by account and path."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM folders WHERE ?1 IS NULL OR account_id = ?1 "
                "ORDER BY account_id, path, id",
                (account_id,),
            )
            return [_folder(row) for row in rows]

    def get(self, folder_id: int) -> Folder | None:
        with self._database.reading() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM folders WHERE id = ?", (folder_id,)).fetchone()
            return None if row is None else _folder(row)

    def find(self, account_id: int, path: str) -> Folder | None:
        """The folder with this path; INBOX in any case (RFC 9051 section 5.1)."""
        folders = self.list(account_id)
        exact = (folder for folder in folders if folder.path == path)
        inbox = (folder for folder in folders if path.upper() == "INBOX" == folder.path.upper())
        return next(exact, None) or next(inbox, None)

    def reconcile(
        self, transaction: Transaction, account_id: int, remote: Sequence[RemoteFolder]
    ) -> FolderChanges:
        """Make the folders of one account those the server listed.

        A folder is its wire name: a renamed one is removed, with its messages, and added anew. Whether the
        server's list can be believed is the caller's question.
        """
        before = {folder.wire_name: folder for folder in _of_account(transaction, account_id)}
        listed = {folder.wire_name: folder for folder in remote}
        removed = [folder for name, folder in before.items() if name not in listed]
        added = [folder for name, folder in listed.items() if name not in before]
        altered = [
            folder
            for name, folder in listed.items()
            if name in before and _remote_values(folder) != _remote_values(before[name])
        ]
        self._remove(transaction, removed)
        transaction.executemany(
            f"INSERT INTO folders (account_id, wire_name, {_REMOTE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(account_id, folder.wire_name, *_remote_values(folder)) for folder in added],
        )
        transaction.executemany(
            f"UPDATE folders SET ({_REMOTE_COLUMNS}) = (?, ?, ?, ?, ?) "
            "WHERE account_id = ? AND wire_name = ?",
            [(*_remote_values(folder), account_id, folder.wire_name) for folder in altered],
        )
        after = _of_account(transaction, account_id)
        if added or altered:
            names = {folder.wire_name for folder in (*added, *altered)}
            transaction.changed(
                ChangeKind.FOLDERS, folder_ids=[folder.id for folder in after if folder.wire_name in names]
            )
        return FolderChanges(
            added=tuple(folder for folder in after if folder.wire_name not in before),
            removed=tuple(removed),
            kept=tuple(folder for folder in after if folder.wire_name in before),
        )

    def sync_state(self, folder_id: int) -> SyncState:
        """How far the cache follows the server; the empty state for an unknown folder."""
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT {_STATE_COLUMNS} FROM folders WHERE id = ?", (folder_id,)
            ).fetchone()
        if row is None:
            return SyncState()
        uid_validity, uid_next, highest_modseq, remote_count, complete = row
        return SyncState(uid_validity, uid_next, highest_modseq, remote_count, bool(complete))

    def save_sync_state(self, transaction: Transaction, folder_id: int, state: SyncState) -> None:
        numbers = (state.uid_validity, state.uid_next, state.highest_modseq, state.remote_count)
        bounded = [None if number is None else min(number, LARGEST_INTEGER) for number in numbers]
        transaction.execute(
            f"UPDATE folders SET ({_STATE_COLUMNS}) = (?, ?, ?, ?, ?) WHERE id = ?",
            (*bounded, state.complete, folder_id),
        )

    def remove_account(self, transaction: Transaction, account_id: int) -> None:
        """Forget all that is cached of one account."""
        self._remove(transaction, _of_account(transaction, account_id))

    def wrong_counts(self) -> tuple[str, ...]:
        """Folders whose kept counts differ from a recount, in words; empty when all are right. Slow."""
        with self._database.reading() as connection:
            rows = connection.execute(_RECOUNT).fetchall()
        return tuple(
            f"{path}: {kept} messages, {kept_unread} unread are noted, {real} and {real_unread} are there"
            for path, kept, kept_unread, real, real_unread in rows
        )

    def _remove(self, transaction: Transaction, folders: Sequence[Folder]) -> None:
        if not folders:
            return
        ids = [folder.id for folder in folders]
        transaction.execute(
            "DELETE FROM folders WHERE id IN (SELECT value FROM json_each(?))", (whole_list(ids),)
        )
        transaction.changed(ChangeKind.FOLDERS, ChangeKind.REMOVED, folder_ids=ids)


def _of_account(transaction: Transaction, account_id: int) -> list[Folder]:
    rows = transaction.execute(
        f"SELECT {_COLUMNS} FROM folders WHERE account_id = ? ORDER BY id", (account_id,)
    )
    return [_folder(row) for row in rows]


def _remote_values(folder: RemoteFolder | Folder) -> tuple[str | bool, ...]:
    """The columns of `_REMOTE_COLUMNS`, in their order."""
    return (
        encodable(folder.path),
        encodable(folder.delimiter),
        "" if folder.special_use is None else folder.special_use.value,
        folder.selectable,
        folder.subscribed,
    )


@reads_columns
def _folder(row: tuple[Any, ...]) -> Folder:
    id_, account_id, wire_name, path, delimiter, special_use, selectable, subscribed, messages, unread = row
    return Folder(
        id=id_,
        account_id=account_id,
        wire_name=wire_name,
        path=path,
        delimiter=delimiter,
        special_use=SpecialUse(special_use) if special_use else None,
        selectable=bool(selectable),
        subscribed=bool(subscribed),
        message_count=messages,
        unread_count=unread,
    )
