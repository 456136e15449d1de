"""Messages: flags, envelopes, structure, and the rows a list shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntFlag, StrEnum

from qtmail.domain.address import Address

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Flag(IntFlag):
    """The flags qtmail itself understands; all others are keywords.

    Stored as one integer, so the values must never change.
    """

    NONE = 0
    SEEN = 1
    ANSWERED = 2
    FLAGGED = 4
    DELETED = 8
    DRAFT = 16
    FORWARDED = 32
    JUNK = 64
    NOT_JUNK = 128
    MDN_SENT = 256


FLAG_NAMES: dict[Flag, str] = {
    Flag.SEEN: "\\Seen",
    Flag.ANSWERED: "\\Answered",
    Flag.FLAGGED: "\\Flagged",
    Flag.DELETED: "\\Deleted",
    Flag.DRAFT: "\\Draft",
    Flag.FORWARDED: "$Forwarded",
    Flag.JUNK: "$Junk",
    Flag.NOT_JUNK: "$NotJunk",
    Flag.MDN_SENT: "$MDNSent",
}
"""How a server writes them (RFC 9051 section 2.3.2); compared without regard to case."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The header fields a person reads a message list by; everything already decoded to Unicode."""

    subject: str = ""
    from_: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    date: datetime | None = None
    """Aware, in UTC; None where the Date field is missing or unreadable."""
    message_id: str = ""
    """Without the angle brackets."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    """Message-IDs of the ancestors, oldest first, without angle brackets."""


@dataclass(frozen=True, slots=True)
class HeaderSummary:
    """What one row of a message list shows of a header; everything already decoded to Unicode."""

    subject: str = ""
    sender: Address | None = None
    """The first author."""
    recipients: str = ""
    """To and Cc as people are called, joined with ", "; of very many only the first."""
    date: int | None = None
    """Seconds since the epoch, UTC; None where the Date field is missing or unreadable."""
    message_id: str = ""
    """Without the angle brackets."""
    has_attachment: bool = False
    """What the Content-Type lets one expect."""


@dataclass(frozen=True, slots=True)
class RemoteMessage:
    """One message as a header FETCH told it."""

    uid: int
    flags: Flag
    keywords: frozenset[str]
    modseq: int
    """0 without CONDSTORE."""
    internal_date: int
    """Seconds since the epoch, UTC: when the server received it."""
    size: int
    """Bytes of the whole message on the wire."""
    header: bytes
    """The header fields that were asked for (protocols.imap_fetch.HEADER_FIELDS), raw as the server sent
    them.
    """


@dataclass(frozen=True, slots=True)
class FlagChange:
    """The flags of one message as the server now has them."""

    uid: int
    flags: Flag
    keywords: frozenset[str]
    modseq: int = 0


@dataclass(frozen=True, slots=True)
class PartStructure:
    """One node of a message's MIME tree as BODYSTRUCTURE told it (RFC 9051 section 7.5.2).

    Attributes:
        section: the part number FETCH wants ("1", "2.1"); "" for the root of a multipart message.
        content_type: lower case `type/subtype`.
        parameters: Content-Type parameters, names in lower case, values raw (RFC 2231 pieces not yet joined).
        encoding: Content-Transfer-Encoding in lower case.
        size: bytes in transfer encoding; 0 for a multipart.
        disposition: "attachment", "inline" or "".
        disposition_parameters: as `parameters`.
        content_id: without angle brackets.
        children: the parts of a multipart; for message/rfc822 its one body.
    """

    section: str
    content_type: str
    parameters: tuple[tuple[str, str], ...] = ()
    encoding: str = "7bit"
    size: int = 0
    disposition: str = ""
    disposition_parameters: tuple[tuple[str, str], ...] = ()
    content_id: str = ""
    description: str = ""
    children: tuple[PartStructure, ...] = ()

    def walk(self) -> Iterator[PartStructure]:
        """This part and all below it, in the order of the message."""
        yield self
        for child in self.children:
            yield from child.walk()


class SortKey(StrEnum):
    """What a message list can be sorted by."""

    DATE = "date"
    SENDER = "sender"
    RECIPIENT = "recipient"
    SUBJECT = "subject"
    SIZE = "size"
    UNREAD = "unread"
    FLAGGED = "flagged"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which messages a list shows, in which order.

    Attributes:
        folder_ids: the folders to look in; several for a unified view.
        unread, flagged, attachment: keep only such messages.
        sort, descending: the order; equal keys fall back to newest first.
    """

    folder_ids: tuple[int, ...]
    unread: bool = False
    flagged: bool = False
    attachment: bool = False
    sort: SortKey = SortKey.DATE
    descending: bool = True


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What one row of the message list shows."""

    id: int
    folder_id: int
    account_id: int
    uid: int
    date: int
    """Seconds since the epoch, UTC: the Date field, or when the server received the message."""
    size: int
    flags: Flag
    keywords: frozenset[str]
    subject: str
    sender_name: str
    sender_address: str
    recipients: str
    """To and Cc as people are called, joined with ", "."""
    preview: str
    has_attachment: bool
    header_only: bool = False
    """Only the header is on this computer, until the user asks for the rest; `size` is that of the whole."""

    @property
    def sender(self) -> str:
        return self.sender_name or self.sender_address

    @property
    def unread(self) -> bool:
        return not self.flags & Flag.SEEN

    @property
    def when(self) -> datetime:
        # Not fromtimestamp, which fails on Windows for dates before 1970.
        return _EPOCH + timedelta(seconds=self.date)


@dataclass(frozen=True, slots=True)
class MessageBody:
    """What the cache holds of one message's content.

    Either `raw` is the whole message, or `header`, `structure` and some `parts` (by section, still in
    transfer encoding) are; all empty: nothing has been fetched.
    """

    raw: bytes | None = None
    header: bytes | None = None
    structure: PartStructure | None = None
    parts: tuple[tuple[str, bytes], ...] = ()

    @property
    def fetched(self) -> bool:
        return self.raw is not None or self.header is not None
