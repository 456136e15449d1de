"""Folders, as a server lists them and as they are kept here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtmail.domain.account import FolderPolicy


class SpecialUse(StrEnum):
    """What a folder is for (RFC 6154; INBOX by RFC 9051 section 5.1)."""

    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    ARCHIVE = "archive"
    JUNK = "junk"
    TRASH = "trash"
    ALL = "all"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A STATUS answer (RFC 9051 section 6.3.11, RFC 7162 section 3.1.5). None: the server did not say."""

    messages: int | None = None
    unseen: int | None = None
    uid_next: int | None = None
    uid_validity: int | None = None
    highest_modseq: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """A folder as LIST told it.

    Attributes:
        wire_name: the name exactly as the server wrote it, used in every command: some servers send names
            that are not valid modified UTF-7, and only the original bytes reach such a folder.
        path: the name in Unicode, for people.
        delimiter: the hierarchy separator, or "" for a flat name space.
        special_use: what it is for, from the server's attributes or, failing these, from well-known names.
        selectable: False for a name that only holds other folders.
        subscribed: whether the user subscribed to it.
        status: counts and change marks, where LIST-STATUS gave them in the same round trip.
    """

    wire_name: bytes
    path: str
    delimiter: str
    special_use: SpecialUse | None = None
    selectable: bool = True
    subscribed: bool = True
    status: FolderStatus | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it is kept in `cache.db`; `id` is local and lives as long as the cache."""

    id: int
    account_id: int
    wire_name: bytes
    path: str
    delimiter: str
    special_use: SpecialUse | None
    selectable: bool
    subscribed: bool
    message_count: int
    unread_count: int

    @property
    def name(self) -> str:
        """The last component of the path."""
        return self.path.rsplit(self.delimiter, 1)[-1] if self.delimiter else self.path


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """A folder and what the user settled about it.

    Attributes:
        policy: what it does otherwise than its account.
        chosen_for: what the user chose it for, whatever its server says; None: nothing.
    """

    folder: Folder
    policy: FolderPolicy
    chosen_for: SpecialUse | None


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far the cache of one folder follows the server.

    Attributes:
        uid_validity: the UIDVALIDITY under which the cached UIDs are valid; None: nothing is cached.
        uid_next: the server's UIDNEXT when the folder was last in step.
        highest_modseq: every change up to this modification sequence is in the cache; None without CONDSTORE.
        remote_count: the number of messages on the server when last in step.
        complete: False while the first walk through the folder is unfinished, so that it is resumed.
    """

    uid_validity: int | None = None
    uid_next: int | None = None
    highest_modseq: int | None = None
    remote_count: int | None = None
    complete: bool = False


def shown_path(path: str) -> str:
    """A folder's path as it fits into a sentence: of a very long one the beginning."""
    return path if len(path) <= 80 else f"{path[:79]}…"
