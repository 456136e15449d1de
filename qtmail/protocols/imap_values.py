"""What an IMAP session tells its caller: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from qtmail.domain.message import FlagChange
from qtmail.protocols.uid_set import NO_UIDS, UidSet


@dataclass(frozen=True, slots=True)
class Counters:
    """What a session has cost so far.

    Attributes:
        bytes_received, bytes_sent: IMAP bytes, as they are inside TLS.
        round_trips: how often the session had to wait for an answer after sending something; commands sent
            in one go cost one.
    """

    bytes_received: int = 0
    bytes_sent: int = 0
    round_trips: int = 0

    def __add__(self, other: Counters) -> Counters:
        return Counters(
            self.bytes_received + other.bytes_received,
            self.bytes_sent + other.bytes_sent,
            self.round_trips + other.round_trips,
        )

    def __sub__(self, other: Counters) -> Counters:
        return Counters(
            self.bytes_received - other.bytes_received,
            self.bytes_sent - other.bytes_sent,
            self.round_trips - other.round_trips,
        )


@dataclass(frozen=True, slots=True)
class Namespace:
    """One name space (RFC 2342): the bytes its folder names begin with, and its hierarchy separator or ""."""

    prefix: bytes
    delimiter: str


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The user's own folders, those of other users, and those shared by all."""

    personal: tuple[Namespace, ...] = ()
    other_users: tuple[Namespace, ...] = ()
    shared: tuple[Namespace, ...] = ()


@dataclass(frozen=True, slots=True)
class Selected:
    """What SELECT said (RFC 9051 section 6.3.2, RFC 7162 section 3.2.5).

    Attributes:
        uid_validity: 0 where the server gives none: then no UID may be kept beyond this session.
        uid_next: None where the server did not say.
        exists: the number of messages.
        highest_modseq: None without CONDSTORE, or where this folder has none (NOMODSEQ).
        vanished: UIDs gone since the state given, complete only if `qresync_used`.
        changed: flags changed, and messages new, since the state given; complete only if `qresync_used`.
        qresync_used: True if the server answered from the state given, so that `vanished` and `changed` are
            all there is to know. False: compare by `fetch_flags` (with `changed_since`, if there is a
            `highest_modseq`) and `search_all_uids`.
    """

    uid_validity: int
    uid_next: int | None
    exists: int
    highest_modseq: int | None
    vanished: UidSet = NO_UIDS
    changed: list[FlagChange] = field(default_factory=list)
    qresync_used: bool = False


@dataclass(frozen=True, slots=True)
class AppendedUid:
    """Where a message went that was stored with APPEND (APPENDUID, RFC 9051 section 7.1)."""

    uid_validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class SkippedMessage:
    """A message whose answer was larger than the limit: read past, not kept. `uid` is 0 if it was not
    told."""

    uid: int
    size: int
    """Bytes the server announced."""


@dataclass(frozen=True, slots=True)
class Updates:
    """What the server said without being asked, since it was last taken.

    Attributes:
        exists: the new number of messages, or None.
        expunged: True if messages went away without their UIDs being told (EXPUNGE): compare the UIDs.
        vanished: UIDs that went away.
        changed: new flags of messages whose UID was told.
        flags_unknown: True if flags changed on messages whose UID was not told: compare the flags.
        alerts: texts the server wants shown to the user (RFC 9051 section 7.1, ALERT).
        skipped: messages left out of an answer because they were larger than the limit.
        malformed: how many responses could not be read and were left out.
    """

    exists: int | None = None
    expunged: bool = False
    vanished: UidSet = NO_UIDS
    changed: list[FlagChange] = field(default_factory=list)
    flags_unknown: bool = False
    alerts: list[str] = field(default_factory=list)
    skipped: list[SkippedMessage] = field(default_factory=list)
    malformed: int = 0

    def __bool__(self) -> bool:
        """True if the folder's messages may have changed (alerts, skipped and malformed answers aside)."""
        return bool(
            self.exists is not None or self.expunged or self.vanished or self.changed or self.flags_unknown
        )
