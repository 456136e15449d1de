"""Senders whose remote pictures the user always allows, in `user.db`."""

from __future__ import annotations

from qtmail.store.database import Database
from qtmail.store.transaction import Transaction


class Senders:
    """Trusted senders, by address in lower case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def trusted(self) -> frozenset[str]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT address FROM trusted_senders")
            return frozenset(address for (address,) in rows)

    def trust(self, transaction: Transaction, address: str) -> None:
        transaction.execute("INSERT OR IGNORE INTO trusted_senders (address) VALUES (?)", (address.lower(),))
