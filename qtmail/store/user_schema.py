"""The schema of `user.db`: what exists nowhere else. Migrations must keep every row of it.

Never a secret: passwords live in the system's keyring (see credentials.py).
"""

from __future__ import annotations

from qtmail.store.migrations import Migration, Schema

_ACCOUNTS = """
CREATE TABLE accounts (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: the cache refers to it
    position       INTEGER NOT NULL DEFAULT 0,         -- the order in which accounts are shown
    name           TEXT    NOT NULL,
    address        TEXT    NOT NULL,
    full_name      TEXT    NOT NULL DEFAULT '',
    color          TEXT    NOT NULL,                   -- #rrggbb
    imap_host      TEXT    NOT NULL,
    imap_port      INTEGER NOT NULL,
    imap_security  TEXT    NOT NULL,                   -- tls, starttls or none
    imap_user      TEXT    NOT NULL,
    smtp_host      TEXT    NOT NULL DEFAULT '',        -- '': the account only reads
    smtp_port      INTEGER NOT NULL DEFAULT 0,
    smtp_security  TEXT    NOT NULL DEFAULT '',
    smtp_user      TEXT    NOT NULL DEFAULT '',
    bodies         TEXT    NOT NULL,                   -- which bodies are kept: none, recent or all
    recent_days    INTEGER NOT NULL,
    prefetch_bytes INTEGER NOT NULL,
    poll_seconds   INTEGER NOT NULL
) STRICT
"""

_PROFILE = """
CREATE TABLE profile (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    identity TEXT    NOT NULL                          -- random; the cache carries it too
) STRICT
"""

_TRUSTED_CERTIFICATES = """
CREATE TABLE trusted_certificates (
    host   TEXT    NOT NULL,                           -- lower case
    port   INTEGER NOT NULL,
    sha256 TEXT    NOT NULL,                           -- of the DER certificate, lower-case hexadecimal
    PRIMARY KEY (host, port, sha256)
) STRICT, WITHOUT ROWID
"""

_TRUSTED_SENDERS = """
CREATE TABLE trusted_senders (
    address TEXT PRIMARY KEY                           -- lower case; remote pictures are always shown
) STRICT, WITHOUT ROWID
"""

_OPERATIONS = """
CREATE TABLE operations (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,    -- the order of replay, never used twice
    kind         TEXT    NOT NULL,                     -- domain.operations.OperationKind
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    folder       BLOB    NOT NULL,                     -- the folder's name as the server writes it
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL,
    add_flags    INTEGER NOT NULL DEFAULT 0,
    remove_flags INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0
) STRICT
"""

USER_SCHEMA = Schema(
    "qtmail.user",
    (
        Migration(
            "0001_accounts_certificates_operations",
            (
                _PROFILE,
                "INSERT INTO profile (id, identity) VALUES (1, lower(hex(randomblob(16))))",
                _ACCOUNTS,
                _TRUSTED_CERTIFICATES,
                _TRUSTED_SENDERS,
                _OPERATIONS,
                "CREATE INDEX operations_by_folder ON operations (account_id, folder)",
            ),
        ),
    ),
)
