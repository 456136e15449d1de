"""What a person is writing: everything a composer holds, as plain values that a draft can keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from qtmail.domain.address import Address


class OriginKind(StrEnum):
    """What a composition does to the message it came from, which is marked once it has been sent."""

    ANSWERED = "answered"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Origin:
    """The message that is answered or forwarded, named by what outlives the cache (see Operation)."""

    kind: OriginKind
    account_id: int
    folder: bytes
    uid_validity: int
    uid: int


class QuoteKind(StrEnum):
    REPLY = "reply"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Quote:
    """The original under a reply or in a forward: sealed, it goes out as it is.

    Attributes:
        kind: whether it is quoted below an attribution line or below a block of header lines.
        attribution: plain text above it; one line for a reply, several for a forward.
        html: the sanitised original; never edited, never parsed by an editor. Images of it that travel along
            are attachments of the composition with the Content-ID it names.
        text: the original as text, for the text alternative; without ">" marks.
    """

    kind: QuoteKind
    attribution: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class FileSource:
    """Content that stays in a file of the user's until the message is queued.

    Attributes:
        path: absolute.
        modified_ns: st_mtime_ns when it was attached; a file changed since is attached as it is then, and the
            composer says so.
    """

    path: str
    modified_ns: int


@dataclass(frozen=True, slots=True)
class StoredSource:
    """Content kept in `user.db` (pasted, forwarded, or from a draft on the server)."""

    blob_id: int


ContentSource: TypeAlias = FileSource | StoredSource


@dataclass(frozen=True, slots=True)
class DraftAttachment:
    """A file or picture of a composition.

    Attributes:
        filename: as recipients are to see it.
        content_type: lower case `type/subtype`.
        size: bytes before transfer encoding.
        source: where its content is.
        content_id: without angle brackets; the name under which the text or the quote shows it. "" for one
            that is only attached.
    """

    filename: str
    content_type: str
    size: int
    source: ContentSource
    content_id: str = ""

    @property
    def inline(self) -> bool:
        return bool(self.content_id)


@dataclass(frozen=True, slots=True)
class Composition:
    """A message being written.

    Recipients may be wrong or half-typed: what cannot be read as an address is kept as
    `Address("", what was typed)`, so that no text is ever lost.

    Attributes:
        identity_id: who writes; 0: the first identity there is.
        rich: whether `body` is an HTML fragment of our own writing, or plain text.
        body: what was typed, the signature included, the sealed quote not.
        message_id: without angle brackets; fixed when the draft is made, so that copies can be told.
        in_reply_to, references: Message-IDs without angle brackets.
        origin: the message to be marked once this one is sent.
        request_receipt: ask the reader's program for a read receipt (RFC 8098).
        request_delivery: ask the servers for delivery reports (RFC 3461).
        send_at: seconds since the epoch; None: as soon as it is sent.
        resent: the message as it was, to be sent on unchanged under new Resent- fields (RFC 5322 section
            3.6.6); body, subject and attachments are then only for show. None for all other compositions.
    """

    identity_id: int = 0
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    rich: bool = True
    body: str = ""
    quote: Quote | None = None
    attachments: tuple[DraftAttachment, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    origin: Origin | None = None
    request_receipt: bool = False
    request_delivery: bool = False
    send_at: int | None = None
    resent: StoredSource | None = None

    @property
    def recipients(self) -> tuple[Address, ...]:
        return self.to + self.cc + self.bcc


@dataclass(frozen=True, slots=True)
class ServerCopy:
    """A copy of a draft in a folder of the server."""

    account_id: int
    folder: bytes
    uid_validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A composition as it is kept in `user.db`.

    Attributes:
        revision: counts the versions saved; 1 is the first.
        saved_at, created_at: seconds since the epoch.
        is_open: a composer shows it, or did when the program ended without warning.
        outbox_item_id: the outbox item it was queued as; it comes back if that is cancelled. None: a draft.
        mirrored_revision: the revision the server's Drafts folder holds; 0 for none.
    """

    id: int
    composition: Composition
    revision: int
    created_at: int
    saved_at: int
    is_open: bool = False
    outbox_item_id: int | None = None
    mirrored_revision: int = 0


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """One saved state of a draft; the latest few are kept."""

    revision: int
    saved_at: int
    composition: Composition


class AnswerKind(StrEnum):
    """How a new composition comes from a message that is there."""

    REPLY = "reply"
    REPLY_ALL = "reply-all"
    REPLY_LIST = "reply-list"
    FORWARD = "forward"
    FORWARD_ATTACHED = "forward-attached"
    REDIRECT = "redirect"
    EDIT_AS_NEW = "edit-as-new"
    OPEN_DRAFT = "open-draft"
