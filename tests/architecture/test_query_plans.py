"""The queries that run on the GUI thread or in a loop walk an index: no sorting, no scan of a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from qtmail.domain.message import Flag, MessageQuery
from qtmail.store.store import Store
from tests.unit.store.values import INBOX, SENT, add_account, add_folders, add_messages, new_message


class Traced(NamedTuple):
    """A store whose reader writes down every statement with its values filled in."""

    store: Store
    statements: list[str]

    def plan(self) -> list[str]:
        """The query plan of the last statement that was run."""
        with self.store._cache.reading() as connection:
            connection.set_trace_callback(None)
            return [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + self.statements[-1])]


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[Traced]:
    with Store.open(tmp_path) as store:
        account = add_account(store)
        for folder in add_folders(store, account.id, INBOX, SENT):
            flags = [Flag.SEEN, Flag.NONE, Flag.FLAGGED | Flag.SEEN]
            add_messages(store, folder.id, *[new_message(uid, flags[uid % 3]) for uid in range(1, 200)])
        statements: list[str] = []
        with store._cache.reading() as connection:
            connection.set_trace_callback(statements.append)
        yield Traced(store, statements)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (MessageQuery((1,)), "messages_by_date"),
        (MessageQuery((1,), descending=False), "messages_by_date"),
        (MessageQuery((1,), unread=True), "messages_unread"),
        (MessageQuery((1,), flagged=True), "messages_flagged"),
        (MessageQuery((1,), attachment=True), "messages_with_attachment"),
    ],
)
@pytest.mark.parametrize("limit", [None, 200])
def test_a_list_by_date_reads_one_index_and_nothing_else(
    traced: Traced, query: MessageQuery, index: str, limit: int | None
) -> None:
    traced.store.messages.ids(query, limit)
    (step,) = traced.plan()
    assert step.startswith(f"SEARCH messages USING COVERING INDEX {index} (folder_id=?") or (
        # The condition of a partial index is a column SQLite may look up, without any sorting.
        index != "messages_by_date" and step.startswith(f"SEARCH messages USING INDEX {index} (folder_id=?")
    )


@pytest.mark.parametrize("query", [MessageQuery((1, 2)), MessageQuery((1, 2), unread=True, descending=False)])
def test_a_unified_list_merges_the_folders_indexes(traced: Traced, query: MessageQuery) -> None:
    traced.store.messages.ids(query, 200)
    plan = traced.plan()
    assert plan[0] == "MERGE (UNION ALL)"
    assert len([step for step in plan if step.startswith("SEARCH messages USING")]) == 2
    assert not [step for step in plan if "TEMP B-TREE" in step or step.startswith("SCAN")]


def test_a_page_of_rows_is_looked_up_by_primary_key(traced: Traced) -> None:
    traced.store.messages.rows(range(1, 200))
    searches = [step for step in traced.plan() if step.startswith("SEARCH")]
    assert searches == [
        "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH f USING INTEGER PRIMARY KEY (rowid=?)",
    ]


def test_uids_are_read_from_the_index_alone(traced: Traced) -> None:
    traced.store.messages.uids(1)
    assert traced.plan() == ["SEARCH messages USING COVERING INDEX sqlite_autoindex_messages_1 (folder_id=?)"]


def test_missing_bodies_are_read_from_their_own_index(traced: Traced) -> None:
    traced.store.bodies.missing(1, since=5, limit=10)
    (step,) = traced.plan()
    assert step == "SEARCH messages USING INDEX messages_without_body (folder_id=? AND date>?)"


def test_flags_are_read_by_uid(traced: Traced) -> None:
    traced.store.messages.flags(1, 10, 20)
    (step,) = traced.plan()
    assert step == "SEARCH messages USING INDEX sqlite_autoindex_messages_1 (folder_id=? AND uid>? AND uid<?)"


def test_message_ids_are_found_by_their_checksum(traced: Traced) -> None:
    traced.store.messages.find_message_id("abc@example.com")
    assert traced.plan()[0] == "SEARCH messages USING INDEX messages_by_message_id (message_id_crc=?)"
