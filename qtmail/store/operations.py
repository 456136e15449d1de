"""The journal of changes the user made that a server must still hear of, in `user.db`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction
from qtmail.store.values import whole_list

_COLUMNS = "kind, account_id, folder, uid_validity, uid, add_flags, remove_flags, attempts"


class Operations:
    """Pending operations, in the order in which the user made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, transaction: Transaction, operations: Iterable[Operation]) -> list[Operation]:
        """Append to the journal; returns them with the ids they were given. Nothing is merged or dropped."""
        stored = []
        for operation in operations:
            cursor = transaction.execute(
                f"INSERT INTO operations ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _values(operation)
            )
            assert cursor.lastrowid is not None
            stored.append(replace(operation, id=cursor.lastrowid))
        return stored

    def pending(self, account_id: int) -> list[Operation]:
        """What the account's servers must still hear, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT id, {_COLUMNS} FROM operations WHERE account_id = ? ORDER BY id", (account_id,)
            )
            return [_operation(row) for row in rows]

    def of_messages(self, account_id: int, folder: bytes, uids: Iterable[int]) -> list[Operation]:
        """Those about these messages of one folder (by wire name), oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT id, {_COLUMNS} FROM operations WHERE account_id = ? AND folder = ? "
                "AND uid IN (SELECT value FROM json_each(?)) ORDER BY id",
                (account_id, folder, whole_list(uids)),
            )
            return [_operation(row) for row in rows]

    def count_attempt(self, transaction: Transaction, operation_ids: Iterable[int]) -> None:
        """Note that these are about to be sent; to be committed before they are."""
        transaction.execute(
            "UPDATE operations SET attempts = attempts + 1 WHERE id IN (SELECT value FROM json_each(?))",
            (whole_list(operation_ids),),
        )

    def done(self, transaction: Transaction, operation_ids: Iterable[int]) -> None:
        """Drop operations the server has carried out, or that were backed out."""
        transaction.execute(
            "DELETE FROM operations WHERE id IN (SELECT value FROM json_each(?))",
            (whole_list(operation_ids),),
        )

    def drop_account(self, transaction: Transaction, account_id: int) -> None:
        """Drop all operations of one account."""
        transaction.execute("DELETE FROM operations WHERE account_id = ?", (account_id,))


def _values(operation: Operation) -> tuple[str | int | bytes, ...]:
    """The columns of `_COLUMNS`, in their order."""
    return (
        operation.kind.value,
        operation.account_id,
        operation.folder,
        operation.uid_validity,
        operation.uid,
        int(operation.add),
        int(operation.remove),
        operation.attempts,
    )


@reads_columns
def _operation(row: tuple[Any, ...]) -> Operation:
    id_, kind, account_id, folder, uid_validity, uid, add, remove, attempts = row
    return Operation(
        id_, OperationKind(kind), account_id, folder, uid_validity, uid, Flag(add), Flag(remove), attempts
    )
