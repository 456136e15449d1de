"""Messages in a list in memory, read as the store is read."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from qtmail.domain.message import Flag, MessageQuery, MessageRow, SortKey
from qtmail.errors import StoreFailed


def message_row(id_: int, **changes: object) -> MessageRow:
    """A row with plausible values; higher ids are newer."""
    values: dict[str, object] = {
        "id": id_,
        "folder_id": 1,
        "account_id": 1,
        "uid": id_,
        "date": 1_700_000_000 + id_ * 60,
        "size": 2000 + id_,
        "flags": Flag.NONE,
        "keywords": frozenset(),
        "subject": f"Subject {id_}",
        "sender_name": f"Sender {id_}",
        "sender_address": f"sender{id_}@example.org",
        "recipients": "Ann, Bob",
        "preview": f"The first words of message {id_}",
        "has_attachment": False,
    }
    return MessageRow(**(values | changes))  # type: ignore[arg-type]


class MemoryMessages:
    """The reads of `store.Messages` over `messages`; counts them, and fails while `broken`."""

    def __init__(self, messages: Sequence[MessageRow] = ()) -> None:
        self.messages = {row.id: row for row in messages}
        self.broken = False
        self.rows_read: list[int] = []
        self.id_reads = 0

    def put(self, *rows: MessageRow) -> None:
        self.messages.update((row.id, row) for row in rows)

    def ids(self, query: MessageQuery, limit: int | None = None) -> array[int]:
        self._check()
        self.id_reads += 1
        rows = [row for row in self.messages.values() if _matches(row, query)]
        rows.sort(key=lambda row: (row.date, row.id), reverse=True)
        if query.sort != SortKey.DATE or not query.descending:
            rows.sort(key=lambda row: _sort_value(row, query.sort), reverse=query.descending)
        return array("q", [row.id for row in rows[:limit]])

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        self._check()
        assert len(ids) <= 200, "the GUI thread reads at most 200 rows at once"
        self.rows_read.append(len(ids))
        return [self.messages[id_] for id_ in ids if id_ in self.messages]

    def _check(self) -> None:
        if self.broken:
            raise StoreFailed("The local mail store could not be read.")


def _matches(row: MessageRow, query: MessageQuery) -> bool:
    return (
        row.folder_id in query.folder_ids
        and (not query.unread or row.unread)
        and (not query.flagged or bool(row.flags & Flag.FLAGGED))
        and (not query.attachment or row.has_attachment)
    )


def _sort_value(row: MessageRow, key: SortKey) -> str | int:
    match key:
        case SortKey.DATE:
            return row.date
        case SortKey.SENDER:
            return row.sender
        case SortKey.RECIPIENT:
            return row.recipients
        case SortKey.SUBJECT:
            return row.subject
        case SortKey.SIZE:
            return row.size
        case SortKey.UNREAD:
            return int(row.unread)
        case SortKey.FLAGGED:
            return int(bool(row.flags & Flag.FLAGGED))
        case SortKey.ATTACHMENT:
            return int(row.has_attachment)
