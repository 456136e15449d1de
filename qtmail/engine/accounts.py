"""Accounts coming, changing and going.

Mail that is on this computer only is never lost with its account: whoever removes one says what is to become
of it, and what cannot stay where it is moves to the local folders.
"""

from __future__ import annotations

import time

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.domain.removal import Removal
from qtmail.engine.folder_names import free_path
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.local_mail import ensure_local_account
from qtmail.engine.local_projection import LocalProjection
from qtmail.errors import Layer, QtmailError, Retry, UsageError
from qtmail.store.local_folders import DELIMITER
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

_TAKEN = (OutboxState.ACCEPTED, OutboxState.FILED)


class MailWaits(QtmailError):
    """An account is not removed, because something is left to do for mail in its outbox."""

    layer = Layer.MESSAGE
    retry = Retry.ASK_USER


class MailKeptHere(QtmailError):
    """An account is not removed, because nobody said what is to become of mail that is nowhere else."""

    layer = Layer.MESSAGE
    retry = Retry.ASK_USER


def add_account(store: Store, account: Account) -> Account:
    """Store a new account; returns it with its id.

    Raises UsageError when there is one for this address already: two of them would sync the same mail twice.
    """
    with store.user_transaction() as tx:  # within it, so that of two who add at once one is told
        _refuse_twin(store, account)
        return store.accounts.add(tx, account)


def update_account(store: Store, account: Account) -> None:
    """Store new settings of an account; nothing happens when it is gone.

    If its mail is on an IMAP server from now on, what was kept here until now moves to the local folders. If
    it is kept here from now on, what that server was still to be told is dropped. If it is in another IMAP
    mailbox, what was cached of the one before is: its numbers may mean other messages there. So may the ids
    of another POP3 mailbox.

    Raises UsageError when there is another account for its address.
    """
    _refuse_twin(store, account)
    before = store.accounts.get(account.id)
    if before is not None and before.imap is not None and _mailbox(before) != _mailbox(account):
        _empty(store, account.id)  # first, lest an interruption make it the cache of the new mailbox
    home = None
    with store.user_transaction() as tx:
        _refuse_twin(store, account)
        if before is not None and before.keeps_mail_here and not account.keeps_mail_here:
            home = _keep_mail(store, tx, before)
        if before is not None and _mailbox(before)[1] != _mailbox(account)[1]:
            store.operations.drop_account(tx, account.id)  # no server is there to hear of them
        if before is not None and _pop3_mailbox(before) != _pop3_mailbox(account):
            # Another server may call other mail the same: each is believed once its header was looked at.
            known = [message.uidl for message in store.pop3_messages.list(account.id)]
            store.pop3_messages.gone(tx, account.id, known, int(time.time()))
        store.accounts.update(tx, account)
    if home is not None:
        LocalProjection(store).show(home.id)
        _empty(store, account.id)


def removal(store: Store, account_id: int) -> Removal:
    """What removing an account would mean. Raises UsageError when it is gone."""
    account = store.accounts.get(account_id)
    if account is None:
        raise UsageError("This account was removed already.")
    own = {identity.id for identity in store.identities.list(account_id)}
    drafts = sum(draft.composition.identity_id in own for draft in store.drafts.unsent())
    messages = store.local_messages.count(account_id)
    return Removal(account, messages, len(unsent_mail(store, account_id)), drafts)


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


def forget_account(
    store: Store, account_id: int, *, keep_mail: bool | None = None, drop_unsent: bool = False
) -> None:
    """Forget an account, its pending operations and all of its cached mail; the server is not touched.

    Its drafts stay, and so do the drafts of unsent messages that are dropped. The account goes first: what an
    interruption leaves behind is swept by `sweep`, and does not come back.

    Args:
        keep_mail: what becomes of mail that is on this computer only. True: it moves to the local folders,
            below a folder called after the account; False: it is deleted for good; None: there is none.
        drop_unsent: also if mail waits in its outbox.

    Raises:
        MailWaits: it does, and is not to be dropped; or it is being sent.
        MailKeptHere: there is mail on this computer only, and `keep_mail` does not say what becomes of it.
    """
    home = None
    with store.user_transaction() as tx:
        check_forgettable(store, account_id, drop_unsent=drop_unsent)
        taken = [item for item in unsent_mail(store, account_id) if item.state in _TAKEN]
        store.drafts.drop(tx, [item.draft_id for item in taken if item.draft_id is not None])
        store.operations.drop_account(tx, account_id)
        account = store.accounts.get(account_id)
        if account is not None:
            home = _settle_mail(store, tx, account, keep_mail)
        store.accounts.remove(tx, account_id)
        tx.changed(ChangeKind.IDENTITIES, ChangeKind.OUTBOX, ChangeKind.DRAFTS)  # those of the account
    if home is not None:
        LocalProjection(store).show(home.id)  # before the cache forgets what it knows of these messages
    _empty(store, account_id)


def sweep(store: Store) -> None:
    """Drop the cached mail of accounts that are no longer there."""
    # In this order: whoever adds an account meanwhile stores the account before its folders.
    cached = {folder.account_id for folder in store.folders.list()}
    for account_id in cached - {account.id for account in store.accounts.list()}:
        _empty(store, account_id)


def _mailbox(account: Account) -> tuple[str, str]:
    """The server and the user that an account's mail is kept for; ("", "") where it is kept here."""
    return (account.imap.host.lower(), account.imap.user) if account.imap is not None else ("", "")


def _pop3_mailbox(account: Account) -> tuple[str, str]:
    """The server and the user whose mail is fetched by POP3; ("", "") for none."""
    return (account.pop3.host.lower(), account.pop3.user) if account.pop3 is not None else ("", "")


def _refuse_twin(store: Store, account: Account) -> None:
    others = [known for known in store.accounts.list() if known.id != account.id]
    if any(known.address.casefold() == account.address.casefold() for known in others):
        raise UsageError(f"There is already an account for {account.address}.")


def _settle_mail(store: Store, tx: Transaction, account: Account, keep_mail: bool | None) -> Account | None:
    """Keep or delete what an account keeps here; returns the account that has it from now on."""
    count = store.local_messages.count(account.id)
    if keep_mail is None and count:
        messages = "A message" if count == 1 else f"{count:,} messages"
        verb = "is" if count == 1 else "are"
        raise MailKeptHere(
            f"{messages} of “{account.name}” {verb} on this computer only, so it was not removed.",
            advice="Say whether to keep this mail in the local folders or to delete it.",
        )
    if keep_mail and count:
        return _keep_mail(store, tx, account)
    store.local_messages.remove_all(tx, account.id)
    return None


def _keep_mail(store: Store, tx: Transaction, account: Account) -> Account:
    """Move the folders of an account, with what is in them, to the local folders; returns their account."""
    home = ensure_local_account(store, tx)
    if home.id == account.id:
        raise UsageError("The local folders can be removed only together with the mail in them.")
    taken = [folder.path for folder in store.local_folders.list(home.id)]
    above = free_path(account.name or account.address, taken)
    store.local_folders.add(tx, home.id, above)
    for folder in store.local_folders.list(account.id):
        if folder.special_use is None or store.local_messages.uids(account.id, folder.wire_name):
            new = store.local_folders.add(tx, home.id, above + DELIMITER + folder.path)
            store.local_messages.move_folder(tx, account.id, folder.wire_name, home.id, new.wire_name)
        store.local_folders.remove(tx, account.id, folder.wire_name)
    return home


def _empty(store: Store, account_id: int) -> None:
    for folder in store.folders.list(account_id):
        empty_folder(store, folder.id)
    with store.cache_transaction() as tx:
        store.folders.remove_account(tx, account_id)
