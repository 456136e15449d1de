from __future__ import annotations

from dataclasses import replace

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse, SyncState
from qtmail.store.folders import FolderChanges
from qtmail.store.store import Store
from tests.unit.store.values import INBOX, SENT, add_account, add_folders, add_messages, new_message

ODD = RemoteFolder(b"Arch\xff&iv", "Arch\udcff&iv/2024", "/", None, selectable=False, subscribed=False)


def reconcile(store: Store, account: Account, *remote: RemoteFolder) -> FolderChanges:
    with store.cache_transaction() as transaction:
        return store.folders.reconcile(transaction, account.id, remote)


def test_folders_come_back_as_the_server_listed_them(store: Store, account: Account) -> None:
    added = reconcile(store, account, INBOX, ODD).added
    inbox, odd = added
    assert inbox == Folder(inbox.id, account.id, b"INBOX", "INBOX", "/", SpecialUse.INBOX, True, True, 0, 0)
    assert (odd.wire_name, odd.path, odd.special_use) == (b"Arch\xff&iv", "Arch?&iv/2024", None)
    assert not odd.selectable and not odd.subscribed
    assert store.folders.get(odd.id) == odd
    assert sorted(store.folders.list(), key=lambda folder: folder.id) == list(added)


def test_the_same_list_again_changes_nothing(
    store: Store, account: Account, changes: list[StoreChange]
) -> None:
    before = reconcile(store, account, INBOX, SENT, ODD).added
    changes.clear()
    assert reconcile(store, account, ODD, INBOX, SENT) == FolderChanges((), (), before)
    assert changes == []


def test_a_folder_that_is_gone_takes_its_messages_along(store: Store, account: Account) -> None:
    inbox, sent = reconcile(store, account, INBOX, SENT).added
    (id_,) = add_messages(store, sent.id, new_message(1))
    with store.cache_transaction() as transaction:
        store.bodies.put_raw(transaction, id_, b"raw", "", False)
    result = reconcile(store, account, INBOX)
    assert [folder.id for folder in result.removed] == [sent.id]
    assert [folder.id for folder in result.kept] == [inbox.id]
    assert store.messages.get(id_) is None
    assert store.bodies.total_bytes() == 0
    assert store.check() == []


def test_a_renamed_folder_is_another_folder(store: Store, account: Account) -> None:
    (sent,) = reconcile(store, account, SENT).added
    result = reconcile(store, account, replace(SENT, wire_name=b"Sent2", path="Sent2"))
    assert [folder.id for folder in result.removed] == [sent.id]
    assert len(result.added) == 1 and result.added[0].id > sent.id


def test_new_attributes_are_taken_over(store: Store, account: Account, changes: list[StoreChange]) -> None:
    (sent,) = reconcile(store, account, SENT).added
    changes.clear()
    result = reconcile(store, account, replace(SENT, special_use=None, subscribed=False))
    assert result.kept == (replace(sent, special_use=None, subscribed=False),)
    assert result.added == result.removed == ()
    assert changes == [StoreChange(frozenset({ChangeKind.FOLDERS}), frozenset({sent.id}))]


def test_a_name_listed_twice_is_one_folder(store: Store, account: Account) -> None:
    assert len(reconcile(store, account, INBOX, INBOX).added) == 1


def test_accounts_have_folders_of_the_same_name(store: Store, account: Account) -> None:
    other = add_account(store)
    (mine,) = add_folders(store, account.id, INBOX)
    (theirs,) = add_folders(store, other.id, INBOX)
    assert mine.id != theirs.id
    assert store.folders.list(account.id) == [mine]
    assert store.folders.list() == [mine, theirs]
    with store.cache_transaction() as transaction:
        store.folders.remove_account(transaction, account.id)
    assert store.folders.list() == [theirs]


def test_find_goes_by_path_and_knows_that_inbox_has_no_case(store: Store, account: Account) -> None:
    inbox, sent = reconcile(store, account, INBOX, SENT).added
    assert store.folders.find(account.id, "inbox") == inbox
    assert store.folders.find(account.id, "Sent") == sent
    assert store.folders.find(account.id, "sent") is None
    assert store.folders.find(99, "INBOX") is None


def test_sync_states_come_back_as_saved(store: Store, folder: Folder) -> None:
    assert store.folders.sync_state(folder.id) == SyncState()
    for state in (SyncState(1, 2, 3, 4, complete=True), SyncState(uid_validity=9), SyncState(0, 0, 0, 0)):
        with store.cache_transaction() as transaction:
            store.folders.save_sync_state(transaction, folder.id, state)
        assert store.folders.sync_state(folder.id) == state
    assert store.folders.sync_state(99) == SyncState()


def test_a_modification_sequence_beyond_63_bits_is_bounded(store: Store, folder: Folder) -> None:
    with store.cache_transaction() as transaction:
        store.folders.save_sync_state(transaction, folder.id, SyncState(highest_modseq=2**64))
    assert store.folders.sync_state(folder.id).highest_modseq == 2**63 - 1
