"""What was learned about an account's servers and is worth knowing before the next connection."""

from __future__ import annotations

from enum import StrEnum

from qtmail.store.database import Database
from qtmail.store.transaction import Transaction


class Fact(StrEnum):
    """The facts that are kept; each as text."""

    SMTP_SIZE_LIMIT = "smtp.size-limit"
    """Bytes; "0" where the server named no limit."""
    SMTP_8BITMIME = "smtp.8bitmime"
    """ "yes" or "no"."""
    SENT_FILED_BY_SERVER = "sent.filed-by-server"
    """ "yes" once the server was seen to put sent mail into Sent by itself."""


class Facts:
    """Facts by account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account_id: int, fact: Fact) -> str:
        """The value as last learned, or ""."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT value FROM account_facts WHERE account_id = ? AND name = ?", (account_id, fact.value)
            ).fetchone()
            return "" if row is None else str(row[0])

    def learn(self, transaction: Transaction, account_id: int, fact: Fact, value: str) -> None:
        transaction.execute(
            "INSERT INTO account_facts (account_id, name, value) VALUES (?, ?, ?) "
            "ON CONFLICT (account_id, name) DO UPDATE SET value = excluded.value",
            (account_id, fact.value, value),
        )
