"""What the cache shows of local messages, and how it is compared with what there is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import Folder, RemoteFolder
from qtmail.domain.message import Flag, FlagChange
from qtmail.store.local_marks import Digest, digest_query
from qtmail.store.local_view import STATE, Place, Sight
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction
from tests.unit.store.values import new_message


@pytest.fixture
def folders(store: Store, account: Account) -> tuple[Folder, Folder]:
    """Two folders of local messages."""
    listed = [RemoteFolder(b"Inbox", "Inbox", "/"), RemoteFolder(b"Trash", "Trash", "/")]
    with store.cache_transaction() as tx:
        first, second = store.folders.reconcile(tx, account.id, listed).added
        for folder in (first, second):
            store.folders.save_sync_state(tx, folder.id, STATE)
    return first, second


def show(store: Store, folder: Folder, *uids: int) -> list[int]:
    new = [
        replace(message, remote=replace(message.remote, modseq=100 + message.remote.uid))
        for message in map(new_message, uids)
    ]
    with store.cache_transaction() as tx:
        return store.messages.add(tx, folder.id, new)


def test_only_rows_of_local_folders_are_seen(store: Store, account: Account, folders: tuple[Folder, Folder]):
    inbox, trash = folders
    with store.cache_transaction() as tx:
        listed = [
            *(RemoteFolder(one.wire_name, one.path, "/") for one in folders),
            RemoteFolder(b"S", "S", "/"),
        ]
        (on_server,) = store.folders.reconcile(tx, account.id, listed).added
    (there,) = show(store, on_server, 1)
    (here,) = show(store, inbox, 1)
    assert store.local_view.folders() == {
        (account.id, b"Inbox"): inbox.id,
        (account.id, b"Trash"): trash.id,
    }
    assert store.local_view.uids([here, there]) == {here: 1}
    (place,) = store.local_view.places([1])
    assert (place.id, place.folder_id, place.content) == (here, inbox.id, 101)
    assert set(store.local_view.digests(account.id)) == {b"Inbox"}


def test_a_moved_row_keeps_its_id_and_counts_follow(
    store: Store, folders: tuple[Folder, Folder], changes: list[StoreChange]
):
    inbox, trash = folders
    first, second = show(store, inbox, 1, 2)
    changes.clear()
    with store.cache_transaction() as tx:
        store.local_view.move(tx, [first], trash.id)
    counts = [(one.message_count, one.unread_count) for one in store.folders.list(inbox.account_id)]
    assert counts == [(1, 1), (1, 1)]
    places = {place.id: place.folder_id for place in store.local_view.places([1, 2])}
    assert places == {first: trash.id, second: inbox.id}
    assert store.folders.wrong_counts() == ()
    assert changes[0].kinds >= {ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.COUNTS}
    assert changes[0].folder_ids == {inbox.id, trash.id}


def test_a_content_is_described(store: Store, folders: tuple[Folder, Folder]):
    (id_,) = show(store, folders[0], 1)
    with store.cache_transaction() as tx:
        store.local_view.describe(tx, folders[0].id, [(id_, Sight(7, 900, "Hi \ud800", has_attachment=True))])
    row = store.messages.get(id_)
    assert row is not None
    assert (row.size, row.preview, row.has_attachment) == (900, "Hi ?", True)
    assert store.local_view.places([1]) == [Place(id_, folders[0].id, 1, 7, 0, "")]


def test_a_header_is_told_from_a_whole_message(store: Store, folders: tuple[Folder, Folder]):
    (id_,) = show(store, folders[0], 1)
    for header_only in (True, False):
        sight = Sight(7, 900, "", has_attachment=False, header_only=header_only)
        with store.cache_transaction() as tx:
            store.local_view.describe(tx, folders[0].id, [(id_, sight)])
        row = store.messages.get(id_)
        assert row is not None and row.header_only is header_only


CHANGES: dict[str, Callable[[Store, Transaction, Sequence[Folder], Sequence[int]], object]] = {
    "moved": lambda store, tx, folders, ids: store.local_view.move(tx, ids[:1], folders[1].id),
    "gone": lambda store, tx, folders, ids: store.messages.remove(tx, folders[0].id, [1]),
    "flag": lambda store, tx, folders, ids: store.messages.set_flags(tx, ids[:1], Flag.ANSWERED, Flag.NONE),
    "keyword": lambda store, tx, folders, ids: store.messages.apply_flags(
        tx, folders[0].id, [FlagChange(1, Flag.NONE, frozenset({"x"}))]
    ),
    "content": lambda store, tx, folders, ids: store.local_view.describe(
        tx, folders[0].id, [(ids[0], Sight(103, 1, "", has_attachment=False))]
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_both_sides_compare_equal_until_something_differs(
    store: Store, account: Account, folders: tuple[Folder, Folder], what: str
):
    with store.user_transaction() as tx:
        blobs = [store.blobs.begin(tx, 0) for _ in range(103)]
        for uid in (1, 2):
            store.local_messages.add(tx, account.id, b"Inbox", blobs[100 + uid - 1], 5, Flag.NONE)
    ids = show(store, folders[0], 1, 2)
    kept, view = store.local_messages, store.local_view
    assert view.digests(account.id) == kept.digests(account.id)
    assert view.marks(account.id, b"Inbox") == kept.marks(account.id, b"Inbox")
    with store.cache_transaction() as tx:
        CHANGES[what](store, tx, folders, ids)
    assert view.digests(account.id)[b"Inbox"] != kept.digests(account.id)[b"Inbox"]
    assert view.marks(account.id, b"Inbox") != kept.marks(account.id, b"Inbox")


def test_changes_that_make_up_for_each_other_are_seen():
    rest = [(b"Inbox", uid, uid % 3, "", 1000 + uid) for uid in range(3, 2000)]
    cases = [
        [(b"Inbox", 1, 0, "", 501), (b"Inbox", 2, 4, "", 502)],
        [(b"Inbox", 1, 4, "", 501), (b"Inbox", 2, 0, "", 502)],
        [(b"Inbox", 1, 0, "", 502), (b"Inbox", 2, 4, "", 501)],
    ]
    assert len({digest([*case, *rest]) for case in cases}) == 3


def test_rows_are_found_by_folder_and_uid_without_a_walk(store: Store, folders: tuple[Folder, Folder]):
    statements: list[str] = []
    with store._cache.reading() as connection:
        connection.set_trace_callback(statements.append)
        store.local_view.places([1, 2])
        connection.set_trace_callback(None)
        plan = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statements[-1])]
    assert "SEARCH messages USING INDEX sqlite_autoindex_messages_1 (folder_id=? AND uid=?)" in plan
    assert "SCAN messages" not in plan


def test_digests_do_not_overflow():
    huge = [(b"Inbox", 2**31, 511, "", 2**40 + number) for number in range(3)]
    assert isinstance(digest(huge).total, int)


def digest(rows: list[tuple[bytes, int, int, str, int]]) -> Digest:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (folder, uid, flags, keywords, content)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
    ((_, count, total),) = connection.execute(digest_query("SELECT * FROM t"))
    connection.close()
    return Digest(count, total)
