"""The schema of `user.db`: what exists nowhere else. Migrations must keep every row of it.

Never a secret: passwords live in the system's keyring (see qtmail.credentials).
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

_IDENTITIES = """
CREATE TABLE identities (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name           TEXT    NOT NULL,
    address        TEXT    NOT NULL,
    reply_to       TEXT    NOT NULL DEFAULT '',
    signature_html TEXT    NOT NULL DEFAULT '',
    signature_text TEXT    NOT NULL DEFAULT '',
    sent_folder    BLOB    NOT NULL DEFAULT x'',       -- wire name; empty: the account's own
    bcc            TEXT    NOT NULL DEFAULT ''
) STRICT
"""

_FIRST_IDENTITY = """
CREATE TRIGGER accounts_have_an_identity AFTER INSERT ON accounts BEGIN
    INSERT INTO identities (account_id, name, address) VALUES (new.id, new.full_name, new.address);
END
"""

_TEMPLATES = """
CREATE TABLE templates (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL,
    subject TEXT    NOT NULL DEFAULT '',
    html    TEXT    NOT NULL DEFAULT ''
) STRICT
"""

_ACCOUNT_FACTS = """
CREATE TABLE account_facts (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,                       -- store.facts.Fact
    value      TEXT    NOT NULL,
    PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID
"""

_CLEAR_HOSTS = """
CREATE TABLE clear_hosts (
    host TEXT    NOT NULL,                             -- lower case
    port INTEGER NOT NULL,                             -- the password may go there over an open line
    PRIMARY KEY (host, port)
) STRICT, WITHOUT ROWID
"""

_BLOBS = """
CREATE TABLE blobs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    size       INTEGER NOT NULL DEFAULT 0,             -- bytes
    state      TEXT    NOT NULL DEFAULT 'growing',     -- growing, whole or dropped
    created_at INTEGER NOT NULL                        -- seconds since the epoch
) STRICT
"""

_BLOB_PIECES = """
CREATE TABLE blob_pieces (
    id      INTEGER PRIMARY KEY,                       -- grows: the order of the pieces
    blob_id INTEGER NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
    data    BLOB    NOT NULL
) STRICT
"""

_OUTBOX = """
CREATE TABLE outbox (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id       INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    identity_id      INTEGER NOT NULL,                 -- 0: it came as a file
    state            TEXT    NOT NULL,                 -- domain.outgoing.OutboxState
    message_id       TEXT    NOT NULL,
    subject          TEXT    NOT NULL,
    sender           TEXT    NOT NULL,                 -- MAIL FROM; '': the null sender of a receipt
    size             INTEGER NOT NULL,
    blob_id          INTEGER NOT NULL,                 -- 0: no longer needed
    queued_at        INTEGER NOT NULL,
    not_before       INTEGER NOT NULL,
    next_try         INTEGER NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    handed_over      INTEGER NOT NULL DEFAULT 0,
    needs_8bit       INTEGER NOT NULL DEFAULT 0,
    needs_smtputf8   INTEGER NOT NULL DEFAULT 0,
    request_delivery INTEGER NOT NULL DEFAULT 0,
    last_answer      TEXT    NOT NULL DEFAULT '',
    advice           TEXT    NOT NULL DEFAULT '',
    sent_at          INTEGER,
    origin           TEXT    NOT NULL DEFAULT '',      -- JSON of domain.composition.Origin
    sent_folder      BLOB    NOT NULL DEFAULT x'',
    acknowledged     INTEGER NOT NULL DEFAULT 1
) STRICT
"""

_OUTBOX_RECIPIENTS = """
CREATE TABLE outbox_recipients (
    item_id       INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    position      INTEGER NOT NULL,
    address       TEXT    NOT NULL,
    state         TEXT    NOT NULL,                    -- domain.outgoing.RecipientState
    answer        TEXT    NOT NULL DEFAULT '',
    delivery      TEXT    NOT NULL DEFAULT '',         -- domain.outgoing.DeliveryStatus
    delivery_text TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (item_id, position)
) STRICT, WITHOUT ROWID
"""

_DRAFTS = """
CREATE TABLE drafts (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at        INTEGER NOT NULL,
    saved_at          INTEGER NOT NULL,
    revision          INTEGER NOT NULL,
    composition       TEXT    NOT NULL,                -- JSON, see store.composition_json
    opened_by         TEXT    NOT NULL DEFAULT '',     -- the run of the program whose composer shows it
    outbox_item_id    INTEGER REFERENCES outbox (id) ON DELETE SET NULL,
    mirrored_revision INTEGER NOT NULL DEFAULT 0,
    discarded_at      INTEGER                          -- NULL: not discarded
) STRICT
"""

_DRAFT_VERSIONS = """
CREATE TABLE draft_versions (
    draft_id    INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    revision    INTEGER NOT NULL,
    saved_at    INTEGER NOT NULL,
    composition TEXT    NOT NULL,
    PRIMARY KEY (draft_id, revision)
) STRICT
"""

_DRAFT_BLOBS = """
CREATE TABLE draft_blobs (
    blob_id  INTEGER PRIMARY KEY REFERENCES blobs (id) ON DELETE CASCADE,
    draft_id INTEGER NOT NULL                          -- no reference: blobs go after it
) STRICT
"""

_DRAFT_COPIES = """
CREATE TABLE draft_copies (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    draft_id     INTEGER REFERENCES drafts (id) ON DELETE SET NULL,  -- NULL: obsolete, to be expunged
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    folder       BLOB    NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL
) STRICT
"""

_LOCAL_MESSAGES = """
CREATE TABLE local_messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- its UID in the cache, too; never used twice
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    folder     BLOB    NOT NULL,                       -- wire name of the folder in the cache
    blob_id    INTEGER NOT NULL REFERENCES blobs (id), -- the whole message
    item_id    INTEGER UNIQUE,                         -- the outbox item it was; NULL: it came another way
    filed_at   INTEGER NOT NULL,                       -- seconds since the epoch
    flags      INTEGER NOT NULL DEFAULT 0,             -- domain.message.Flag
    keywords   TEXT    NOT NULL DEFAULT ''             -- sorted, separated by spaces
) STRICT
"""

_LOCAL_MESSAGES_GONE = """
CREATE TRIGGER local_messages_gone AFTER DELETE ON local_messages BEGIN
    UPDATE blobs SET state = 'dropped' WHERE id = old.blob_id;
END
"""

_FILINGS = """
CREATE TABLE filings (
    item_id      INTEGER PRIMARY KEY,                  -- outbox.id; no reference: the last look may be later
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    message_id   TEXT    NOT NULL,                     -- without angle brackets
    folder       BLOB    NOT NULL,                     -- wire name
    appends      INTEGER NOT NULL DEFAULT 0,           -- counted before each APPEND
    uid_validity INTEGER NOT NULL DEFAULT 0,
    uid          INTEGER NOT NULL DEFAULT 0,           -- of our copy; 0: not known
    check_at     INTEGER                               -- NULL: not filed yet; else when to look for another
) STRICT
"""

_CORRESPONDENTS = """
CREATE TABLE correspondents (
    address      TEXT    PRIMARY KEY,                  -- case-folded, to compare with
    written      TEXT    NOT NULL,                     -- as the user last wrote it
    name         TEXT    NOT NULL DEFAULT '',          -- the name last written to; '' for none
    sent_count   INTEGER NOT NULL DEFAULT 0,           -- messages queued to it from here
    last_sent_at INTEGER NOT NULL DEFAULT 0,           -- seconds since the epoch; 0: never from here
    forgotten    INTEGER NOT NULL DEFAULT 0            -- 1: not suggested until it is written to again
) STRICT, WITHOUT ROWID
"""

_ACCOUNT_ADDITIONS = (
    "pop3_host TEXT NOT NULL DEFAULT ''",  # '': mail is not fetched by POP3
    "pop3_port INTEGER NOT NULL DEFAULT 0",
    "pop3_security TEXT NOT NULL DEFAULT ''",
    "pop3_user TEXT NOT NULL DEFAULT ''",
    "pop3_keep TEXT NOT NULL DEFAULT 'keep'",  # domain.account.Pop3Keep
    "pop3_days INTEGER NOT NULL DEFAULT 14",
    "pop3_newest_count INTEGER NOT NULL DEFAULT 0",
    "pop3_newest_bytes INTEGER NOT NULL DEFAULT 0",
    "pop3_headers_only_over INTEGER NOT NULL DEFAULT 0",  # bytes; 0: all messages are fetched whole
    "pop3_deliver_to INTEGER NOT NULL DEFAULT 0",  # accounts.id; 0: its own folders
    "pop3_apop INTEGER NOT NULL DEFAULT 0",
    "sign_in TEXT NOT NULL DEFAULT 'password'",  # domain.sign_in.SignInMethod
    "oauth_provider TEXT NOT NULL DEFAULT ''",
    "oauth_client_id TEXT NOT NULL DEFAULT ''",
    "certificate_file TEXT NOT NULL DEFAULT ''",
    "enabled INTEGER NOT NULL DEFAULT 1",
)

# Local folders belong to no address, so nobody writes under it.
_FIRST_IDENTITY_OF_AN_ADDRESS = _FIRST_IDENTITY.replace(
    "AFTER INSERT ON accounts BEGIN", "AFTER INSERT ON accounts WHEN new.address <> '' BEGIN"
)

_LOCAL_FOLDERS = """
CREATE TABLE local_folders (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    wire_name   BLOB    NOT NULL,                      -- its name in the cache; stays when it is renamed
    path        TEXT    NOT NULL,                      -- for people; levels are divided by /
    special_use TEXT    NOT NULL DEFAULT '',           -- domain.folder.SpecialUse, '' for none
    UNIQUE (account_id, wire_name),
    UNIQUE (account_id, path)
) STRICT
"""

_POP3_MESSAGES = """
CREATE TABLE pop3_messages (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uidl       BLOB    NOT NULL,                       -- the server's unique id, or what stands for it
    size       INTEGER NOT NULL,                       -- bytes, as the server listed it
    fetched_at INTEGER NOT NULL,                       -- seconds since the epoch
    local_uid  INTEGER REFERENCES local_messages (id) ON DELETE SET NULL,  -- NULL: deleted here
    whole      INTEGER NOT NULL DEFAULT 1,             -- 0: only its header was fetched
    wish       TEXT    NOT NULL DEFAULT '',            -- domain.pop3.Pop3Wish
    digest     BLOB    NOT NULL,                       -- what its header is known by (engine.pop3_identity)
    gone_since INTEGER,                                -- NULL: on the server; else since when it is not
    PRIMARY KEY (account_id, uidl)
) STRICT, WITHOUT ROWID
"""

_FOLDER_POLICIES = """
CREATE TABLE folder_policies (
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    wire_name    BLOB    NOT NULL,
    bodies       TEXT    NOT NULL DEFAULT '',          -- domain.account.BodyPolicy; '': as the account says
    poll_seconds INTEGER NOT NULL DEFAULT 0,           -- 0: as the account says
    PRIMARY KEY (account_id, wire_name)
) STRICT, WITHOUT ROWID
"""

_SPECIAL_FOLDERS = """
CREATE TABLE special_folders (
    account_id  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    special_use TEXT    NOT NULL,                      -- domain.folder.SpecialUse
    wire_name   BLOB    NOT NULL,                      -- the folder that the user chose for it
    PRIMARY KEY (account_id, special_use)
) STRICT, WITHOUT ROWID
"""

_SEEN_CERTIFICATES = """
CREATE TABLE seen_certificates (
    host    TEXT    NOT NULL,                          -- lower case
    port    INTEGER NOT NULL,
    pem     TEXT    NOT NULL,                          -- what it showed when it was last trusted
    seen_at INTEGER NOT NULL,                          -- seconds since the epoch: first seen so
    PRIMARY KEY (host, port)
) STRICT, WITHOUT ROWID
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
        Migration(
            "0002_identities_drafts_outbox",
            (
                _IDENTITIES,
                "CREATE INDEX identities_by_account ON identities (account_id)",
                "INSERT INTO identities (account_id, name, address) "
                "SELECT id, full_name, address FROM accounts ORDER BY position, id",
                _FIRST_IDENTITY,
                _TEMPLATES,
                _ACCOUNT_FACTS,
                _CLEAR_HOSTS,
                _BLOBS,
                _BLOB_PIECES,
                "CREATE INDEX blob_pieces_by_blob ON blob_pieces (blob_id, id)",
                _OUTBOX,
                "CREATE INDEX outbox_by_state ON outbox (state, account_id)",
                "CREATE INDEX outbox_by_message_id ON outbox (message_id)",
                _OUTBOX_RECIPIENTS,
                _DRAFTS,
                "CREATE INDEX drafts_by_outbox_item ON drafts (outbox_item_id)",
                _DRAFT_VERSIONS,
                _DRAFT_BLOBS,
                "CREATE INDEX draft_blobs_by_draft ON draft_blobs (draft_id)",
                _DRAFT_COPIES,
                "CREATE INDEX draft_copies_by_draft ON draft_copies (draft_id)",
                _LOCAL_MESSAGES,
                "CREATE INDEX local_messages_by_folder ON local_messages (account_id, folder)",
                _LOCAL_MESSAGES_GONE,
                _CORRESPONDENTS,
                _FILINGS,
                "CREATE INDEX filings_by_account ON filings (account_id)",
            ),
        ),
        Migration(
            "0003_pop3_sign_in_local_folders",
            (
                *(f"ALTER TABLE accounts ADD COLUMN {addition}" for addition in _ACCOUNT_ADDITIONS),
                "DROP TRIGGER accounts_have_an_identity",
                _FIRST_IDENTITY_OF_AN_ADDRESS,
                _LOCAL_FOLDERS,
                "INSERT INTO local_folders (account_id, wire_name, path, special_use) "
                "SELECT id, CAST('Sent' AS BLOB), 'Sent', 'sent' FROM accounts WHERE imap_host = ''",
                # Bytes on the server, of which only the header is here; 0: the message is whole.
                "ALTER TABLE local_messages ADD COLUMN server_size INTEGER NOT NULL DEFAULT 0",
                _POP3_MESSAGES,
                "CREATE INDEX pop3_messages_by_local_uid ON pop3_messages (local_uid)",
                _FOLDER_POLICIES,
                _SPECIAL_FOLDERS,
                _SEEN_CERTIFICATES,
            ),
        ),
    ),
)
