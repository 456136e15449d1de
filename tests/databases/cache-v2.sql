BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'qtmail.cache','0001_folders_messages_bodies','2026-11-21 12:11:06.584576+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'qtmail.cache','0002_messages_move','2026-11-21 17:04:41.200458+00:00');
CREATE TABLE bodies (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    bytes      INTEGER NOT NULL,                  -- of content and of all parts
    structure  TEXT    NOT NULL DEFAULT '',       -- JSON of the MIME tree; '' for a whole message
    content    BLOB    NOT NULL                   -- the message, or its header if there is a structure
) STRICT
;
INSERT INTO "bodies" VALUES(1,19,'',X'5375626A6563743A20780D0A0D0A72617720FF');
INSERT INTO "bodies" VALUES(2,18,'["","multipart/mixed",[["boundary","b"]],"7bit",0,"",[],"","",[["1","text/plain",[["charset","utf-8"]],"8bit",12,"",[],"","",[]],["2","image/png",[],"base64",4000,"attachment",[["filename","ü.png"]],"cid@x","A picture",[]]]]',X'5375626A6563743A20790D0A0D0A');
CREATE TABLE body_problems (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    reason     TEXT    NOT NULL                   -- why the body cannot be fetched, in words
) STRICT
;
INSERT INTO "body_problems" VALUES(3,'NO such message');
CREATE TABLE counters (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    next_message_id INTEGER NOT NULL DEFAULT 1,
    body_bytes      INTEGER NOT NULL DEFAULT 0    -- kept by triggers on bodies
) STRICT
;
INSERT INTO "counters" VALUES(1,4,37);
CREATE TABLE folders (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     INTEGER NOT NULL,              -- accounts.id in user.db
    wire_name      BLOB    NOT NULL,              -- the name exactly as the server writes it
    path           TEXT    NOT NULL,              -- the name for people
    delimiter      TEXT    NOT NULL DEFAULT '',
    special_use    TEXT    NOT NULL DEFAULT '',   -- domain.folder.SpecialUse, '' for none
    selectable     INTEGER NOT NULL DEFAULT 1,
    subscribed     INTEGER NOT NULL DEFAULT 1,
    message_count  INTEGER NOT NULL DEFAULT 0,    -- kept by triggers on messages
    unread_count   INTEGER NOT NULL DEFAULT 0,    -- kept by triggers on messages
    uid_validity   INTEGER,                       -- this and the next three: NULL where nothing is known yet
    uid_next       INTEGER,
    highest_modseq INTEGER,
    remote_count   INTEGER,
    complete       INTEGER NOT NULL DEFAULT 0,    -- 0 while the first walk through the folder is unfinished
    UNIQUE (account_id, wire_name)
) STRICT
;
INSERT INTO "folders" VALUES(1,1,X'494E424F58','INBOX','/','inbox',1,1,3,2,7,4,99,3,1);
INSERT INTO "folders" VALUES(2,3,X'2656344E5850672D','垃圾','/','junk',1,0,0,0,NULL,NULL,NULL,NULL,0);
CREATE TABLE headers (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    data       BLOB    NOT NULL                   -- the fields FETCH asked for, as the server sent them
) STRICT
;
INSERT INTO "headers" VALUES(1,X'5375626A6563743A204772C3BCC39F6520E4BDA0E5A5BD0D0A46726F6D3A20426F62203C626F62406578616D706C652E636F6D3E0D0A546F3A20416E6E203C616E6E406578616D706C652E6F72673E2C2078406578616D706C652E6E65740D0A43633A2043C3A463696C6965203C63406578616D706C652E6E65743E0D0A446174653A205361742C20332046656220323032342030343A30353A3036202B303030300D0A4D6573736167652D49443A203C616263406578616D706C652E636F6D3E0D0A0D0A');
INSERT INTO "headers" VALUES(2,X'5375626A6563743A204772C3BCC39F6520E4BDA0E5A5BD0D0A46726F6D3A20426F62203C626F62406578616D706C652E636F6D3E0D0A546F3A20416E6E203C616E6E406578616D706C652E6F72673E2C2078406578616D706C652E6E65740D0A43633A2043C3A463696C6965203C63406578616D706C652E6E65743E0D0A446174653A205361742C20332046656220323032342030343A30353A3036202B303030300D0A4D6573736167652D49443A203C616263406578616D706C652E636F6D3E0D0A0D0A');
INSERT INTO "headers" VALUES(3,X'5375626A6563743A204772C3BCC39F6520E4BDA0E5A5BD0D0A46726F6D3A20426F62203C626F62406578616D706C652E636F6D3E0D0A546F3A20416E6E203C616E6E406578616D706C652E6F72673E2C2078406578616D706C652E6E65740D0A43633A2043C3A463696C6965203C63406578616D706C652E6E65743E0D0A446174653A205361742C20332046656220323032342030343A30353A3036202B303030300D0A4D6573736167652D49443A203C616263406578616D706C652E636F6D3E0D0A0D0A');
CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,          -- from counters.next_message_id, never used twice
    folder_id       INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    uid             INTEGER NOT NULL,
    date            INTEGER NOT NULL,             -- the Date field, else when the server received it
    size            INTEGER NOT NULL DEFAULT 0,
    flags           INTEGER NOT NULL DEFAULT 0,
    keywords        TEXT    NOT NULL DEFAULT '',  -- sorted, separated by spaces
    modseq          INTEGER NOT NULL DEFAULT 0,
    has_attachment  INTEGER NOT NULL DEFAULT 0,
    body_state      INTEGER NOT NULL DEFAULT 0,   -- 0 not fetched, 1 whole, 2 in parts, 3 cannot be fetched
    subject         TEXT    NOT NULL DEFAULT '',
    sender_name     TEXT    NOT NULL DEFAULT '',
    sender_address  TEXT    NOT NULL DEFAULT '',
    recipients      TEXT    NOT NULL DEFAULT '',
    preview         TEXT    NOT NULL DEFAULT '',
    message_id      TEXT    NOT NULL DEFAULT '',  -- without angle brackets
    message_id_crc  INTEGER NOT NULL DEFAULT 0,   -- its CRC-32: an index on the text takes six times the room
    UNIQUE (folder_id, uid)
) STRICT
;
INSERT INTO "messages" VALUES(1,1,1,1706933106,1000,1,'$label1',5,0,1,'Grüße 你好','Bob','bob@example.com','Ann, x@example.net, Cäcilie','raw','abc@example.com',528623709);
INSERT INTO "messages" VALUES(2,1,2,1706933106,1000,4,'',0,1,2,'Grüße 你好','Bob','bob@example.com','Ann, x@example.net, Cäcilie','text','abc@example.com',528623709);
INSERT INTO "messages" VALUES(3,1,3,1706933106,1000,0,'',0,0,3,'Grüße 你好','Bob','bob@example.com','Ann, x@example.net, Cäcilie','','abc@example.com',528623709);
CREATE TABLE parts (
    id         INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    section    TEXT    NOT NULL,                  -- as FETCH BODY[section] wants it
    data       BLOB    NOT NULL,                  -- in transfer encoding
    UNIQUE (message_id, section)
) STRICT
;
INSERT INTO "parts" VALUES(1,2,'1',X'74657874');
CREATE TABLE profile (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    identity TEXT    NOT NULL DEFAULT ''          -- profile.identity of the user.db whose accounts these are
) STRICT
;
INSERT INTO "profile" VALUES(1,'494acbcca99f7e460e510d8bc30a70ee');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX messages_by_date ON messages (folder_id, date);
CREATE INDEX messages_unread ON messages (folder_id, date) WHERE flags & 1 = 0;
CREATE INDEX messages_flagged ON messages (folder_id, date) WHERE flags & 4 <> 0;
CREATE INDEX messages_with_attachment ON messages (folder_id, date) WHERE has_attachment = 1;
CREATE INDEX messages_without_body ON messages (folder_id, date) WHERE body_state = 0;
CREATE INDEX messages_by_message_id ON messages (message_id_crc) WHERE message_id <> '';
CREATE INDEX bodies_by_bytes ON bodies (bytes);
CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
        UPDATE folders SET message_count = message_count + 1,
                           unread_count = unread_count + (new.flags & 1 = 0)
        WHERE id = new.folder_id;
    END;
CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
        UPDATE folders SET message_count = message_count - 1,
                           unread_count = unread_count - (old.flags & 1 = 0)
        WHERE id = old.folder_id;
    END;
CREATE TRIGGER messages_seen AFTER UPDATE OF flags ON messages WHEN new.flags & 1 <> old.flags & 1 BEGIN
        UPDATE folders SET unread_count = unread_count + (new.flags & 1 = 0) - (old.flags & 1 = 0)
        WHERE id = new.folder_id;
    END;
CREATE TRIGGER bodies_added AFTER INSERT ON bodies BEGIN
        UPDATE counters SET body_bytes = body_bytes + new.bytes;
    END;
CREATE TRIGGER bodies_removed AFTER DELETE ON bodies BEGIN
        UPDATE counters SET body_bytes = body_bytes - old.bytes;
    END;
CREATE TRIGGER bodies_grown AFTER UPDATE OF bytes ON bodies BEGIN
        UPDATE counters SET body_bytes = body_bytes + new.bytes - old.bytes;
    END;
CREATE TRIGGER messages_moved AFTER UPDATE OF folder_id ON messages BEGIN
        UPDATE folders SET message_count = message_count - 1,
                           unread_count = unread_count - (old.flags & 1 = 0)
        WHERE id = old.folder_id;
        UPDATE folders SET message_count = message_count + 1,
                           unread_count = unread_count + (new.flags & 1 = 0)
        WHERE id = new.folder_id;
    END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('folders',2);
COMMIT;
PRAGMA user_version = 2;
