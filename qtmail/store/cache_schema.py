"""The schema of `cache.db`: what is known of folders and messages on servers. All of it can be fetched again.

Every table is STRICT and every column has a meaning that never changes; a new meaning gets a new column.
Times are seconds since the epoch, UTC; sizes are bytes; flags are the bits of `domain.message.Flag`.
"""

from __future__ import annotations

from qtmail.store.migrations import Migration, Schema

_FOLDERS = """
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
"""

_MESSAGES = """
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
"""

# The header lives apart from the row, so that a list or a sort reads half as many pages.
_HEADERS = """
CREATE TABLE headers (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    data       BLOB    NOT NULL                   -- the fields FETCH asked for, as the server sent them
) STRICT
"""

_BODIES = """
CREATE TABLE bodies (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    bytes      INTEGER NOT NULL,                  -- of content and of all parts
    structure  TEXT    NOT NULL DEFAULT '',       -- JSON of the MIME tree; '' for a whole message
    content    BLOB    NOT NULL                   -- the message, or its header if there is a structure
) STRICT
"""

_PARTS = """
CREATE TABLE parts (
    id         INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    section    TEXT    NOT NULL,                  -- as FETCH BODY[section] wants it
    data       BLOB    NOT NULL,                  -- in transfer encoding
    UNIQUE (message_id, section)
) STRICT
"""

_BODY_PROBLEMS = """
CREATE TABLE body_problems (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    reason     TEXT    NOT NULL                   -- why the body cannot be fetched, in words
) STRICT
"""

_COUNTERS = """
CREATE TABLE counters (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    next_message_id INTEGER NOT NULL DEFAULT 1,
    body_bytes      INTEGER NOT NULL DEFAULT 0    -- kept by triggers on bodies
) STRICT
"""

_PROFILE = """
CREATE TABLE profile (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    identity TEXT    NOT NULL DEFAULT ''          -- profile.identity of the user.db whose accounts these are
) STRICT
"""

_INDEXES = (
    # The message list. The rowid at the end of every index is `id`: read backwards this is newest first.
    "CREATE INDEX messages_by_date ON messages (folder_id, date)",
    "CREATE INDEX messages_unread ON messages (folder_id, date) WHERE flags & 1 = 0",
    "CREATE INDEX messages_flagged ON messages (folder_id, date) WHERE flags & 4 <> 0",
    "CREATE INDEX messages_with_attachment ON messages (folder_id, date) WHERE has_attachment = 1",
    "CREATE INDEX messages_without_body ON messages (folder_id, date) WHERE body_state = 0",
    "CREATE INDEX messages_by_message_id ON messages (message_id_crc) WHERE message_id <> ''",
    # Which contents to drop first is decided without reading them.
    "CREATE INDEX bodies_by_bytes ON bodies (bytes)",
)

_TRIGGERS = (
    """
    CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
        UPDATE folders SET message_count = message_count + 1,
                           unread_count = unread_count + (new.flags & 1 = 0)
        WHERE id = new.folder_id;
    END
    """,
    """
    CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
        UPDATE folders SET message_count = message_count - 1,
                           unread_count = unread_count - (old.flags & 1 = 0)
        WHERE id = old.folder_id;
    END
    """,
    """
    CREATE TRIGGER messages_seen AFTER UPDATE OF flags ON messages WHEN new.flags & 1 <> old.flags & 1 BEGIN
        UPDATE folders SET unread_count = unread_count + (new.flags & 1 = 0) - (old.flags & 1 = 0)
        WHERE id = new.folder_id;
    END
    """,
    """
    CREATE TRIGGER bodies_added AFTER INSERT ON bodies BEGIN
        UPDATE counters SET body_bytes = body_bytes + new.bytes;
    END
    """,
    """
    CREATE TRIGGER bodies_removed AFTER DELETE ON bodies BEGIN
        UPDATE counters SET body_bytes = body_bytes - old.bytes;
    END
    """,
    """
    CREATE TRIGGER bodies_grown AFTER UPDATE OF bytes ON bodies BEGIN
        UPDATE counters SET body_bytes = body_bytes + new.bytes - old.bytes;
    END
    """,
)

_MESSAGES_MOVED = """
    CREATE TRIGGER messages_moved AFTER UPDATE OF folder_id ON messages BEGIN
        UPDATE folders SET message_count = message_count - 1,
                           unread_count = unread_count - (old.flags & 1 = 0)
        WHERE id = old.folder_id;
        UPDATE folders SET message_count = message_count + 1,
                           unread_count = unread_count + (new.flags & 1 = 0)
        WHERE id = new.folder_id;
    END
    """

CACHE_SCHEMA = Schema(
    "qtmail.cache",
    (
        Migration(
            "0001_folders_messages_bodies",
            (
                _FOLDERS,
                _MESSAGES,
                _HEADERS,
                _BODIES,
                _PARTS,
                _BODY_PROBLEMS,
                _COUNTERS,
                "INSERT INTO counters (id) VALUES (1)",
                _PROFILE,
                "INSERT INTO profile (id) VALUES (1)",
                *_INDEXES,
                *_TRIGGERS,
            ),
        ),
        Migration("0002_messages_move", (_MESSAGES_MOVED,)),
    ),
)
