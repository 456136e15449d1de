"""The queries of a message list. Those sorted by date only walk indexes; tests look at their query plans."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence

from qtmail.domain.message import MessageQuery, MessageRow, SortKey
from qtmail.store.values import ROW_COLUMNS, message_row, whole_list

_MERGED_FOLDERS = 50
"""Up to so many folders are merged from their indexes; for more, SQLite sorts them together."""

_SORT_EXPRESSIONS = {
    SortKey.SENDER: "sort_key(iif(sender_name <> '', sender_name, sender_address))",
    SortKey.RECIPIENT: "sort_key(recipients)",
    SortKey.SUBJECT: "sort_key(subject)",
    SortKey.SIZE: "size",
    SortKey.UNREAD: "flags & 1 = 0",
    SortKey.FLAGGED: "flags & 4 <> 0",
    SortKey.ATTACHMENT: "has_attachment",
}


def sort_key(text: str) -> str:
    """What texts are sorted by: without regard to case, in any script. An SQL function on every reader."""
    return text.strip().casefold()


def ids(connection: sqlite3.Connection, query: MessageQuery, limit: int | None) -> array[int]:
    if not query.folder_ids:
        return array("q")
    sql, parameters = ids_statement(query, limit)
    return array("q", (row[0] for row in connection.execute(sql, parameters)))


def ids_statement(query: MessageQuery, limit: int | None) -> tuple[str, list[int | str]]:
    """The SELECT whose first column are the ids, and its parameters."""
    folder_ids = sorted(set(query.folder_ids))
    conditions = _conditions(query)
    if query.sort is SortKey.DATE and len(folder_ids) <= _MERGED_FOLDERS:
        # UNION ALL under one ORDER BY merges the folders' indexes: nothing is sorted, a LIMIT stops it early.
        one = f"SELECT id, date FROM messages WHERE folder_id = ?{conditions}"
        selection, parameters = " UNION ALL ".join([one] * len(folder_ids)), list[int | str](folder_ids)
    else:
        selection = f"SELECT id FROM messages WHERE folder_id IN (SELECT value FROM json_each(?)){conditions}"
        parameters = [whole_list(folder_ids)]
    sql = f"{selection} ORDER BY {_order(query)}"
    if limit is not None:
        sql += " LIMIT ?"
        parameters.append(limit)
    return sql, parameters


def _conditions(query: MessageQuery) -> str:
    """Written exactly as in the partial indexes, or SQLite would not use these."""
    unread = " AND flags & 1 = 0" if query.unread else ""
    flagged = " AND flags & 4 <> 0" if query.flagged else ""
    attachment = " AND has_attachment = 1" if query.attachment else ""
    return unread + flagged + attachment


def _order(query: MessageQuery) -> str:
    direction = "DESC" if query.descending else "ASC"
    if query.sort is SortKey.DATE:
        return f"date {direction}, id {direction}"
    return f"{_SORT_EXPRESSIONS[query.sort]} {direction}, date DESC, id DESC"


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[MessageRow]:
    selected = connection.execute(
        f"SELECT {ROW_COLUMNS} FROM messages AS m JOIN folders AS f ON f.id = m.folder_id "
        "WHERE m.id IN (SELECT value FROM json_each(?))",
        (whole_list(wanted),),
    )
    found = {columns[0]: message_row(columns) for columns in selected}
    return [found[id_] for id_ in wanted if id_ in found]
