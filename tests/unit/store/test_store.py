from __future__ import annotations

import logging
import threading

import pytest

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import Folder
from qtmail.domain.message import Flag, FlagChange
from qtmail.store.store import Store
from tests.unit.store.values import add_messages, new_message


def test_one_commit_is_one_change(store: Store, folder: Folder, changes: list[StoreChange]) -> None:
    with store.cache_transaction() as transaction:
        ids = store.messages.add(transaction, folder.id, [new_message(1), new_message(2)])
        store.messages.apply_flags(transaction, folder.id, [FlagChange(1, Flag.SEEN, frozenset())])
        store.bodies.put_raw(transaction, ids[1], b"raw", "preview", False)
        assert changes == []
    kinds = {ChangeKind.ADDED, ChangeKind.COUNTS, ChangeKind.FLAGS, ChangeKind.BODIES}
    assert changes == [StoreChange(frozenset(kinds), frozenset({folder.id}), frozenset(ids))]


def test_nothing_is_published_when_nothing_changed(
    store: Store, folder: Folder, changes: list[StoreChange]
) -> None:
    add_messages(store, folder.id, new_message(1, Flag.SEEN))
    changes.clear()
    with store.cache_transaction() as transaction:
        store.messages.add(transaction, folder.id, [new_message(1, Flag.SEEN)])
        store.messages.apply_flags(transaction, folder.id, [FlagChange(1, Flag.SEEN, frozenset(), modseq=9)])
        store.messages.remove(transaction, folder.id, [77])
    assert changes == []


def test_nothing_is_published_or_kept_when_a_transaction_fails(
    store: Store, folder: Folder, changes: list[StoreChange]
) -> None:
    with pytest.raises(ZeroDivisionError), store.cache_transaction() as transaction:
        store.messages.add(transaction, folder.id, [new_message(1)])
        _ = 1 / 0
    assert changes == []
    assert len(store.messages.uids(folder.id)) == 0
    assert store.folders.get(folder.id) == folder


def test_listeners_see_the_commit_and_are_called_on_its_thread(store: Store, account: Account) -> None:
    seen: list[tuple[int, str]] = []

    def listener(_: StoreChange) -> None:
        seen.append((threading.get_ident(), store.accounts.list()[0].name))

    store.subscribe(listener)
    with store.user_transaction() as transaction:
        store.accounts.update(transaction, Account(account.id, "Renamed", "a@b", "", account.imap))
    assert seen == [(threading.get_ident(), "Renamed")]


def test_a_listener_may_write(store: Store, account: Account, folder: Folder) -> None:
    def listener(change: StoreChange) -> None:
        if ChangeKind.ADDED in change.kinds:
            with store.cache_transaction() as transaction:
                store.messages.set_flags(transaction, [1], Flag.SEEN, Flag.NONE)

    store.subscribe(listener)
    add_messages(store, folder.id, new_message(1))
    row = store.messages.get(1)
    assert row is not None and not row.unread


def test_a_listener_that_fails_harms_nobody(
    store: Store, folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[StoreChange] = []

    def broken(_: StoreChange) -> None:
        raise ValueError("a bug in a listener")

    store.subscribe(broken)
    store.subscribe(told.append)
    with caplog.at_level(logging.ERROR):
        add_messages(store, folder.id, new_message(1))
    assert len(told) == 1
    assert "a bug in a listener" in caplog.text
    assert list(store.messages.uids(folder.id)) == [1]


def test_a_subscription_can_be_ended_twice(store: Store, folder: Folder) -> None:
    told: list[StoreChange] = []
    end = store.subscribe(told.append)
    end()
    end()
    add_messages(store, folder.id, new_message(1))
    assert told == []


def test_both_databases_take_part_in_one_piece_of_work(store: Store, folder: Folder) -> None:
    with store.user_transaction() as user, store.cache_transaction() as cache:
        store.accounts.trust(user, "h", 1, "aa")
        store.messages.add(cache, folder.id, [new_message(1)])
    assert store.accounts.trusted("h", 1) == {"aa"}
    assert list(store.messages.uids(folder.id)) == [1]


def test_check_finds_wrong_counts(store: Store, folder: Folder) -> None:
    add_messages(store, folder.id, new_message(1))
    assert store.check() == []
    with store.cache_transaction() as transaction:
        transaction.execute("UPDATE folders SET unread_count = 5")
    assert store.check() == ["INBOX: 1 messages, 5 unread are noted, 1 and 1 are there"]
