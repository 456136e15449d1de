"""Dropping much mail from the cache without holding its write lock for long."""

from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.store.store import Store

STEP = 2000
"""Messages dropped in one transaction: some 30 ms, while other writers wait."""


def empty_folder(store: Store, folder_id: int) -> None:
    """Drop all messages of a folder.

    Interrupted half-way, the folder holds fewer messages than its sync state says, which the next sync
    notices.
    """
    emptied = False
    while not emptied:
        with store.cache_transaction() as tx:
            emptied = store.messages.clear(tx, folder_id, at_most=STEP) < STEP


def forget_account(store: Store, account: Account) -> None:
    """Forget an account, its pending operations and all of its cached mail; the server is not touched."""
    with store.user_transaction() as tx:
        store.operations.drop_account(tx, account.id)
        store.accounts.remove(tx, account.id)
    for folder in store.folders.list(account.id):
        empty_folder(store, folder.id)
    with store.cache_transaction() as tx:
        store.folders.remove_account(tx, account.id)
