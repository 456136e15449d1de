"""Accounts and the certificates the user chose to trust, in `user.db`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.events import ChangeKind
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction

_COLUMNS = (
    "name, address, full_name, color, imap_host, imap_port, imap_security, imap_user, "
    "smtp_host, smtp_port, smtp_security, smtp_user, bodies, recent_days, prefetch_bytes, poll_seconds"
)
_PLACEHOLDERS = ", ".join("?" for _ in _COLUMNS.split(","))


class Accounts:
    """The user's accounts, in the order in which they are shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> list[Account]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT id, {_COLUMNS} FROM accounts ORDER BY position, id")
            return [_account(row) for row in rows]

    def get(self, account_id: int) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT id, {_COLUMNS} FROM accounts WHERE id = ?", (account_id,)
            ).fetchone()
            return None if row is None else _account(row)

    def find(self, email_or_name: str) -> Account | None:
        """The account with this mail address or, failing that, with this name; case does not matter."""
        wanted = email_or_name.strip().casefold()
        accounts = self.list()
        by_address = (account for account in accounts if account.address.casefold() == wanted)
        by_name = (account for account in accounts if account.name.casefold() == wanted)
        return next(by_address, None) or next(by_name, None)

    def add(self, transaction: Transaction, account: Account) -> Account:
        """Store a new account below the others; returns it with its id, which no account had before."""
        cursor = transaction.execute(
            f"INSERT INTO accounts (position, {_COLUMNS}) "
            f"VALUES ((SELECT ifnull(max(position) + 1, 0) FROM accounts), {_PLACEHOLDERS})",
            _values(account),
        )
        transaction.changed(ChangeKind.ACCOUNTS)
        assert cursor.lastrowid is not None
        return replace(account, id=cursor.lastrowid)

    def update(self, transaction: Transaction, account: Account) -> None:
        """Store new settings of the account with this id; nothing happens when it is gone."""
        transaction.execute(
            f"UPDATE accounts SET ({_COLUMNS}) = ({_PLACEHOLDERS}) WHERE id = ?",
            (*_values(account), account.id),
        )
        transaction.changed(ChangeKind.ACCOUNTS)

    def remove(self, transaction: Transaction, account_id: int) -> None:
        """Forget an account and its pending operations. Its cached mail is `Folders.remove_account`'s."""
        transaction.execute("DELETE FROM accounts WHERE id = ?", (account_id,))
        transaction.changed(ChangeKind.ACCOUNTS)

    def trust(self, transaction: Transaction, host: str, port: int, sha256_hex: str) -> None:
        """Accept the certificate with this fingerprint from this server, whatever else is wrong with it."""
        transaction.execute(
            "INSERT OR IGNORE INTO trusted_certificates (host, port, sha256) VALUES (?, ?, ?)",
            (host.lower(), port, sha256_hex.replace(":", "").lower()),
        )

    def allow_clear(self, transaction: Transaction, host: str, port: int) -> None:
        """The user lets passwords go to this server over a line that is not encrypted."""
        transaction.execute(
            "INSERT OR IGNORE INTO clear_hosts (host, port) VALUES (?, ?)", (host.lower(), port)
        )

    def clear_allowed(self, host: str, port: int) -> bool:
        with self._database.reading() as connection:
            query = "SELECT 1 FROM clear_hosts WHERE host = ? AND port = ?"
            return connection.execute(query, (host.lower(), port)).fetchone() is not None

    def trusted(self, host: str, port: int) -> frozenset[str]:
        """The SHA-256 fingerprints, in lower-case hexadecimal, of certificates accepted from this server."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT sha256 FROM trusted_certificates WHERE host = ? AND port = ?", (host.lower(), port)
            )
            return frozenset(fingerprint for (fingerprint,) in rows)


def _values(account: Account) -> tuple[str | int, ...]:
    """The columns of `_COLUMNS`, in their order."""
    sync = account.sync
    return (
        account.name,
        account.address,
        account.full_name,
        account.color,
        *_server_values(account.imap),
        *_server_values(account.smtp),
        sync.bodies.value,
        sync.recent_days,
        sync.prefetch_bytes,
        sync.poll_seconds,
    )


def _server_values(server: ServerSettings | None) -> tuple[str | int, ...]:
    if server is None:
        return ("", 0, "", "")
    return (server.host, server.port, server.security.value, server.user)


@reads_columns
def _account(row: tuple[Any, ...]) -> Account:
    id_, name, address, full_name, color = row[:5]
    imap_host, imap_port, imap_security, imap_user, smtp_host, smtp_port, smtp_security, smtp_user = row[5:13]
    bodies, recent_days, prefetch_bytes, poll_seconds = row[13:]
    return Account(
        id=id_,
        name=name,
        address=address,
        full_name=full_name,
        imap=_server(imap_host, imap_port, imap_security, imap_user),
        smtp=_server(smtp_host, smtp_port, smtp_security, smtp_user),
        color=color,
        sync=SyncPolicy(BodyPolicy(bodies), recent_days, prefetch_bytes, poll_seconds),
    )


def _server(host: str, port: int, security: str, user: str) -> ServerSettings | None:
    return ServerSettings(host, port, Security(security), user) if host else None
