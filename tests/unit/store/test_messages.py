from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account
from qtmail.domain.address import Address
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import Folder, SyncState
from qtmail.domain.message import Flag, FlagChange, HeaderSummary, MessageRow
from qtmail.errors import StoreFailed
from qtmail.store.messages import Location
from qtmail.store.store import Store
from tests.unit.store.values import HEADER, INBOX, SENT, SUMMARY, add_folders, add_messages, new_message

NONE: frozenset[str] = frozenset()


def counts(store: Store, folder: Folder) -> tuple[int, int]:
    now = store.folders.get(folder.id)
    assert now is not None
    return now.message_count, now.unread_count


def apply(store: Store, folder: Folder, *changes: FlagChange) -> int:
    with store.cache_transaction() as transaction:
        return store.messages.apply_flags(transaction, folder.id, changes)


def test_a_message_comes_back_as_row_and_header(store: Store, account: Account, folder: Folder) -> None:
    (id_,) = add_messages(
        store,
        folder.id,
        new_message(
            7,
            Flag.SEEN | Flag.DRAFT,
            keywords=frozenset({"b", "a"}),
            summary=replace(SUMMARY, has_attachment=True),
        ),
    )
    assert store.messages.get(id_) == MessageRow(
        id=id_,
        folder_id=folder.id,
        account_id=account.id,
        uid=7,
        date=1706933106,
        size=1000,
        flags=Flag.SEEN | Flag.DRAFT,
        keywords=frozenset({"a", "b"}),
        subject="Grüße 你好",
        sender_name="Bob",
        sender_address="bob@example.com",
        recipients="Ann, x@example.net, Cäcilie",
        preview="",
        has_attachment=True,
    )
    assert store.messages.header(id_) == HEADER
    assert store.messages.headers([id_, id_ + 1]) == {id_: HEADER}


def test_an_empty_header_is_dated_by_its_arrival(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(
        store, folder.id, new_message(1, summary=HeaderSummary(), header=b"", received=1234)
    )
    row = store.messages.get(id_)
    assert row is not None and row.date == 1234 and row.sender == ""
    assert store.messages.header(id_) == b""


def test_ids_are_in_the_order_given_and_higher_for_higher_uids(store: Store, folder: Folder) -> None:
    ids = add_messages(store, folder.id, new_message(5), new_message(3), new_message(9))
    assert [store.messages.find_uid(folder.id, uid) for uid in (5, 3, 9)] == ids
    assert ids == [2, 1, 3]


def test_adding_again_keeps_the_id_and_takes_the_flags(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(5))
    again = add_messages(store, folder.id, new_message(6), new_message(5, Flag.SEEN))
    assert again[1] == id_ and again[0] != id_
    assert store.messages.flags(folder.id, 1, 10) == {5: (Flag.SEEN, NONE), 6: (Flag.NONE, NONE)}
    assert counts(store, folder) == (2, 1)


def test_a_uid_twice_in_one_batch_is_one_message(store: Store, folder: Folder) -> None:
    ids = add_messages(store, folder.id, new_message(5), new_message(5, Flag.SEEN))
    assert ids[0] == ids[1]
    assert counts(store, folder) == (1, 0)


def test_ids_are_never_used_twice(store: Store, folder: Folder) -> None:
    (first,) = add_messages(store, folder.id, new_message(1))
    with store.cache_transaction() as transaction:
        store.messages.remove(transaction, folder.id, [1])
    (second,) = add_messages(store, folder.id, new_message(1))
    assert second > first


def test_adding_to_a_folder_that_is_gone_fails_in_words(store: Store, folder: Folder) -> None:
    with pytest.raises(StoreFailed, match="folder was removed"):
        add_messages(store, folder.id + 1, new_message(1))


def test_what_sqlite_cannot_hold_is_bounded_and_nothing_else_suffers(store: Store, folder: Folder) -> None:
    odd = HeaderSummary("\udcff odd", Address("\ud800", "a@b"), message_id="\udcfe@x")
    ids = add_messages(
        store,
        folder.id,
        new_message(1, summary=odd, header=b"\xff\0", size=2**70, modseq=2**64),
        new_message(2, summary=replace(SUMMARY, subject="NUL \0 inside")),
    )
    first, second = store.messages.rows(ids)
    assert (first.subject, first.sender_name, first.size) == ("? odd", "?", 2**63 - 1)
    assert second.subject == "NUL \0 inside"
    assert store.messages.header(ids[0]) == b"\xff\0"
    assert store.check() == []


def test_only_real_changes_of_flags_count(store: Store, folder: Folder, changes: list[StoreChange]) -> None:
    ids = add_messages(store, folder.id, *[new_message(uid, keywords=frozenset({"k"})) for uid in (1, 2, 3)])
    changes.clear()
    changed = apply(
        store,
        folder,
        FlagChange(1, Flag.SEEN, frozenset({"k"}), 5),
        FlagChange(2, Flag.NONE, frozenset({"k"}), 6),
        FlagChange(3, Flag.NONE, NONE, 7),
        FlagChange(99, Flag.SEEN, NONE, 9),
    )
    assert changed == 2
    assert changes == [
        StoreChange(
            frozenset({ChangeKind.FLAGS, ChangeKind.COUNTS}),
            frozenset({folder.id}),
            frozenset({ids[0], ids[2]}),
        )
    ]
    assert store.messages.flags(folder.id, 2, 4) == {
        2: (Flag.NONE, frozenset({"k"})),
        3: (Flag.NONE, NONE),
    }
    assert counts(store, folder) == (3, 2)


def test_more_changes_than_a_chunk(store: Store, folder: Folder) -> None:
    total = 25_000
    add_messages(
        store, folder.id, *[new_message(uid, summary=HeaderSummary()) for uid in range(1, total + 1)]
    )
    assert apply(store, folder, *[FlagChange(uid, Flag.SEEN, NONE) for uid in range(1, total + 1)]) == total
    assert counts(store, folder) == (total, 0)
    with store.cache_transaction() as transaction:
        assert store.messages.remove(transaction, folder.id, range(1, total + 50)) == total
    assert counts(store, folder) == (0, 0)


def test_uids_are_sorted_and_reach_the_largest(store: Store, folder: Folder) -> None:
    add_messages(store, folder.id, new_message(2**32 - 1), new_message(1), new_message(500))
    uids = store.messages.uids(folder.id)
    assert uids.typecode == "I"
    assert list(uids) == [1, 500, 2**32 - 1]
    assert len(store.messages.uids(99)) == 0


def test_set_flags_changes_only_what_it_says(
    store: Store, folder: Folder, changes: list[StoreChange]
) -> None:
    ids = add_messages(store, folder.id, new_message(1, Flag.SEEN | Flag.DRAFT), new_message(2, Flag.FLAGGED))
    changes.clear()
    with store.cache_transaction() as transaction:
        store.messages.set_flags(transaction, [*ids, 99], Flag.FLAGGED, Flag.SEEN)
    assert [row.flags for row in store.messages.rows(ids)] == [Flag.DRAFT | Flag.FLAGGED, Flag.FLAGGED]
    assert [change.message_ids for change in changes] == [frozenset({ids[0]})]
    assert counts(store, folder) == (2, 2)


def test_clear_empties_one_folder(store: Store, account: Account) -> None:
    inbox, sent = add_folders(store, account.id, INBOX, SENT)
    add_messages(store, inbox.id, new_message(1), new_message(2))
    add_messages(store, sent.id, new_message(1))
    with store.cache_transaction() as transaction:
        assert store.messages.clear(transaction, inbox.id) == 2
    assert counts(store, inbox) == (0, 0)
    assert counts(store, sent) == (1, 1)


def test_locate_tells_where_messages_are_on_the_server(
    store: Store, account: Account, folder: Folder
) -> None:
    ids = add_messages(store, folder.id, new_message(5), new_message(6))
    assert store.messages.locate(ids)[0].uid_validity == 0
    with store.cache_transaction() as transaction:
        store.folders.save_sync_state(transaction, folder.id, SyncState(uid_validity=77))
    assert store.messages.locate([ids[1], 99, ids[0]]) == [
        Location(ids[1], account.id, folder.id, b"INBOX", 77, 6),
        Location(ids[0], account.id, folder.id, b"INBOX", 77, 5),
    ]


def test_copies_are_found_by_message_id_in_all_folders(store: Store, account: Account) -> None:
    inbox, sent = add_folders(store, account.id, INBOX, SENT)
    (a,) = add_messages(store, inbox.id, new_message(1))
    (b, _) = add_messages(store, sent.id, new_message(9), new_message(10, summary=HeaderSummary()))
    assert store.messages.find_message_id("abc@example.com") == [a, b]
    assert store.messages.find_message_id("ABC@example.com") == []
    assert store.messages.find_message_id("") == []


def test_clear_can_go_in_steps(store: Store, folder: Folder) -> None:
    add_messages(store, folder.id, *[new_message(uid) for uid in range(1, 6)])
    removed = []
    for _ in range(4):
        with store.cache_transaction() as transaction:
            removed.append(store.messages.clear(transaction, folder.id, at_most=2))
    assert removed == [2, 2, 1, 0]
    assert counts(store, folder) == (0, 0)
