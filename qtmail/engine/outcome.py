"""Stores what became of an outgoing message and, in the same transaction, what follows from it."""

from __future__ import annotations

from qtmail.domain.composition import Origin, OriginKind
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.local_projection import LocalProjection
from qtmail.store.local_messages import LocalMessage
from qtmail.store.local_view import STATE
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction


def store_outcome(store: Store, after: OutboxItem, *, expected: OutboxState) -> bool:
    """Store an item in its new state if it is still in the state `expected`; returns whether.

    Once it is accepted, its draft is gone and the change of flags at the message it answers or forwards is in
    the journal, or made where that is kept on this computer, all at once: a crash finds either nothing of it
    or all of it.
    """
    accepted = after.state is OutboxState.ACCEPTED and expected is not OutboxState.ACCEPTED
    with store.user_transaction() as tx:
        if not store.outbox.save(tx, after, expected=expected):
            return False
        if accepted:
            _mark_original(store, tx, after.origin)
            # Where somebody was refused the user may want to write to them again: until then the draft stays,
            # out of sight.
            if after.draft_id is not None and after.acknowledged:
                store.drafts.drop(tx, [after.draft_id])
    if accepted and after.origin is not None:
        _show_mark(store, after.origin)
    return True


def _mark_original(store: Store, tx: Transaction, origin: Origin | None) -> None:
    if origin is None:
        return
    local = _local_original(store, origin)
    if local is not None:
        store.local_messages.set_flags(tx, local.account_id, [local.uid], _flag(origin), Flag.NONE)
        return
    account = store.accounts.get(origin.account_id)
    if account is not None and account.imap is not None:
        place = (origin.account_id, origin.folder, origin.uid_validity, origin.uid)
        change = Operation(0, OperationKind.SET_FLAGS, *place, _flag(origin), Flag.NONE)
        store.operations.add(tx, [change])


def _show_mark(store: Store, origin: Origin) -> None:
    """Mark the original in the cache; should this be lost, sync brings it once the server knows."""
    if _local_original(store, origin) is not None:
        LocalProjection(store).agree([origin.uid])
        return
    folders = store.folders.list(origin.account_id)
    folder = next((folder for folder in folders if folder.wire_name == origin.folder), None)
    if folder is None or store.folders.sync_state(folder.id).uid_validity != origin.uid_validity:
        return
    message_id = store.messages.find_uid(folder.id, origin.uid)
    if message_id is not None:
        with store.cache_transaction() as tx:
            store.messages.set_flags(tx, [message_id], _flag(origin), Flag.NONE)


def _local_original(store: Store, origin: Origin) -> LocalMessage | None:
    """The original if it is kept on this computer, wherever it was moved since."""
    return store.local_messages.get(origin.uid) if origin.uid_validity == STATE.uid_validity else None


def _flag(origin: Origin) -> Flag:
    return Flag.ANSWERED if origin.kind is OriginKind.ANSWERED else Flag.FORWARDED
