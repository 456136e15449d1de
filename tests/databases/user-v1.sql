BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'qtmail.user','0001_accounts_certificates_operations','2026-11-21 11:37:58.399977+00:00');
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
;
INSERT INTO "accounts" VALUES(1,0,'Work','ann@example.org','Ann Example','#aa3355','imap.example.org',993,'tls','ann','smtp.example.org',587,'starttls','ann@example.org','all',7,1000,60);
INSERT INTO "accounts" VALUES(3,2,'工作','li@example.cn','Ann Example','#aa3355','imap.example.org',993,'tls','ann','',0,'','','all',7,1000,60);
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
;
INSERT INTO "operations" VALUES(1,'set-flags',1,X'494E424F58',7,1,1,0,0);
INSERT INTO "operations" VALUES(2,'set-flags',3,X'2656344E5850672D',7,2,4,1,1);
CREATE TABLE profile (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    identity TEXT    NOT NULL                          -- random; the cache carries it too
) STRICT
;
INSERT INTO "profile" VALUES(1,'494acbcca99f7e460e510d8bc30a70ee');
CREATE TABLE trusted_certificates (
    host   TEXT    NOT NULL,                           -- lower case
    port   INTEGER NOT NULL,
    sha256 TEXT    NOT NULL,                           -- of the DER certificate, lower-case hexadecimal
    PRIMARY KEY (host, port, sha256)
) STRICT, WITHOUT ROWID
;
INSERT INTO "trusted_certificates" VALUES('imap.example.org',993,'abababababababababababababababababababababababababababababababab');
CREATE TABLE trusted_senders (
    address TEXT PRIMARY KEY                           -- lower case; remote pictures are always shown
) STRICT, WITHOUT ROWID
;
INSERT INTO "trusted_senders" VALUES('news@example.org');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX operations_by_folder ON operations (account_id, folder);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('accounts',3);
INSERT INTO "sqlite_sequence" VALUES('operations',2);
COMMIT;
PRAGMA user_version = 1;
