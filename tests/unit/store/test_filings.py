from dataclasses import replace

import pytest

from qtmail.domain.account import Account
from qtmail.domain.outgoing import NewOutboxItem, OutboxState
from qtmail.store.filings import FiledCopy
from qtmail.store.store import Store


@pytest.fixture
def copy(store: Store, account: Account) -> FiledCopy:
    """Of an item that the sending server has taken."""
    with store.user_transaction() as tx:
        new = NewOutboxItem(account.id, 0, "a@b", "", account.address, ("c@d",), 0)
        item = store.outbox.add(tx, new, store.blobs.begin(tx, 0), 1, 0)
        store.outbox.save(tx, replace(item, state=OutboxState.ACCEPTED), expected=OutboxState.QUEUED)
    return FiledCopy(item.id, account.id, "a@b", b"Sent")


def save(store: Store, copy: FiledCopy) -> None:
    with store.user_transaction() as tx:
        store.filings.save(tx, copy)


def test_what_is_noted_is_read_again(store: Store, copy: FiledCopy):
    assert store.filings.get(copy.item_id) is None
    save(store, copy)
    again = replace(copy, appends=2, uid_validity=7, uid=9, check_at=100)
    save(store, again)
    assert store.filings.get(copy.item_id) == again
    with store.user_transaction() as tx:
        store.filings.drop(tx, copy.item_id)
    assert store.filings.get(copy.item_id) is None


def test_a_copy_is_looked_at_again_once_its_item_is_filed(store: Store, copy: FiledCopy):
    assert store.filings.next_time(copy.account_id) is None
    taken = replace(copy, check_at=100)
    save(store, taken)
    assert store.filings.due(copy.account_id, 100) == []
    item = store.outbox.get(copy.item_id)
    assert item is not None
    with store.user_transaction() as tx:
        store.outbox.filed(tx, item)
    assert store.filings.next_time(copy.account_id) == 100
    assert store.filings.due(copy.account_id, 99) == []
    assert store.filings.due(copy.account_id, 100) == [taken]
    assert store.filings.due(copy.account_id + 1, 100) == []


def test_it_outlives_the_item_and_goes_with_the_account(store: Store, copy: FiledCopy):
    taken = replace(copy, check_at=100)
    save(store, taken)
    item = store.outbox.get(copy.item_id)
    assert item is not None
    with store.user_transaction() as tx:
        store.outbox.remove(tx, item)
    assert store.filings.due(copy.account_id, 100) == [taken]
    with store.user_transaction() as tx:
        store.accounts.remove(tx, copy.account_id)
    assert store.filings.get(copy.item_id) is None
