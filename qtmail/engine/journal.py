"""The user's changes that a server has not confirmed yet, as the threads of one account see them.

Two threads meet here. One sends the changes, the other applies what the server says of the same messages,
perhaps in an answer that is older than the change. So that no change of the user's is undone by such an
answer, and none of another program's is lost either, the answer is not turned away: the user's changes are
put on top of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from qtmail.domain.message import FlagChange, RemoteMessage
from qtmail.domain.operations import Operation
from qtmail.store.store import Store

Told = TypeVar("Told", FlagChange, RemoteMessage)


class Journal:
    """One account's pending operations."""

    def __init__(self, store: Store, account_id: int) -> None:
        self._store = store
        self._account_id = account_id
        self._confirmed: dict[bytes, list[Operation]] = {}

    def pending(self) -> list[Operation]:
        """What the server must still hear, oldest first."""
        return self._store.operations.pending(self._account_id)

    def confirmed(self, operations: Sequence[Operation]) -> None:
        """The server has carried these out."""
        for operation in operations:
            # Noted before the row is deleted: a walk that no longer finds the row must find the note.
            if (noted := self._confirmed.get(operation.folder)) is not None:
                noted.append(operation)
        self.dropped(operations)

    def dropped(self, operations: Sequence[Operation]) -> None:
        """The server will never carry these out."""
        with self._store.user_transaction() as tx:
            self._store.operations.done(tx, [operation.id for operation in operations])

    @contextmanager
    def walking(self, folder: bytes) -> Iterator[None]:
        """Meanwhile answers of the server about this folder (by wire name) are applied, on one thread."""
        self._confirmed[folder] = []
        try:
            yield
        finally:
            del self._confirmed[folder]

    def on_top(self, folder: bytes, uid_validity: int, told: Sequence[Told]) -> list[Told]:
        """What the server told, with the user's changes on top that its answer may not have known.

        To be called in the transaction that stores it: a change that is not in the journal by then is applied
        to the cache after this transaction.
        """
        uids = [message.uid for message in told]
        pending: list[Operation] = self._store.operations.of_messages(self._account_id, folder, uids)
        changes: dict[int, list[Operation]] = defaultdict(list)
        for operation in (*self._confirmed.get(folder, ()), *pending):
            if operation.uid_validity == uid_validity:
                changes[operation.uid].append(operation)
        return [_changed(message, changes.get(message.uid, ())) for message in told]


def _changed(told: Told, operations: Sequence[Operation]) -> Told:
    flags = told.flags
    for operation in operations:
        flags = (flags | operation.add) & ~operation.remove
    return told if flags == told.flags else replace(told, flags=flags)
