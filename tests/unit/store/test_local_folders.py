from __future__ import annotations

import pytest

from qtmail.domain.account import Account
from qtmail.domain.folder import RemoteFolder, SpecialUse
from qtmail.errors import StoreFailed
from qtmail.store.store import Store
from tests.unit.store.values import add_account


def names(store: Store, account: Account) -> dict[str, bytes]:
    return {folder.path: folder.wire_name for folder in store.local_folders.list(account.id)}


def test_folders_are_listed_as_a_server_would(store: Store, account: Account):
    with store.user_transaction() as tx:
        store.local_folders.add(tx, account.id, "工作/会议")
        store.local_folders.add(tx, account.id, "Inbox", SpecialUse.INBOX)
    inbox, own = store.local_folders.list(account.id)
    assert inbox == RemoteFolder(b"Inbox", "Inbox", "/", SpecialUse.INBOX)
    assert (own.path, own.delimiter, own.special_use) == ("工作/会议", "/", None)
    assert store.local_folders.list(account.id + 1) == []


def test_a_folder_keeps_its_wire_name_when_it_is_renamed(store: Store, account: Account):
    with store.user_transaction() as tx:
        work = store.local_folders.add(tx, account.id, "Work")
        other = store.local_folders.add(tx, account.id, "Other")
        store.local_folders.rename(tx, account.id, work.wire_name, "Plans")
        again = store.local_folders.add(tx, account.id, "Work")
    assert names(store, account) == {
        "Plans": work.wire_name,
        "Other": other.wire_name,
        "Work": again.wire_name,
    }
    assert len({work.wire_name, other.wire_name, again.wire_name}) == 3


def test_no_path_is_used_twice(store: Store, account: Account):
    with store.user_transaction() as tx:
        store.local_folders.add(tx, account.id, "Work")
    with pytest.raises(StoreFailed), store.user_transaction() as tx:
        store.local_folders.add(tx, account.id, "Work")


def test_a_folder_for_a_purpose_is_made_once(store: Store, account: Account):
    with store.user_transaction() as tx:
        first = store.local_folders.ensure(tx, account.id, SpecialUse.TRASH)
        assert store.local_folders.ensure(tx, account.id, SpecialUse.TRASH) == first
        assert store.local_folders.has(tx, account.id, first)
    assert names(store, account) == {"Trash": first}


def test_a_folder_of_the_user_gets_a_purpose(store: Store, account: Account):
    with store.user_transaction() as tx:
        own = store.local_folders.add(tx, account.id, "trash")
        assert store.local_folders.ensure(tx, account.id, SpecialUse.TRASH) == own.wire_name
    (folder,) = store.local_folders.list(account.id)
    assert (folder.path, folder.special_use) == ("trash", SpecialUse.TRASH)


def test_folders_of_one_account_are_not_those_of_another(store: Store, account: Account):
    other = add_account(store)
    with store.user_transaction() as tx:
        work = store.local_folders.add(tx, account.id, "Work")
        store.local_folders.add(tx, other.id, "Work")
        store.local_folders.remove(tx, account.id, work.wire_name)
        assert not store.local_folders.has(tx, account.id, work.wire_name)
    assert names(store, account) == {}
    assert list(names(store, other)) == ["Work"]
