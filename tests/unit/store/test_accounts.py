from __future__ import annotations

from dataclasses import replace

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.store.store import Store
from tests.unit.store.values import ACCOUNT, add_account


def test_an_account_comes_back_as_it_was_stored(store: Store) -> None:
    full = add_account(store)
    reading = add_account(store, replace(ACCOUNT, name="Reading", smtp=None))
    assert full == replace(ACCOUNT, id=full.id)
    assert store.accounts.list() == [full, reading]
    assert store.accounts.get(reading.id) == reading
    assert store.accounts.get(99) is None


def test_ids_are_never_used_twice(store: Store) -> None:
    first = add_account(store)
    with store.user_transaction() as transaction:
        store.accounts.remove(transaction, first.id)
    assert add_account(store).id > first.id


def test_update_keeps_id_and_place(store: Store) -> None:
    first, second = add_account(store), add_account(store)
    renamed = replace(first, name="Renamed", smtp=None)
    with store.user_transaction() as transaction:
        store.accounts.update(transaction, renamed)
    assert store.accounts.list() == [renamed, second]


def test_find_takes_addresses_before_names_in_any_case(store: Store) -> None:
    named = add_account(store, replace(ACCOUNT, name="bob@example.org", address="ann@example.org"))
    addressed = add_account(store, replace(ACCOUNT, name="Straße", address="Bob@Example.org"))
    assert store.accounts.find("BOB@example.org") == addressed
    assert store.accounts.find(" ann@EXAMPLE.org ") == named
    assert store.accounts.find("STRASSE") == addressed
    assert store.accounts.find("nobody") is None


def test_removing_an_account_drops_its_operations(store: Store, account: Account) -> None:
    operation = Operation(0, OperationKind.SET_FLAGS, account.id, b"INBOX", 1, 2, Flag.SEEN, Flag.NONE)
    with store.user_transaction() as transaction:
        store.operations.add(transaction, [operation])
        store.accounts.remove(transaction, account.id)
    assert store.operations.pending(account.id) == []


def test_changes_of_accounts_are_published(store: Store, changes: list[StoreChange]) -> None:
    account = add_account(store)
    with store.user_transaction() as transaction:
        store.accounts.remove(transaction, account.id)
    assert changes == [StoreChange(frozenset({ChangeKind.ACCOUNTS}))] * 2


def test_certificates_are_trusted_for_one_server_only(store: Store) -> None:
    with store.user_transaction() as transaction:
        store.accounts.trust(transaction, "IMAP.example.org", 993, "AB:CD")
        store.accounts.trust(transaction, "imap.example.org", 993, "abcd")
        store.accounts.trust(transaction, "imap.example.org", 993, "ef01")
    assert store.accounts.trusted("imap.EXAMPLE.org", 993) == {"abcd", "ef01"}
    assert store.accounts.trusted("imap.example.org", 143) == frozenset()
    assert store.accounts.trusted("example.org", 993) == frozenset()
