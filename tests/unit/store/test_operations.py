from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qtmail.domain.account import Account
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.store.store import Store
from tests.unit.store.values import add_account


def seen(account_id: int, uid: int, folder: bytes = b"INBOX") -> Operation:
    return Operation(0, OperationKind.SET_FLAGS, account_id, folder, 7, uid, Flag.SEEN, Flag.FLAGGED)


def add(store: Store, *operations: Operation) -> list[Operation]:
    with store.user_transaction() as transaction:
        return store.operations.add(transaction, operations)


def test_operations_are_pending_in_the_order_they_were_made(store: Store, account: Account) -> None:
    other = add_account(store)
    first = add(store, seen(account.id, 5), seen(account.id, 3))
    add(store, seen(other.id, 9))
    again = add(store, seen(account.id, 5))
    assert store.operations.pending(account.id) == first + again
    assert [operation.uid for operation in first] == [5, 3]
    assert replace(first[0], id=0) == seen(account.id, 5)


def test_operations_of_some_messages_are_those_of_one_folder(store: Store, account: Account) -> None:
    mine = [seen(account.id, 5), seen(account.id, 5), seen(account.id, 6), seen(account.id, 7, b"&-")]
    first, again, _, elsewhere = add(store, *mine)
    assert store.operations.of_messages(account.id, b"INBOX", [5, 7, 8]) == [first, again]
    assert store.operations.of_messages(account.id, b"&-", [5, 7, 8]) == [elsewhere]
    assert store.operations.of_messages(account.id, b"Other", [5]) == []


def test_attempts_are_counted_and_done_ones_go(store: Store, account: Account) -> None:
    first, second = add(store, seen(account.id, 1), seen(account.id, 2))
    with store.user_transaction() as transaction:
        store.operations.count_attempt(transaction, [first.id, second.id])
        store.operations.count_attempt(transaction, [second.id])
    assert [operation.attempts for operation in store.operations.pending(account.id)] == [1, 2]
    with store.user_transaction() as transaction:
        store.operations.done(transaction, [first.id])
    assert store.operations.pending(account.id) == [replace(second, attempts=2)]


def test_ids_are_never_used_twice(store: Store, account: Account) -> None:
    (operation,) = add(store, seen(account.id, 1))
    with store.user_transaction() as transaction:
        store.operations.done(transaction, [operation.id])
    assert add(store, seen(account.id, 1))[0].id > operation.id


def test_drop_account_drops_only_its_own(store: Store, account: Account) -> None:
    other = add_account(store)
    add(store, seen(account.id, 1))
    kept = add(store, seen(other.id, 1))
    with store.user_transaction() as transaction:
        store.operations.drop_account(transaction, account.id)
    assert store.operations.pending(account.id) == []
    assert store.operations.pending(other.id) == kept


def test_operations_outlive_the_program(profile: Path) -> None:
    with Store.open(profile) as store:
        account = add_account(store)
        stored = add(store, seen(account.id, 1))
    with Store.open(profile) as store:
        assert store.operations.pending(account.id) == stored
