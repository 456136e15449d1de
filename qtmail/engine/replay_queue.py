"""Sends the journal of the user's changes to the server, in order, and backs out what the server refuses."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import groupby

from qtmail.domain.events import Problem
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.engine.journal import Journal
from qtmail.engine.local_mail import keep_flags
from qtmail.engine.reporting import Listener
from qtmail.errors import Layer, Retry, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.imap_values import Selected
from qtmail.protocols.uid_set import format_uid_set
from qtmail.store.messages import Location
from qtmail.store.store import Store

log = logger("replay")

STEP = 2000
"""Messages whose flags are changed in the cache in one transaction: some 30 ms, while other writers wait."""


def record_flags(store: Store, message_ids: Sequence[int], add: Flag, remove: Flag) -> frozenset[int]:
    """Write a flag change into the journal, then apply it to the cache; returns the accounts whose servers
    must hear of it.

    The journal comes first and is synced to disk: after a power cut the change is either not there at all or
    will reach the server. A journal row whose local half is missing is harmless, because sync brings the
    flags back.
    """
    places = store.messages.locate(message_ids)
    with store.user_transaction() as tx:
        remote = keep_flags(store, tx, places, add, remove)
        store.operations.add(tx, [_set_flags(place, add, remove) for place in remote])
    for start in range(0, len(places), STEP):
        step = [place.message_id for place in places[start : start + STEP]]
        with store.cache_transaction() as tx:
            store.messages.set_flags(tx, step, add, remove)
    return frozenset(place.account_id for place in remote)


def _set_flags(place: Location, add: Flag, remove: Flag) -> Operation:
    return Operation(
        0,
        OperationKind.SET_FLAGS,
        place.account_id,
        place.wire_name,
        place.uid_validity,
        place.uid,
        add,
        remove,
    )


class ReplayQueue:
    """Replays one account's journal over whichever of its sessions asks, one at a time."""

    def __init__(self, store: Store, journal: Journal, account_id: int, listener: Listener) -> None:
        self._store = store
        self._journal = journal
        self._account_id = account_id
        self._listener = listener
        self._turn = threading.Lock()

    def run(self, session: ImapSession) -> int:
        """Send everything that waits; returns how many operations were settled.

        Two sessions at once could send a change and its reversal in the wrong order. So while one replays the
        other passes on, and the one looks again before it leaves.

        Raises ConnectionFailed or ProtocolViolation when the session is lost; what was not confirmed stays
        pending: setting a flag twice does no harm, so it is simply sent again.
        """
        settled = 0
        tried: set[int] = set()
        while self._untried(tried) and self._turn.acquire(blocking=False):
            try:
                operations = self._untried(tried)
                tried.update(operation.id for operation in operations)
                for _, batch in groupby(operations, key=_batch_key):
                    settled += self._send(session, list(batch))
            finally:
                self._turn.release()
        return settled

    def _untried(self, tried: set[int]) -> list[Operation]:
        return [operation for operation in self._journal.pending() if operation.id not in tried]

    def _send(self, session: ImapSession, operations: Sequence[Operation]) -> int:
        """Send operations of one kind about one folder; returns how many are settled."""
        first = operations[0]
        selected = self._select(session, operations)
        if selected is None:
            return 0
        if selected.uid_validity != first.uid_validity:
            log.warning("%s: flag changes dropped, the server renumbered the folder", first.folder)
            self._journal.dropped(operations)
            return len(operations)
        with self._store.user_transaction() as tx:
            self._store.operations.count_attempt(tx, [operation.id for operation in operations])
        try:
            session.store_flags([operation.uid for operation in operations], first.add, first.remove)
        except ServerRefused as refusal:
            self._back_out(session, operations, refusal)
        else:
            self._journal.confirmed(operations)
        return len(operations)

    def _select(self, session: ImapSession, operations: Sequence[Operation]) -> Selected | None:
        """Open the folder; None when that is refused: then the operations wait, unless it is gone."""
        folder = operations[0].folder
        try:
            return session.ensure_selected(folder)
        except ServerRefused as refusal:
            log.warning("%s: flag changes wait: %s (%s)", folder, refusal, refusal.detail)
        if self._folder_id(folder) is None:
            self._journal.dropped(operations)
        return None

    def _back_out(
        self, session: ImapSession, operations: Sequence[Operation], refusal: ServerRefused
    ) -> None:
        """Show again what the server has, and say so."""
        self._journal.dropped(operations)
        try:
            self._restore(session, operations)
        except ServerRefused as again:
            log.warning("%s: flags not restored: %s", operations[0].folder, again.detail)
        self._listener(
            Problem(
                self._account_id,
                f"The server refused to change {_count(operations)}, so the change was taken back.",
                detail=refusal.detail or refusal.sentence,
                layer=Layer.FOLDER,
                retry=Retry.NEVER,
            )
        )

    def _restore(self, session: ImapSession, operations: Sequence[Operation]) -> None:
        first = operations[0]
        folder_id = self._folder_id(first.folder)
        if folder_id is None:
            return
        told = session.fetch_flags(format_uid_set(operation.uid for operation in operations))
        with self._store.cache_transaction() as tx:
            flags = self._journal.on_top(first.folder, first.uid_validity, told)
            self._store.messages.apply_flags(tx, folder_id, flags)

    def _folder_id(self, wire_name: bytes) -> int | None:
        folders = self._store.folders.list(self._account_id)
        return next((folder.id for folder in folders if folder.wire_name == wire_name), None)


def _count(operations: Sequence[Operation]) -> str:
    return "a message" if len(operations) == 1 else f"{len(operations):,} messages"


def _batch_key(operation: Operation) -> tuple[bytes, int, Flag, Flag]:
    return operation.folder, operation.uid_validity, operation.add, operation.remove
