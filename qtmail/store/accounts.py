"""Accounts and the certificates the user chose to trust, in `user.db`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qtmail.domain.account import (
    Account,
    BodyPolicy,
    FolderPolicy,
    Pop3Keep,
    Pop3Policy,
    Security,
    ServerSettings,
    SyncPolicy,
)
from qtmail.domain.account_settings import AcceptedCertificate, ClearPermission, Exemption
from qtmail.domain.events import ChangeKind
from qtmail.domain.folder import SpecialUse
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction

_COLUMNS = (
    "name, address, full_name, color, imap_host, imap_port, imap_security, imap_user, "
    "smtp_host, smtp_port, smtp_security, smtp_user, pop3_host, pop3_port, pop3_security, pop3_user, "
    "bodies, recent_days, prefetch_bytes, poll_seconds, "
    "pop3_keep, pop3_days, pop3_newest_count, pop3_newest_bytes, pop3_headers_only_over, pop3_deliver_to, "
    "pop3_apop, sign_in, oauth_provider, oauth_client_id, certificate_file, enabled"
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

    def arrange(self, transaction: Transaction, account_ids: Sequence[int]) -> None:
        """Show the accounts in this order; those that are not named come after these, as they were."""
        placed = list(dict.fromkeys(account_ids))
        rest = [account.id for account in self.list() if account.id not in placed]
        transaction.executemany("UPDATE accounts SET position = ? WHERE id = ?", enumerate([*placed, *rest]))
        transaction.changed(ChangeKind.ACCOUNTS, ChangeKind.IDENTITIES)

    def remove(self, transaction: Transaction, account_id: int) -> None:
        """Forget an account and its pending operations. Its cached mail is `Folders.remove_account`'s."""
        transaction.execute("DELETE FROM accounts WHERE id = ?", (account_id,))
        transaction.changed(ChangeKind.ACCOUNTS)

    # -- its folders

    def folder_policies(self, account_id: int) -> dict[bytes, FolderPolicy]:
        """What folders do otherwise than the account, by wire name."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT wire_name, bodies, poll_seconds FROM folder_policies WHERE account_id = ?",
                (account_id,),
            )
            return {row[0]: _folder_policy(*row[1:]) for row in rows}

    def set_folder_policy(
        self, transaction: Transaction, account_id: int, wire_name: bytes, policy: FolderPolicy
    ) -> None:
        """Let a folder have its own rule, or, with an empty policy, follow its account again."""
        if policy == FolderPolicy():
            transaction.execute(
                "DELETE FROM folder_policies WHERE account_id = ? AND wire_name = ?", (account_id, wire_name)
            )
        else:
            bodies = policy.bodies.value if policy.bodies is not None else ""
            transaction.execute(
                "INSERT OR REPLACE INTO folder_policies (account_id, wire_name, bodies, poll_seconds) "
                "VALUES (?, ?, ?, ?)",
                (account_id, wire_name, bodies, policy.poll_seconds or 0),
            )
        transaction.changed(ChangeKind.ACCOUNTS)

    def special_folders(self, account_id: int) -> dict[SpecialUse, bytes]:
        """The folders that the user chose for a purpose, by wire name."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT special_use, wire_name FROM special_folders WHERE account_id = ?", (account_id,)
            )
            return {_special_use(use): wire_name for use, wire_name in rows}

    def choose_special_folder(
        self, transaction: Transaction, account_id: int, use: SpecialUse, wire_name: bytes
    ) -> None:
        """Use this folder for that purpose, whatever the server says; b"": as the server says."""
        transaction.execute(
            "DELETE FROM special_folders WHERE account_id = ? AND special_use = ?", (account_id, use.value)
        )
        if wire_name:
            transaction.execute(
                "INSERT INTO special_folders (account_id, special_use, wire_name) VALUES (?, ?, ?)",
                (account_id, use.value, wire_name),
            )
        transaction.changed(ChangeKind.ACCOUNTS)

    # -- what is trusted

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

    def exemptions(self) -> tuple[Exemption, ...]:
        """What the user allowed servers beyond the usual, by host and port."""
        with self._database.reading() as connection:
            trusted = connection.execute("SELECT host, port, sha256 FROM trusted_certificates")
            clear = connection.execute("SELECT host, port FROM clear_hosts")
            found: tuple[Exemption, ...] = (
                *(AcceptedCertificate(*row) for row in trusted),
                *(ClearPermission(*row) for row in clear),
            )
        return tuple(sorted(found, key=lambda one: (one.host, one.port)))

    def withdraw(self, transaction: Transaction, exemption: Exemption) -> None:
        """Allow it no longer."""
        place = (exemption.host.lower(), exemption.port)
        match exemption:
            case AcceptedCertificate():
                transaction.execute(
                    "DELETE FROM trusted_certificates WHERE host = ? AND port = ? AND sha256 = ?",
                    (*place, exemption.sha256),
                )
            case ClearPermission():
                transaction.execute("DELETE FROM clear_hosts WHERE host = ? AND port = ?", place)

    def seen_certificate(self, host: str, port: int) -> tuple[str, int] | None:
        """The certificate (PEM) this server showed when it was last trusted, and since when (seconds since
        the epoch); None before the first time.
        """
        with self._database.reading() as connection:
            row: tuple[str, int] | None = connection.execute(
                "SELECT pem, seen_at FROM seen_certificates WHERE host = ? AND port = ?", (host.lower(), port)
            ).fetchone()
            return row

    def note_certificate(self, transaction: Transaction, host: str, port: int, pem: str, now: int) -> None:
        """This server showed this certificate, and it was trusted."""
        transaction.execute(
            "INSERT OR REPLACE INTO seen_certificates (host, port, pem, seen_at) VALUES (?, ?, ?, ?)",
            (host.lower(), port, pem, now),
        )


def _values(account: Account) -> tuple[str | int, ...]:
    """The columns of `_COLUMNS`, in their order."""
    sync, policy, sign_in = account.sync, account.pop3_policy, account.sign_in
    return (
        account.name,
        account.address,
        account.full_name,
        account.color,
        *_server_values(account.imap),
        *_server_values(account.smtp),
        *_server_values(account.pop3),
        sync.bodies.value,
        sync.recent_days,
        sync.prefetch_bytes,
        sync.poll_seconds,
        policy.keep.value,
        policy.days,
        policy.newest_count,
        policy.newest_bytes,
        policy.headers_only_over,
        policy.deliver_to,
        policy.apop,
        sign_in.method.value,
        sign_in.provider,
        sign_in.client_id,
        sign_in.certificate_file,
        account.enabled,
    )


def _server_values(server: ServerSettings | None) -> tuple[str | int, ...]:
    if server is None:
        return ("", 0, "", "")
    return (server.host, server.port, server.security.value, server.user)


@reads_columns
def _account(row: tuple[Any, ...]) -> Account:
    id_, name, address, full_name, color = row[:5]
    bodies, recent_days, prefetch_bytes, poll_seconds = row[17:21]
    keep, days, newest_count, newest_bytes, headers_only_over, deliver_to, apop = row[21:28]
    method, provider, client_id, certificate_file, enabled = row[28:]
    return Account(
        id=id_,
        name=name,
        address=address,
        full_name=full_name,
        imap=_server(*row[5:9]),
        smtp=_server(*row[9:13]),
        color=color,
        sync=SyncPolicy(BodyPolicy(bodies), recent_days, prefetch_bytes, poll_seconds),
        pop3=_server(*row[13:17]),
        pop3_policy=Pop3Policy(
            Pop3Keep(keep), days, newest_count, newest_bytes, headers_only_over, deliver_to, bool(apop)
        ),
        sign_in=SignIn(SignInMethod(method), provider, client_id, certificate_file),
        enabled=bool(enabled),
    )


def _server(host: str, port: int, security: str, user: str) -> ServerSettings | None:
    return ServerSettings(host, port, Security(security), user) if host else None


@reads_columns
def _folder_policy(bodies: str, poll_seconds: int) -> FolderPolicy:
    return FolderPolicy(BodyPolicy(bodies) if bodies else None, poll_seconds or None)


@reads_columns
def _special_use(value: str) -> SpecialUse:
    return SpecialUse(value)
