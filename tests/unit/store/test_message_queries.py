from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account
from qtmail.domain.address import Address
from qtmail.domain.folder import Folder
from qtmail.domain.message import Flag, HeaderSummary, MessageQuery, SortKey
from qtmail.store.store import Store
from tests.unit.store.values import INBOX, SENT, SUMMARY, add_folders, add_messages, dated, new_message


def uids(store: Store, query: MessageQuery, limit: int | None = None) -> list[int]:
    ids = store.messages.ids(query, limit)
    assert ids.typecode == "q"
    return [row.uid for row in store.messages.rows(ids)]


def test_newest_first_and_oldest_first(store: Store, folder: Folder) -> None:
    add_messages(store, folder.id, dated(1, 300), dated(2, 100), dated(3, 200), dated(4, 200))
    assert uids(store, MessageQuery((folder.id,))) == [1, 4, 3, 2]
    assert uids(store, MessageQuery((folder.id,), descending=False)) == [2, 3, 4, 1]
    assert uids(store, MessageQuery((folder.id,)), 2) == [1, 4]
    assert uids(store, MessageQuery(())) == []


def test_several_folders_are_merged(store: Store, account: Account) -> None:
    inbox, sent = add_folders(store, account.id, INBOX, SENT)
    add_messages(store, inbox.id, dated(1, 100), dated(2, 300))
    add_messages(store, sent.id, dated(3, 200), dated(4, 400))
    both = (sent.id, inbox.id, sent.id)
    assert uids(store, MessageQuery(both)) == [4, 2, 3, 1]
    assert uids(store, MessageQuery(both), 3) == [4, 2, 3]
    assert uids(store, MessageQuery(both, descending=False), 3) == [1, 3, 2]
    assert uids(store, MessageQuery((*both, *range(1000, 3000))), 3) == [4, 2, 3]


def test_filters(store: Store, folder: Folder) -> None:
    with_attachment = replace(SUMMARY, has_attachment=True)
    add_messages(
        store,
        folder.id,
        new_message(1, Flag.SEEN | Flag.FLAGGED),
        new_message(2, Flag.FLAGGED),
        new_message(3, summary=with_attachment),
        new_message(4, Flag.FLAGGED, summary=with_attachment),
    )
    assert uids(store, MessageQuery((folder.id,), unread=True)) == [4, 3, 2]
    assert uids(store, MessageQuery((folder.id,), flagged=True)) == [4, 2, 1]
    assert uids(store, MessageQuery((folder.id,), attachment=True)) == [4, 3]
    assert uids(store, MessageQuery((folder.id,), unread=True, flagged=True, attachment=True)) == [4]
    assert uids(store, MessageQuery((folder.id,), flagged=True, sort=SortKey.ATTACHMENT)) == [4, 2, 1]


SORTED = {
    SortKey.DATE: [5, 4, 3, 2, 1],
    SortKey.SENDER: [4, 2, 5, 1, 3],  # É is behind z; anna and Anna are equal
    SortKey.RECIPIENT: [3, 5, 4, 2, 1],
    SortKey.SUBJECT: [1, 4, 5, 3, 2],
    SortKey.SIZE: [2, 5, 4, 3, 1],
    SortKey.UNREAD: [4, 2, 1, 5, 3],
    SortKey.FLAGGED: [5, 3, 4, 2, 1],
    SortKey.ATTACHMENT: [3, 5, 4, 2, 1],
}
"""UIDs in descending order; equal keys newest first."""


@pytest.mark.parametrize("key", SortKey)
def test_every_sort_key(store: Store, folder: Folder, key: SortKey) -> None:
    samples = [
        (HeaderSummary("été", Address("anna", "z@x")), Flag.NONE, 10),
        (HeaderSummary("Apfel", Address("", "zoe@x")), Flag.NONE, 99),
        (HeaderSummary("apfel", recipients="Bob", has_attachment=True), Flag.SEEN | Flag.FLAGGED, 10),
        (HeaderSummary("zebra", Address("Émile", "a@x")), Flag.NONE, 50),
        (HeaderSummary("apfel", Address("Anna", "y@x")), Flag.SEEN | Flag.FLAGGED, 50),
    ]
    for uid, (summary, flags, size) in enumerate(samples, 1):
        add_messages(
            store,
            folder.id,
            new_message(uid, flags, summary=summary, received=uid * 100, size=size),
        )
    expected = SORTED[key]
    assert uids(store, MessageQuery((folder.id,), sort=key)) == expected
    assert uids(store, MessageQuery((folder.id,), sort=key), 3) == expected[:3]


def test_rows_are_in_the_order_given_and_missing_ones_left_out(store: Store, folder: Folder) -> None:
    ids = add_messages(store, folder.id, *[new_message(uid) for uid in range(1, 201)])
    wanted = [ids[7], 9999, ids[3], ids[7], ids[199]]
    assert [row.id for row in store.messages.rows(wanted)] == [ids[7], ids[3], ids[7], ids[199]]
    assert [row.id for row in store.messages.rows(ids[::-1])] == ids[::-1]
    assert store.messages.rows([]) == []
    assert store.messages.header(9999) is None
