"""Messages on their way to becoming bytes: what the builder is given. Everything is already decided; nothing
here knows of drafts, identities or windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from qtmail.domain.address import Address


@dataclass(frozen=True, slots=True)
class OutgoingPart:
    """A file or picture that travels with a message.

    Attributes:
        filename: as recipients are to see it; cleaned when it is written.
        content_type: `type/subtype`; what is no type is sent as application/octet-stream.
        size: bytes before transfer encoding.
        content_id: without angle brackets; the name by which the HTML shows it, or "".
        open: yields the content in pieces of any length. Called once for each build. Raises FileFailed where
            the content is gone or cannot be read.
    """

    filename: str
    content_type: str
    size: int
    content_id: str = ""
    open: Callable[[], Iterator[bytes]] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A whole message.

    Attributes:
        date: aware; its zone is the one that is written.
        message_id, in_reply_to, references: without angle brackets.
        text: the plain text; quoted lines begin with ">". Beside `html` it is the alternative for readers
            that show none, and left out if it is blank.
        html: a complete fragment that refers to `inline` by `cid:`; None for plain text alone.
        extra: further header fields as (name, value as a person reads it). Values of fields that hold
            addresses (Sender, Disposition-Notification-To) are read and written as addresses.
        flowed: write the text as format=flowed (RFC 3676).
    """

    from_: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    date: datetime = field(kw_only=True)
    message_id: str = field(kw_only=True)
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    html: str | None = None
    inline: tuple[OutgoingPart, ...] = ()
    attachments: tuple[OutgoingPart, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    flowed: bool = True

    @property
    def recipients(self) -> tuple[Address, ...]:
        return self.to + self.cc + self.bcc
