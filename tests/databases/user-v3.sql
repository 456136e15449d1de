BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'qtmail.user','0001_accounts_certificates_operations','2026-11-21 11:37:58.399977+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'qtmail.user','0002_identities_drafts_outbox','2026-11-21 15:25:20.338702+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'qtmail.user','0003_pop3_sign_in_local_folders','2026-11-21 17:43:45.734973+00:00');
CREATE TABLE account_facts (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,                       -- store.facts.Fact
    value      TEXT    NOT NULL,
    PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID
;
INSERT INTO "account_facts" VALUES(1,'smtp.size-limit','1000');
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
, pop3_host TEXT NOT NULL DEFAULT '', pop3_port INTEGER NOT NULL DEFAULT 0, pop3_security TEXT NOT NULL DEFAULT '', pop3_user TEXT NOT NULL DEFAULT '', pop3_keep TEXT NOT NULL DEFAULT 'keep', pop3_days INTEGER NOT NULL DEFAULT 14, pop3_newest_count INTEGER NOT NULL DEFAULT 0, pop3_newest_bytes INTEGER NOT NULL DEFAULT 0, pop3_headers_only_over INTEGER NOT NULL DEFAULT 0, pop3_deliver_to INTEGER NOT NULL DEFAULT 0, pop3_apop INTEGER NOT NULL DEFAULT 0, sign_in TEXT NOT NULL DEFAULT 'password', oauth_provider TEXT NOT NULL DEFAULT '', oauth_client_id TEXT NOT NULL DEFAULT '', certificate_file TEXT NOT NULL DEFAULT '', enabled INTEGER NOT NULL DEFAULT 1) STRICT
;
INSERT INTO "accounts" VALUES(1,0,'Work','ann@example.org','Ann Example','#aa3355','imap.example.org',993,'tls','ann','smtp.example.org',587,'starttls','ann@example.org','all',7,1000,60,'',0,'','','keep',14,0,0,0,0,0,'password','','','',1);
INSERT INTO "accounts" VALUES(3,2,'工作','li@example.cn','Ann Example','#aa3355','imap.example.org',993,'tls','ann','',0,'','','all',7,1000,60,'',0,'','','keep',14,0,0,0,0,0,'password','','','',1);
INSERT INTO "accounts" VALUES(4,3,'POP 邮件','pop@example.org','Ann','#00ff00','',0,'','','',0,'','','recent',30,524288,900,'pop.example.org',995,'tls','ann','newest',3,100,5000,1048576,1,1,'oauth','google','mine','',0);
CREATE TABLE blob_pieces (
    id      INTEGER PRIMARY KEY,                       -- grows: the order of the pieces
    blob_id INTEGER NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
    data    BLOB    NOT NULL
) STRICT
;
INSERT INTO "blob_pieces" VALUES(1,1,X'5375626A6563743A20780D0A0D0A627974657320FF');
INSERT INTO "blob_pieces" VALUES(2,2,X'5375626A6563743A206B6570740D0A0D0A68657265');
INSERT INTO "blob_pieces" VALUES(3,3,X'5375626A6563743A206C617267650D0A0D0A');
CREATE TABLE blobs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    size       INTEGER NOT NULL DEFAULT 0,             -- bytes
    state      TEXT    NOT NULL DEFAULT 'growing',     -- growing, whole or dropped
    created_at INTEGER NOT NULL                        -- seconds since the epoch
) STRICT
;
INSERT INTO "blobs" VALUES(1,21,'whole',1700000000);
INSERT INTO "blobs" VALUES(2,21,'whole',1700000000);
INSERT INTO "blobs" VALUES(3,18,'whole',0);
CREATE TABLE clear_hosts (
    host TEXT    NOT NULL,                             -- lower case
    port INTEGER NOT NULL,                             -- the password may go there over an open line
    PRIMARY KEY (host, port)
) STRICT, WITHOUT ROWID
;
INSERT INTO "clear_hosts" VALUES('smtp.example.org',587);
CREATE TABLE correspondents (
    address      TEXT    PRIMARY KEY,                  -- case-folded, to compare with
    written      TEXT    NOT NULL,                     -- as the user last wrote it
    name         TEXT    NOT NULL DEFAULT '',          -- the name last written to; '' for none
    sent_count   INTEGER NOT NULL DEFAULT 0,           -- messages queued to it from here
    last_sent_at INTEGER NOT NULL DEFAULT 0,           -- seconds since the epoch; 0: never from here
    forgotten    INTEGER NOT NULL DEFAULT 0            -- 1: not suggested until it is written to again
) STRICT, WITHOUT ROWID
;
INSERT INTO "correspondents" VALUES('bo@example.org','Bo@example.org','Bo',1,1700000000,0);
CREATE TABLE draft_blobs (
    blob_id  INTEGER PRIMARY KEY REFERENCES blobs (id) ON DELETE CASCADE,
    draft_id INTEGER NOT NULL                          -- no reference: blobs go after it
) STRICT
;
CREATE TABLE draft_copies (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    draft_id     INTEGER REFERENCES drafts (id) ON DELETE SET NULL,  -- NULL: obsolete, to be expunged
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    folder       BLOB    NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL
) STRICT
;
CREATE TABLE draft_versions (
    draft_id    INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    revision    INTEGER NOT NULL,
    saved_at    INTEGER NOT NULL,
    composition TEXT    NOT NULL,
    PRIMARY KEY (draft_id, revision)
) STRICT
;
INSERT INTO "draft_versions" VALUES(1,1,1700000000,'{"identity":3,"to":[["安","an@example.cn"],["","half ty"]],"cc":[["Bo","bo@example.org"]],"bcc":[["","chen@例子.cn"]],"reply_to":[["","answers@example.org"]],"subject":"Re: 会议 🎉","rich":true,"body":"<p>你好</p>","quote":["reply","Ann wrote:","<p>original</p>","original"],"attachments":[{"name":"报告.pdf","type":"application/pdf","size":12,"content_id":"","path":"/files/报告.pdf","modified_ns":5},{"name":"p.png","type":"image/png","size":3,"content_id":"p1@qtmail","blob":9}],"message_id":"m1@example.org","in_reply_to":"m0@example.org","references":["a@example.org","m0@example.org"],"origin":"[\"answered\", 1, \"JlY0TlhQZy3/\", 7, 42]","request_receipt":true,"request_delivery":true,"send_at":1800000000,"resent":11}');
INSERT INTO "draft_versions" VALUES(1,2,1700000100,'{"identity":3,"to":[["安","an@example.cn"],["","half ty"]],"cc":[["Bo","bo@example.org"]],"bcc":[["","chen@例子.cn"]],"reply_to":[["","answers@example.org"]],"subject":"Re: 会议 🎉","rich":true,"body":"<p>你好</p>","quote":["reply","Ann wrote:","<p>original</p>","original"],"attachments":[{"name":"报告.pdf","type":"application/pdf","size":12,"content_id":"","path":"/files/报告.pdf","modified_ns":5},{"name":"p.png","type":"image/png","size":3,"content_id":"p1@qtmail","blob":9}],"message_id":"m1@example.org","in_reply_to":"m0@example.org","references":["a@example.org","m0@example.org"],"origin":"[\"answered\", 1, \"JlY0TlhQZy3/\", 7, 42]","request_receipt":true,"request_delivery":true,"send_at":1800000000,"resent":11}');
INSERT INTO "draft_versions" VALUES(2,1,1700000000,'{"identity":3,"to":[["安","an@example.cn"],["","half ty"]],"cc":[["Bo","bo@example.org"]],"bcc":[["","chen@例子.cn"]],"reply_to":[["","answers@example.org"]],"subject":"Re: 会议 🎉","rich":true,"body":"<p>你好</p>","quote":["reply","Ann wrote:","<p>original</p>","original"],"attachments":[{"name":"报告.pdf","type":"application/pdf","size":12,"content_id":"","path":"/files/报告.pdf","modified_ns":5},{"name":"p.png","type":"image/png","size":3,"content_id":"p1@qtmail","blob":9}],"message_id":"m1@example.org","in_reply_to":"m0@example.org","references":["a@example.org","m0@example.org"],"origin":"[\"answered\", 1, \"JlY0TlhQZy3/\", 7, 42]","request_receipt":true,"request_delivery":true,"send_at":1800000000,"resent":11}');
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
;
INSERT INTO "drafts" VALUES(1,1700000000,1700000100,2,'{"identity":3,"to":[["安","an@example.cn"],["","half ty"]],"cc":[["Bo","bo@example.org"]],"bcc":[["","chen@例子.cn"]],"reply_to":[["","answers@example.org"]],"subject":"Re: 会议 🎉","rich":true,"body":"<p>你好</p>","quote":["reply","Ann wrote:","<p>original</p>","original"],"attachments":[{"name":"报告.pdf","type":"application/pdf","size":12,"content_id":"","path":"/files/报告.pdf","modified_ns":5},{"name":"p.png","type":"image/png","size":3,"content_id":"p1@qtmail","blob":9}],"message_id":"m1@example.org","in_reply_to":"m0@example.org","references":["a@example.org","m0@example.org"],"origin":"[\"answered\", 1, \"JlY0TlhQZy3/\", 7, 42]","request_receipt":true,"request_delivery":true,"send_at":1800000000,"resent":11}','',NULL,0,NULL);
INSERT INTO "drafts" VALUES(2,1700000000,1700000000,1,'{"identity":3,"to":[["安","an@example.cn"],["","half ty"]],"cc":[["Bo","bo@example.org"]],"bcc":[["","chen@例子.cn"]],"reply_to":[["","answers@example.org"]],"subject":"Re: 会议 🎉","rich":true,"body":"<p>你好</p>","quote":["reply","Ann wrote:","<p>original</p>","original"],"attachments":[{"name":"报告.pdf","type":"application/pdf","size":12,"content_id":"","path":"/files/报告.pdf","modified_ns":5},{"name":"p.png","type":"image/png","size":3,"content_id":"p1@qtmail","blob":9}],"message_id":"m1@example.org","in_reply_to":"m0@example.org","references":["a@example.org","m0@example.org"],"origin":"[\"answered\", 1, \"JlY0TlhQZy3/\", 7, 42]","request_receipt":true,"request_delivery":true,"send_at":1800000000,"resent":11}','',1,0,NULL);
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
;
CREATE TABLE folder_policies (
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    wire_name    BLOB    NOT NULL,
    bodies       TEXT    NOT NULL DEFAULT '',          -- domain.account.BodyPolicy; '': as the account says
    poll_seconds INTEGER NOT NULL DEFAULT 0,           -- 0: as the account says
    PRIMARY KEY (account_id, wire_name)
) STRICT, WITHOUT ROWID
;
INSERT INTO "folder_policies" VALUES(1,X'4C69737473FF','none',3600);
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
;
INSERT INTO "identities" VALUES(1,1,'Ann Example','ann@example.org','','','',X'','');
INSERT INTO "identities" VALUES(2,3,'Ann Example','li@example.cn','','','',X'','');
INSERT INTO "identities" VALUES(3,1,'Ann at home','ann@home.example','desk@example.org','<p>A</p>','A',X'53656E74FF','log@example.org');
INSERT INTO "identities" VALUES(4,4,'Ann','pop@example.org','','','',X'','');
CREATE TABLE local_folders (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    wire_name   BLOB    NOT NULL,                      -- its name in the cache; stays when it is renamed
    path        TEXT    NOT NULL,                      -- for people; levels are divided by /
    special_use TEXT    NOT NULL DEFAULT '',           -- domain.folder.SpecialUse, '' for none
    UNIQUE (account_id, wire_name),
    UNIQUE (account_id, path)
) STRICT
;
INSERT INTO "local_folders" VALUES(1,4,X'496E626F78','Inbox','inbox');
INSERT INTO "local_folders" VALUES(2,4,X'666F6C6465722D32','项目/二〇二六','');
CREATE TABLE local_messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- its UID in the cache, too; never used twice
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    folder     BLOB    NOT NULL,                       -- wire name of the folder in the cache
    blob_id    INTEGER NOT NULL REFERENCES blobs (id), -- the whole message
    item_id    INTEGER UNIQUE,                         -- the outbox item it was; NULL: it came another way
    filed_at   INTEGER NOT NULL,                       -- seconds since the epoch
    flags      INTEGER NOT NULL DEFAULT 0,             -- domain.message.Flag
    keywords   TEXT    NOT NULL DEFAULT ''             -- sorted, separated by spaces
, server_size INTEGER NOT NULL DEFAULT 0) STRICT
;
INSERT INTO "local_messages" VALUES(1,3,X'53656E74',2,NULL,1700000000,1,'',0);
INSERT INTO "local_messages" VALUES(2,4,X'666F6C6465722D32',3,NULL,1700000000,4,'',9000000);
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
;
INSERT INTO "outbox" VALUES(1,1,1,'held','m1@example.org','会议','ann@example.org',21,1,1700000000,1800000000,1800000000,0,0,0,0,0,'','',NULL,'',X'',1);
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
;
INSERT INTO "outbox_recipients" VALUES(1,0,'bo@example.org','waiting','','','');
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
;
INSERT INTO "pop3_messages" VALUES(4,X'75696432',10,1700000000,NULL,1,'',X'6432',1700000900);
INSERT INTO "pop3_messages" VALUES(4,X'756964FF31',9000000,1700000000,2,0,'download',X'6431',NULL);
CREATE TABLE profile (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    identity TEXT    NOT NULL                          -- random; the cache carries it too
) STRICT
;
INSERT INTO "profile" VALUES(1,'494acbcca99f7e460e510d8bc30a70ee');
CREATE TABLE seen_certificates (
    host    TEXT    NOT NULL,                          -- lower case
    port    INTEGER NOT NULL,
    pem     TEXT    NOT NULL,                          -- what it showed when it was last trusted
    seen_at INTEGER NOT NULL,                          -- seconds since the epoch: first seen so
    PRIMARY KEY (host, port)
) STRICT, WITHOUT ROWID
;
INSERT INTO "seen_certificates" VALUES('imap.example.org',993,'-----BEGIN CERTIFICATE-----',1700000000);
CREATE TABLE special_folders (
    account_id  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    special_use TEXT    NOT NULL,                      -- domain.folder.SpecialUse
    wire_name   BLOB    NOT NULL,                      -- the folder that the user chose for it
    PRIMARY KEY (account_id, special_use)
) STRICT, WITHOUT ROWID
;
INSERT INTO "special_folders" VALUES(1,'sent',X'53656E74204974656D73');
CREATE TABLE templates (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL,
    subject TEXT    NOT NULL DEFAULT '',
    html    TEXT    NOT NULL DEFAULT ''
) STRICT
;
INSERT INTO "templates" VALUES(1,'Thanks 谢谢','Re: it','<p>Thank you</p>');
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
CREATE INDEX identities_by_account ON identities (account_id);
CREATE INDEX blob_pieces_by_blob ON blob_pieces (blob_id, id);
CREATE INDEX outbox_by_state ON outbox (state, account_id);
CREATE INDEX outbox_by_message_id ON outbox (message_id);
CREATE INDEX drafts_by_outbox_item ON drafts (outbox_item_id);
CREATE INDEX draft_blobs_by_draft ON draft_blobs (draft_id);
CREATE INDEX draft_copies_by_draft ON draft_copies (draft_id);
CREATE INDEX local_messages_by_folder ON local_messages (account_id, folder);
CREATE TRIGGER local_messages_gone AFTER DELETE ON local_messages BEGIN
    UPDATE blobs SET state = 'dropped' WHERE id = old.blob_id;
END;
CREATE INDEX filings_by_account ON filings (account_id);
CREATE TRIGGER accounts_have_an_identity AFTER INSERT ON accounts WHEN new.address <> '' BEGIN
    INSERT INTO identities (account_id, name, address) VALUES (new.id, new.full_name, new.address);
END;
CREATE INDEX pop3_messages_by_local_uid ON pop3_messages (local_uid);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('accounts',4);
INSERT INTO "sqlite_sequence" VALUES('operations',2);
INSERT INTO "sqlite_sequence" VALUES('identities',4);
INSERT INTO "sqlite_sequence" VALUES('templates',1);
INSERT INTO "sqlite_sequence" VALUES('drafts',2);
INSERT INTO "sqlite_sequence" VALUES('blobs',3);
INSERT INTO "sqlite_sequence" VALUES('outbox',1);
INSERT INTO "sqlite_sequence" VALUES('local_messages',2);
INSERT INTO "sqlite_sequence" VALUES('local_folders',2);
COMMIT;
PRAGMA user_version = 3;
