"""Accounts coming and going."""

from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.forgetting import empty_folder
from qtmail.errors import Layer, QtmailError, Retry, UsageError
from qtmail.store.store import Store

_TAKEN = (OutboxState.ACCEPTED, OutboxState.FILED)


class MailWaits(QtmailError):
    """An account is not removed, because something is left to do for mail in its outbox."""

    layer = Layer.MESSAGE
    retry = Retry.ASK_USER


def add_account(store: Store, account: Account) -> Account:
    """Store a new account; returns it with its id.

    Raises UsageError when there is one for this address already: two of them would sync the same mail twice.
    """
    with store.user_transaction() as tx:  # within it, so that of two who add at once one is told
        if any(known.address.casefold() == account.address.casefold() for known in store.accounts.list()):
            raise UsageError(f"There is already an account for {account.address}.")
        return store.accounts.add(tx, account)


def unsent_mail(store: Store, account_id: int) -> list[OutboxItem]:
    """What would be lost of an account's outbox if it were removed: mail that is not sent, or not filed, or
    was refused without the user knowing.
    """
    return [item for item in store.outbox.unfinished() if item.account_id == account_id]


def check_forgettable(store: Store, account_id: int, *, drop_unsent: bool = False) -> None:
    """Raise MailWaits where something in an account's outbox keeps it from being removed."""
    waiting = unsent_mail(store, account_id)
    if any(item.state is OutboxState.SENDING for item in waiting):
        raise MailWaits("A message of this account is being sent at this moment.", advice="Try again later.")
    if waiting and not drop_unsent:
        what = "A message" if len(waiting) == 1 else f"{len(waiting):,} messages"
        verb = "is" if len(waiting) == 1 else "are"
        raise MailWaits(
            f"{what} of this account {verb} still in the outbox, so it was not removed.",
            advice="Let the outbox finish, or cancel what is in it.",
            detail="; ".join(f"{item.state}: {item.subject}" for item in waiting),
        )


def forget_account(store: Store, account_id: int, *, drop_unsent: bool = False) -> None:
    """Forget an account, its pending operations and all of its cached mail; the server is not touched.

    Its drafts stay, and so do the drafts of unsent messages that are dropped. The account goes first: what an
    interruption leaves behind is swept by `sweep`, and does not come back.

    Args:
        drop_unsent: also if mail waits in its outbox.

    Raises:
        MailWaits: it does, and is not to be dropped; or it is being sent.
    """
    with store.user_transaction() as tx:
        check_forgettable(store, account_id, drop_unsent=drop_unsent)
        taken = [item for item in unsent_mail(store, account_id) if item.state in _TAKEN]
        store.drafts.drop(tx, [item.draft_id for item in taken if item.draft_id is not None])
        store.operations.drop_account(tx, account_id)
        store.accounts.remove(tx, account_id)
        tx.changed(ChangeKind.IDENTITIES, ChangeKind.OUTBOX, ChangeKind.DRAFTS)  # those of the account
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
