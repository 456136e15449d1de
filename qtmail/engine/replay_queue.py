"""Sends the journal of the user's changes to the server, in order, and backs out what the server refuses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from qtmail.domain.events import Problem
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.engine.reporting import Listener
from qtmail.errors import Layer, Retry, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.uid_set import format_uid_set
from qtmail.store.store import Store

log = logger("replay")


def record_flags(store: Store, message_ids: Sequence[int], add: Flag, remove: Flag) -> frozenset[int]:
    """Write a flag change into the journal, then apply it to the cache; returns the accounts concerned.

    The journal comes first and is synced to disk: after a power cut the change is either not there at all or
    will reach the server. A journal row whose local half is missing is harmless, because sync brings the
    flags back.
    """
    places = store.messages.locate(message_ids)
    operations = [
        Operation(
            0,
            OperationKind.SET_FLAGS,
            place.account_id,
            place.wire_name,
            place.uid_validity,
            place.uid,
            add,
            remove,
        )
        for place in places
    ]
    with store.user_transaction() as tx:
        store.operations.add(tx, operations)
    with store.cache_transaction() as tx:
        store.messages.set_flags(tx, [place.message_id for place in places], add, remove)
    return frozenset(place.account_id for place in places)


class ReplayQueue:
    """Replays one account's pending operations over a session."""

    def __init__(self, store: Store, account_id: int, listener: Listener) -> None:
        self._store = store
        self._account_id = account_id
        self._listener = listener

    def run(self, session: ImapSession) -> int:
        """Send everything that waits; returns how many operations were settled.

        Raises ConnectionFailed or ProtocolViolation when the session is lost; what was not confirmed stays
        pending: setting a flag twice does no harm, so it is simply sent again.
        """
        settled = 0
        pending = self._store.operations.pending(self._account_id)
        for (folder, uid_validity, add, remove), group in groupby(pending, key=_batch_key):
            operations = list(group)
            with self._store.user_transaction() as tx:
                self._store.operations.count_attempt(tx, [operation.id for operation in operations])
            self._send(session, folder, uid_validity, operations, add, remove)
            settled += len(operations)
        return settled

    def _send(
        self,
        session: ImapSession,
        folder: bytes,
        uid_validity: int,
        operations: Sequence[Operation],
        add: Flag,
        remove: Flag,
    ) -> None:
        uids = [operation.uid for operation in operations]
        try:
            selected = session.select(folder)
            if selected.uid_validity != uid_validity:
                self._settle(operations)
                log.warning("%s: flag changes dropped, the server renumbered the folder", folder)
                return
            session.store_flags(uids, add, remove)
        except ServerRefused as refusal:
            self._back_out(session, operations, folder, refusal)
            return
        self._settle(operations)

    def _settle(self, operations: Sequence[Operation]) -> None:
        with self._store.user_transaction() as tx:
            self._store.operations.done(tx, [operation.id for operation in operations])

    def _back_out(
        self, session: ImapSession, operations: Sequence[Operation], folder: bytes, refusal: ServerRefused
    ) -> None:
        """Show again what the server has, and say so."""
        self._settle(operations)
        self._restore(session, operations, folder)
        self._listener(
            Problem(
                self._account_id,
                f"The server refused to change {_count(operations)}, so the change was taken back.",
                detail=refusal.detail or refusal.sentence,
                layer=Layer.FOLDER,
                retry=Retry.NEVER,
            )
        )

    def _restore(self, session: ImapSession, operations: Sequence[Operation], folder: bytes) -> None:
        known = {known.wire_name: known.id for known in self._store.folders.list(self._account_id)}
        folder_id = known.get(folder)
        if folder_id is None or session.selected_folder != folder:
            return  # the folder itself is gone or closed to us: the next sync deals with all of it
        flags = session.fetch_flags(format_uid_set(operation.uid for operation in operations))
        still_pending = self._store.operations.pending_uids(self._account_id, folder)
        with self._store.cache_transaction() as tx:
            self._store.messages.apply_flags(tx, folder_id, flags, guarded=still_pending)


def _count(operations: Sequence[Operation]) -> str:
    return "a message" if len(operations) == 1 else f"{len(operations)} messages"


def _batch_key(operation: Operation) -> tuple[bytes, int, Flag, Flag]:
    return operation.folder, operation.uid_validity, operation.add, operation.remove
