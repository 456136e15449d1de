"""Accounts coming and going."""

from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.engine.forgetting import empty_folder
from qtmail.errors import UsageError
from qtmail.store.store import Store


def add_account(store: Store, account: Account) -> Account:
    """Store a new account; returns it with its id.

    Raises UsageError when there is one for this address already: two of them would sync the same mail twice.
    """
    with store.user_transaction() as tx:  # within it, so that of two who add at once one is told
        if any(known.address.casefold() == account.address.casefold() for known in store.accounts.list()):
            raise UsageError(f"There is already an account for {account.address}.")
        return store.accounts.add(tx, account)


def forget_account(store: Store, account_id: int) -> None:
    """Forget an account, its pending operations and all of its cached mail; the server is not touched.

    The account goes first: what an interruption leaves behind is swept by `sweep`, and does not come back.
    """
    with store.user_transaction() as tx:
        store.operations.drop_account(tx, account_id)
        store.accounts.remove(tx, account_id)
    _empty(store, account_id)


def sweep(store: Store) -> None:
    """Drop the cached mail of accounts that are no longer there."""
    # In this order: whoever adds an account meanwhile stores the account before its folders.
    cached = {folder.account_id for folder in store.folders.list()}
    for account_id in cached - {account.id for account in store.accounts.list()}:
        _empty(store, account_id)


def _empty(store: Store, account_id: int) -> None:
    for folder in store.folders.list(account_id):
        empty_folder(store, folder.id)
    with store.cache_transaction() as tx:
        store.folders.remove_account(tx, account_id)
