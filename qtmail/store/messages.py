"""Messages of all folders: what a server told of them and what the user changed, in `cache.db`.

Writing is here, the queries of a message list in message_queries.py, contents in bodies.py. Counts of folders
follow by triggers. All sizes are bytes, all times seconds since the epoch.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from qtmail.domain.events import ChangeKind
from qtmail.domain.message import Flag, FlagChange, HeaderSummary, MessageQuery, MessageRow, RemoteMessage
from qtmail.errors import Retry, StoreFailed
from qtmail.store import message_queries
from qtmail.store.database import Database
from qtmail.store.transaction import Transaction
from qtmail.store.values import (
    LARGEST_INTEGER,
    decode_keywords,
    encodable,
    encode_keywords,
    message_id_crc,
    whole_list,
)

_CHUNK = 10_000

_INSERT_MESSAGE = """
INSERT INTO messages (id, folder_id, uid, date, size, flags, keywords, modseq, has_attachment, subject,
                      sender_name, sender_address, recipients, message_id, message_id_crc)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_HEADER = "INSERT INTO headers (message_id, data) VALUES (?, ?)"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as it enters the cache: what FETCH told, and what a list row shows of its header."""

    remote: RemoteMessage
    summary: HeaderSummary


@dataclass(frozen=True, slots=True)
class Location:
    """Where a cached message is on its server. `uid_validity` is 0 where the folder never was in step."""

    message_id: int
    account_id: int
    folder_id: int
    wire_name: bytes
    uid_validity: int
    uid: int


class Messages:
    """Messages by local id, by folder and UID, and in the order of a list."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- what the server told ---

    def add(self, transaction: Transaction, folder_id: int, messages: Sequence[NewMessage]) -> list[int]:
        """Store messages, or the flags of those that are known; returns their ids in the order given.

        Raises StoreFailed when the folder is no longer there.
        """
        by_uid = {message.remote.uid: message for message in messages}
        _require_folder(transaction, folder_id)
        ids = _ids_by_uid(transaction, folder_id, by_uid)
        known = [by_uid[uid].remote for uid in ids]
        new = sorted(uid for uid in by_uid if uid not in ids)
        if known:
            self.apply_flags(
                transaction, folder_id, [FlagChange(m.uid, m.flags, m.keywords, m.modseq) for m in known]
            )
        if new:
            ids.update(zip(new, _new_ids(transaction, len(new)), strict=True))
            _insert(transaction, folder_id, [(ids[uid], by_uid[uid]) for uid in new])
            transaction.changed(ChangeKind.ADDED, ChangeKind.COUNTS, folder_ids=[folder_id])
        return [ids[message.remote.uid] for message in messages]

    def apply_flags(self, transaction: Transaction, folder_id: int, changes: Sequence[FlagChange]) -> int:
        """Store the server's flags; unknown UIDs are passed over. Returns how many messages had others."""
        changed = 0
        remaining = iter(changes)
        while chunk := list(islice(remaining, _CHUNK)):
            changed += self._apply_flags(transaction, folder_id, {change.uid: change for change in chunk})
        return changed

    def remove(self, transaction: Transaction, folder_id: int, uids: Iterable[int]) -> int:
        """Remove messages that are gone from the server; returns how many were there."""
        removed = 0
        remaining = iter(uids)
        while chunk := list(islice(remaining, _CHUNK)):
            removed += transaction.execute(
                "DELETE FROM messages WHERE folder_id = ? AND uid IN (SELECT value FROM json_each(?))",
                (folder_id, whole_list(chunk)),
            ).rowcount
        if removed:
            transaction.changed(ChangeKind.REMOVED, ChangeKind.COUNTS, folder_ids=[folder_id])
        return removed

    def clear(self, transaction: Transaction, folder_id: int, *, at_most: int = -1) -> int:
        """Remove all messages of a folder, as when its UIDVALIDITY changed; returns how many were removed.

        Args:
            at_most: remove no more than this many, so that a large folder (13 µs a message) can be cleared in
                several short transactions; -1: all.
        """
        removed = transaction.execute(
            "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE folder_id = ? LIMIT ?)",
            (folder_id, at_most),
        ).rowcount
        if removed:
            transaction.changed(ChangeKind.REMOVED, ChangeKind.COUNTS, folder_ids=[folder_id])
        return removed

    def uids(self, folder_id: int) -> array[int]:
        """All UIDs of a folder as a sorted array('I')."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT uid FROM messages WHERE folder_id = ? ORDER BY uid", (folder_id,)
            )
            return array("I", (uid for (uid,) in rows))

    def flags(self, folder_id: int, low: int, high: int) -> dict[int, tuple[Flag, frozenset[str]]]:
        """Flags and keywords by UID, for the UIDs from `low` to `high`, both included."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT uid, flags, keywords FROM messages WHERE folder_id = ? AND uid BETWEEN ? AND ?",
                (folder_id, low, high),
            )
            return {uid: (Flag(flags), decode_keywords(keywords)) for uid, flags, keywords in rows}

    def find_uid(self, folder_id: int, uid: int) -> int | None:
        """The id of the message with this UID."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT id FROM messages WHERE folder_id = ? AND uid = ?", (folder_id, uid)
            ).fetchone()
            return None if row is None else row[0]

    def find_message_id(self, message_id: str) -> list[int]:
        """The ids of the copies of a message, by its Message-ID without angle brackets, in all folders."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM messages "
                "WHERE message_id_crc = ? AND message_id = ? AND message_id <> '' ORDER BY id",
                (message_id_crc(message_id), message_id),
            )
            return [id_ for (id_,) in rows]

    # --- what the user changed ---

    def set_flags(
        self, transaction: Transaction, message_ids: Iterable[int], add: Flag, remove: Flag
    ) -> None:
        """The local half of a flag operation: add some flags, remove others, leave the rest."""
        add_bits, keep_bits = int(add), ~int(remove)
        changed = transaction.execute(
            "UPDATE messages SET flags = (flags | ?) & ? "
            "WHERE id IN (SELECT value FROM json_each(?)) AND flags <> (flags | ?) & ? "
            "RETURNING id, folder_id",
            (add_bits, keep_bits, whole_list(message_ids), add_bits, keep_bits),
        ).fetchall()
        if changed:
            transaction.changed(
                ChangeKind.FLAGS,
                ChangeKind.COUNTS,
                folder_ids=[folder_id for _, folder_id in changed],
                message_ids=[id_ for id_, _ in changed],
            )

    # --- reading ---

    def ids(self, query: MessageQuery, limit: int | None = None) -> array[int]:
        """The ids `query` selects, in list order, as an array('q'); the first `limit` when given."""
        with self._database.reading() as connection:
            return message_queries.ids(connection, query, limit)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """List rows, in the order given, missing ones left out. Meant for a page of up to 200."""
        with self._database.reading() as connection:
            return message_queries.rows(connection, ids)

    def get(self, message_id: int) -> MessageRow | None:
        return next(iter(self.rows([message_id])), None)

    def header(self, message_id: int) -> bytes | None:
        """The header fields of a message as the server sent them; None where there is no such message."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT data FROM headers WHERE message_id = ?", (message_id,)
            ).fetchone()
            return None if row is None else row[0]

    def headers(self, ids: Iterable[int]) -> dict[int, bytes]:
        """The header fields of several messages, by id; those that are not there are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT message_id, data FROM headers WHERE message_id IN (SELECT value FROM json_each(?))",
                (whole_list(ids),),
            )
            return dict(rows)

    def locate(self, ids: Iterable[int]) -> list[Location]:
        """Where these messages are on their servers, in the order given, missing ones left out."""
        wanted = list(ids)
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT m.id, f.account_id, f.id, f.wire_name, ifnull(f.uid_validity, 0), m.uid "
                "FROM messages AS m JOIN folders AS f ON f.id = m.folder_id "
                "WHERE m.id IN (SELECT value FROM json_each(?))",
                (whole_list(wanted),),
            )
            found = {row[0]: Location(*row) for row in rows}
        return [found[id_] for id_ in wanted if id_ in found]

    # --- steps ---

    def _apply_flags(self, transaction: Transaction, folder_id: int, changes: dict[int, FlagChange]) -> int:
        rows = transaction.execute(
            "SELECT id, uid, flags, keywords, modseq FROM messages "
            "WHERE folder_id = ? AND uid IN (SELECT value FROM json_each(?))",
            (folder_id, whole_list(changes)),
        )
        updates, changed_ids = [], []
        for id_, uid, flags, keywords, modseq in rows.fetchall():
            change = changes[uid]
            told = (int(change.flags), encode_keywords(change.keywords))
            new_modseq = min(change.modseq, LARGEST_INTEGER) or modseq
            if told != (flags, keywords):
                changed_ids.append(id_)
            elif new_modseq == modseq:
                continue
            updates.append((*told, new_modseq, id_))
        transaction.executemany(
            "UPDATE messages SET flags = ?, keywords = ?, modseq = ? WHERE id = ?", updates
        )
        if changed_ids:
            transaction.changed(
                ChangeKind.FLAGS, ChangeKind.COUNTS, folder_ids=[folder_id], message_ids=changed_ids
            )
        return len(changed_ids)


def _require_folder(transaction: Transaction, folder_id: int) -> None:
    if transaction.execute("SELECT 1 FROM folders WHERE id = ?", (folder_id,)).fetchone() is None:
        raise StoreFailed(
            "A folder was removed while its messages were being stored.",
            detail=f"folder {folder_id}",
            retry=Retry.LATER,
        )


def _ids_by_uid(transaction: Transaction, folder_id: int, uids: Iterable[int]) -> dict[int, int]:
    rows = transaction.execute(
        "SELECT uid, id FROM messages WHERE folder_id = ? AND uid IN (SELECT value FROM json_each(?))",
        (folder_id, whole_list(uids)),
    )
    return dict(rows.fetchall())


def _new_ids(transaction: Transaction, count: int) -> range:
    """Fresh ids; asking SQLite for each (AUTOINCREMENT) would double the cost of an insert."""
    (after,) = transaction.execute(
        "UPDATE counters SET next_message_id = next_message_id + ? RETURNING next_message_id", (count,)
    ).fetchone()
    return range(after - count, after)


def _insert(transaction: Transaction, folder_id: int, messages: Sequence[tuple[int, NewMessage]]) -> None:
    rows = [_message_columns(id_, folder_id, message) for id_, message in messages]
    try:
        transaction.executemany(_INSERT_MESSAGE, rows)
    except UnicodeEncodeError:
        # Some header held lone surrogates. That is rare, so only then is every text looked at.
        transaction.execute("DELETE FROM messages WHERE id >= ?", (messages[0][0],))
        transaction.executemany(_INSERT_MESSAGE, map(_encodable_row, rows))
    transaction.executemany(_INSERT_HEADER, [(id_, message.remote.header) for id_, message in messages])


def _encodable_row(row: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return tuple([encodable(value) if isinstance(value, str) else value for value in row])


def _message_columns(id_: int, folder_id: int, message: NewMessage) -> tuple[int | str, ...]:
    """The columns of `_INSERT_MESSAGE`, in their order."""
    remote, summary = message.remote, message.summary
    sender = summary.sender
    return (
        id_,
        folder_id,
        remote.uid,
        remote.internal_date if summary.date is None else summary.date,
        min(remote.size, LARGEST_INTEGER),
        remote.flags.value,
        encode_keywords(remote.keywords),
        min(remote.modseq, LARGEST_INTEGER),
        summary.has_attachment,
        summary.subject,
        sender.name if sender else "",
        sender.address if sender else "",
        summary.recipients,
        summary.message_id,
        message_id_crc(summary.message_id),
    )
