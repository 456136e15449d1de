"""Identities and templates, in `user.db`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qtmail.domain.events import ChangeKind
from qtmail.domain.identity import Identity, Template
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction

_COLUMNS = "account_id, name, address, reply_to, signature_html, signature_text, sent_folder, bcc"


class Identities:
    """Who the user can write as, by account. Storing an account makes its first identity."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, account_id: int | None = None) -> list[Identity]:
        """Those of one account or of all, in the order of the accounts; the first of each is its usual
        one.
        """
        with self._database.reading() as connection:
            columns = ", ".join(f"identities.{column}" for column in _COLUMNS.split(", "))
            rows = connection.execute(
                f"SELECT identities.id, {columns} FROM identities "
                "JOIN accounts ON accounts.id = identities.account_id "
                "WHERE ?1 IS NULL OR account_id = ?1 ORDER BY accounts.position, accounts.id, identities.id",
                (account_id,),
            )
            return [_identity(row) for row in rows]

    def get(self, identity_id: int) -> Identity | None:
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT id, {_COLUMNS} FROM identities WHERE id = ?", (identity_id,)
            ).fetchone()
            return None if row is None else _identity(row)

    def add(self, transaction: Transaction, identity: Identity) -> Identity:
        """Store a new identity; returns it with its id."""
        cursor = transaction.execute(
            f"INSERT INTO identities ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _values(identity)
        )
        transaction.changed(ChangeKind.IDENTITIES)
        assert cursor.lastrowid is not None
        return replace(identity, id=cursor.lastrowid)

    def update(self, transaction: Transaction, identity: Identity) -> None:
        """Store what was edited of the identity with this id."""
        transaction.execute(
            f"UPDATE identities SET ({_COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?",
            (*_values(identity), identity.id),
        )
        transaction.changed(ChangeKind.IDENTITIES)

    def set(self, transaction: Transaction, account_id: int, identities: Sequence[Identity]) -> None:
        """Give an account these identities, at least one, in place of those it has."""
        if not identities:
            raise ValueError("an account has at least one identity")
        transaction.execute("DELETE FROM identities WHERE account_id = ?", (account_id,))
        for identity in identities:
            self.add(transaction, replace(identity, account_id=account_id))

    def remove(self, transaction: Transaction, identity_id: int) -> None:
        """Drop an identity. Raises ValueError for the last one of an account."""
        cursor = transaction.execute(
            "DELETE FROM identities WHERE id = ?1 AND EXISTS (SELECT 1 FROM identities AS other "
            "WHERE other.account_id = identities.account_id AND other.id <> ?1)",
            (identity_id,),
        )
        if cursor.rowcount == 0:
            raise ValueError("the last identity of an account stays")
        transaction.changed(ChangeKind.IDENTITIES)


class Templates:
    """Texts that are written often, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> list[Template]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT id, name, subject, html FROM templates ORDER BY name, id")
            return [Template(*row) for row in rows]

    def add(self, transaction: Transaction, template: Template) -> Template:
        """Store a new template; returns it with its id."""
        cursor = transaction.execute(
            "INSERT INTO templates (name, subject, html) VALUES (?, ?, ?)",
            (template.name, template.subject, template.html),
        )
        transaction.changed(ChangeKind.IDENTITIES)
        assert cursor.lastrowid is not None
        return replace(template, id=cursor.lastrowid)

    def update(self, transaction: Transaction, template: Template) -> None:
        transaction.execute(
            "UPDATE templates SET name = ?, subject = ?, html = ? WHERE id = ?",
            (template.name, template.subject, template.html, template.id),
        )
        transaction.changed(ChangeKind.IDENTITIES)

    def remove(self, transaction: Transaction, template_id: int) -> None:
        transaction.execute("DELETE FROM templates WHERE id = ?", (template_id,))
        transaction.changed(ChangeKind.IDENTITIES)


def _values(identity: Identity) -> tuple[int | str | bytes, ...]:
    """The columns of `_COLUMNS`, in their order."""
    return (
        identity.account_id,
        identity.name,
        identity.address,
        identity.reply_to,
        identity.signature_html,
        identity.signature_text,
        identity.sent_folder,
        identity.bcc,
    )


@reads_columns
def _identity(row: tuple[Any, ...]) -> Identity:
    return Identity(*row)
