"""The folders of accounts whose mail is kept on this computer, in `user.db`."""

from __future__ import annotations

from qtmail.domain.folder import RemoteFolder, SpecialUse
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction

DELIMITER = "/"
_PREFIX = b"folder-"


class LocalFolders:
    """Folders by account. The cache shows them (engine.local_mail), under the same wire names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, account_id: int) -> list[RemoteFolder]:
        """The folders of an account as a server would list them."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT wire_name, path, special_use FROM local_folders WHERE account_id = ? ORDER BY path",
                (account_id,),
            )
            return [_folder(*row) for row in rows]

    def add(
        self, transaction: Transaction, account_id: int, path: str, special_use: SpecialUse | None = None
    ) -> RemoteFolder:
        """Make a folder; one with a purpose is called after it on the wire, the others after a number.

        Raises sqlite3.IntegrityError where there is one of this path, or for this purpose, already.
        """
        use = special_use.value if special_use is not None else ""
        cursor = transaction.execute(
            "INSERT INTO local_folders (account_id, wire_name, path, special_use) VALUES (?, ?, ?, ?)",
            (account_id, use.title().encode(), path, use),
        )
        assert cursor.lastrowid is not None
        if special_use is not None:
            return _folder(use.title().encode(), path, use)
        wire_name = _PREFIX + str(cursor.lastrowid).encode()
        transaction.execute(
            "UPDATE local_folders SET wire_name = ? WHERE id = ?", (wire_name, cursor.lastrowid)
        )
        return _folder(wire_name, path, use)

    def ensure(self, transaction: Transaction, account_id: int, use: SpecialUse) -> bytes:
        """The wire name of the folder for a purpose; made, if there is none.

        A folder of the user's that has its name serves the purpose from now on.
        """
        row = transaction.execute(
            "SELECT wire_name, special_use FROM local_folders "
            "WHERE account_id = ?1 AND (special_use = ?2 OR (special_use = '' AND lower(path) = ?2)) "
            "ORDER BY special_use DESC, id LIMIT 1",
            (account_id, use.value),
        ).fetchone()
        if row is None:
            return self.add(transaction, account_id, use.value.title(), use).wire_name
        wire_name, special_use = row
        if not special_use:
            transaction.execute(
                "UPDATE local_folders SET special_use = ? WHERE account_id = ? AND wire_name = ?",
                (use.value, account_id, wire_name),
            )
        return bytes(wire_name)

    def has(self, transaction: Transaction, account_id: int, wire_name: bytes) -> bool:
        """Whether there is such a folder, also one that this transaction made."""
        query = "SELECT 1 FROM local_folders WHERE account_id = ? AND wire_name = ?"
        return transaction.execute(query, (account_id, wire_name)).fetchone() is not None

    def rename(self, transaction: Transaction, account_id: int, wire_name: bytes, path: str) -> None:
        """Call a folder otherwise; those below it are not touched.

        Raises sqlite3.IntegrityError where there is one of this path already.
        """
        transaction.execute(
            "UPDATE local_folders SET path = ? WHERE account_id = ? AND wire_name = ?",
            (path, account_id, wire_name),
        )

    def remove(self, transaction: Transaction, account_id: int, wire_name: bytes) -> None:
        """Drop a folder; its messages are the caller's to move or remove before."""
        transaction.execute(
            "DELETE FROM local_folders WHERE account_id = ? AND wire_name = ?", (account_id, wire_name)
        )


@reads_columns
def _folder(wire_name: bytes, path: str, special_use: str) -> RemoteFolder:
    return RemoteFolder(wire_name, path, DELIMITER, SpecialUse(special_use) if special_use else None)
