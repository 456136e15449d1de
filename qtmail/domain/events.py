"""What the engine tells whoever listens: the store changed, an account's state, progress, a problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from qtmail.errors import Layer, Retry


class ChangeKind(Enum):
    """What a committed transaction did."""

    ACCOUNTS = auto()
    """Accounts were added, removed or edited."""
    FOLDERS = auto()
    """The list of folders or their names changed."""
    COUNTS = auto()
    """Message or unread counts of some folders changed."""
    ADDED = auto()
    REMOVED = auto()
    FLAGS = auto()
    BODIES = auto()
    """Bodies, previews or attachment marks of some messages changed."""
    OUTBOX = auto()
    """Items of the outbox came, went or changed their state."""
    DRAFTS = auto()
    """Drafts on this computer were made, saved, closed or dropped."""
    IDENTITIES = auto()
    """Identities or templates were edited."""


@dataclass(frozen=True, slots=True)
class StoreChange:
    """What one committed transaction changed, or several coalesced.

    Attributes:
        kinds: what happened.
        folder_ids: the folders concerned.
        message_ids: the messages concerned by FLAGS and BODIES (not by ADDED and REMOVED: lists look these
        up).
    """

    kinds: frozenset[ChangeKind]
    folder_ids: frozenset[int] = frozenset()
    message_ids: frozenset[int] = frozenset()

    def merged(self, other: StoreChange) -> StoreChange:
        return StoreChange(
            self.kinds | other.kinds, self.folder_ids | other.folder_ids, self.message_ids | other.message_ids
        )


class Connection(StrEnum):
    """How an account stands to its server."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    WATCHING = "watching"
    """In step; new mail is announced by the server as it comes."""
    WAITING = "waiting"
    """A connection failed; another attempt follows at `AccountState.retry_at`."""
    NEEDS_USER = "needs user"
    """Only the user can mend it: password, certificate or settings."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in words, at the place of an account or, with account_id 0, of the program.

    Attributes:
        sending: it is about the server mail is handed in to, not about the one it is read from.
        clear_password: the password would have gone over an open line, which the user may allow.
        sign_in_again: the provider's permission is gone; the user signs in in the browser.
        unlock: the file with the passwords wants its master password.
    """

    account_id: int
    sentence: str
    advice: str = ""
    detail: str = ""
    layer: Layer = Layer.PROTOCOL
    retry: Retry = Retry.LATER
    certificate: str = ""
    """PEM, where the fault is about a certificate."""
    sending: bool = False
    clear_password: bool = False
    sign_in_again: bool = False
    unlock: bool = False


@dataclass(frozen=True, slots=True)
class AccountState:
    """Where one account stands now.

    Attributes:
        activity: one sentence of what is happening, or "".
        problem: the fault that stands, or None.
        retry_at: seconds since the epoch of the next attempt, or None.
        last_heard: seconds since the epoch when the server last said anything, or None.
    """

    account_id: int
    connection: Connection = Connection.OFFLINE
    activity: str = ""
    problem: Problem | None = None
    retry_at: float | None = None
    last_heard: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is.

    Attributes:
        what: what is counted, in words ("headers", "bodies").
        folder: the folder it is about, or "".
        done, total: how many of how many; total 0 where it is not known.
        seconds_left: an estimate, or None while there is none.
        finished: True in the last report of this piece of work.
    """

    account_id: int
    what: str
    folder: str = ""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync of one account did; printed by `qtmail sync --json`."""

    account_id: int
    folders: int = 0
    folders_selected: int = 0
    messages_added: int = 0
    messages_removed: int = 0
    flags_changed: int = 0
    bodies_fetched: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    round_trips: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = field(default=())
