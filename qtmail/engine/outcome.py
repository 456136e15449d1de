"""Stores what became of an outgoing message and, in the same transaction, what follows from it."""

from __future__ import annotations

from qtmail.domain.composition import Origin, OriginKind
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.store.store import Store


def store_outcome(store: Store, after: OutboxItem, *, expected: OutboxState) -> bool:
    """Store an item in its new state if it is still in the state `expected`; returns whether.

    Once it is accepted, its draft is gone and the change of flags at the message it answers or forwards is in
    the journal, all at once: a crash finds either nothing of it or all of it.
    """
    accepted = after.state is OutboxState.ACCEPTED and expected is not OutboxState.ACCEPTED
    with store.user_transaction() as tx:
        if not store.outbox.save(tx, after, expected=expected):
            return False
        if accepted:
            store.operations.add(tx, _marks(store, after))
            # Where somebody was refused the user may want to write to them again: until then the draft stays,
            # out of sight.
            if after.draft_id is not None and after.acknowledged:
                store.drafts.drop(tx, [after.draft_id])
    if accepted and after.origin is not None:
        _show_mark(store, after.origin)
    return True


def _marks(store: Store, item: OutboxItem) -> list[Operation]:
    origin = item.origin
    account = store.accounts.get(origin.account_id) if origin else None
    if origin is None or account is None or account.imap is None:
        return []
    place = (origin.account_id, origin.folder, origin.uid_validity, origin.uid)
    return [Operation(0, OperationKind.SET_FLAGS, *place, _flag(origin), Flag.NONE)]


def _show_mark(store: Store, origin: Origin) -> None:
    """Mark the original in the cache; should this be lost, sync brings it once the server knows."""
    folders = store.folders.list(origin.account_id)
    folder = next((folder for folder in folders if folder.wire_name == origin.folder), None)
    if folder is None or store.folders.sync_state(folder.id).uid_validity != origin.uid_validity:
        return
    message_id = store.messages.find_uid(folder.id, origin.uid)
    if message_id is not None:
        with store.cache_transaction() as tx:
            store.messages.set_flags(tx, [message_id], _flag(origin), Flag.NONE)


def _flag(origin: Origin) -> Flag:
    return Flag.ANSWERED if origin.kind is OriginKind.ANSWERED else Flag.FORWARDED
