"""From what a person wrote to the message that is built: the one place that decides what goes out.

Re-sent messages (RFC 5322 section 3.6.6) are not built at all: `resent_message` puts new fields on top.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape, unescape

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, DraftAttachment
from qtmail.domain.identity import Identity
from qtmail.errors import MessageUnsendable
from qtmail.mime.header_writer import address_field, date_field, message_id_field
from qtmail.mime.headers import parse_addresses
from qtmail.mime.html_text import html_to_text
from qtmail.mime.outgoing import OutgoingMessage, OutgoingPart
from qtmail.mime.quote_markup import document
from qtmail.mime.quoting import picture_references, quote_inline
from qtmail.mime.reminders import Reminder, reminders
from qtmail.mime.reopening import DRAFT_FIELD, TYPED_FIELDS, composition_from_message
from qtmail.mime.sendable import address_fault, new_message_id, shown

__all__ = [
    "DRAFT_FIELD",
    "Reminder",
    "composition_from_message",
    "outgoing_message",
    "reminders",
    "resent_message",
    "text_alternative",
]

_LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_IMAGE = re.compile(r'<img\b[^>]*?\balt="([^"]+)"[^>]*>')
_DASHES = re.compile(r"^--$", re.MULTILINE)
_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")

OpenSource = Callable[[DraftAttachment], Iterator[bytes]]
"""Yields the content of an attachment in pieces; raises FileFailed where it is gone."""


def outgoing_message(
    composition: Composition,
    identity: Identity,
    *,
    date: datetime,
    open_source: OpenSource,
    draft: bool = False,
    extra: tuple[tuple[str, str], ...] = (),
) -> OutgoingMessage:
    """The message as it is sent, or as a draft of it is kept on the server.

    Args:
        date: aware; its zone is the one that is written.
        draft: recipients may be missing or half-typed; these are kept in fields of our own.
        extra: further header fields, as DRAFT_FIELD.

    Raises:
        MessageUnsendable: it has no recipient, no sender, or an address that is none; never for a draft.
    """
    people = _People.of(composition, identity)
    if not draft:
        _check(people, identity)
    html = document(composition.body, composition.quote) if composition.rich else None
    inline, attachments = _split_parts(composition)

    def part(attachment: DraftAttachment) -> OutgoingPart:
        return OutgoingPart(
            attachment.filename,
            attachment.content_type,
            attachment.size,
            attachment.content_id if attachment in inline else "",
            open=partial(open_source, attachment),
        )

    return OutgoingMessage(
        from_=identity.sender if _is_fine(identity.sender) else Address(identity.name, ""),
        to=_sendable(people.to),
        cc=_sendable(people.cc),
        bcc=_sendable(people.bcc),
        reply_to=_sendable(people.reply_to),
        subject=composition.subject,
        date=date,
        message_id=composition.message_id or new_message_id(identity.address),
        in_reply_to=composition.in_reply_to,
        references=composition.references,
        text=text_alternative(composition),
        html=html,
        inline=tuple(map(part, inline)),
        attachments=tuple(map(part, attachments)),
        extra=(*_receipt_field(composition, identity), *people.half_typed(), *extra),
    )


# Recipients


@dataclass(frozen=True, slots=True)
class _People:
    """Everybody a header names, as typed."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]

    @classmethod
    def of(cls, composition: Composition, identity: Identity) -> _People:
        reply_to = composition.reply_to or parse_addresses(identity.reply_to)
        return cls(composition.to, composition.cc, composition.bcc, reply_to)

    @property
    def recipients(self) -> tuple[Address, ...]:
        return self.to + self.cc + self.bcc

    def half_typed(self) -> tuple[tuple[str, str], ...]:
        """What cannot stand in To, Cc or Bcc, in fields of our own; only drafts have any."""
        lists = zip(TYPED_FIELDS, (self.to, self.cc, self.bcc), strict=True)
        return tuple((name, str(one)) for name, people in lists for one in people if not _is_fine(one))


def _is_fine(person: Address) -> bool:
    """Whether mail can be sent there; a group without members receives none, and does no harm."""
    return not address_fault(person.address) or (bool(person.name) and not person.address)


def _sendable(people: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(filter(_is_fine, people))


def _check(people: _People, identity: Identity) -> None:
    if fault := address_fault(identity.address):
        raise MessageUnsendable(
            f"Mail cannot be sent from “{shown(identity.address)}”.",
            advice=f"{fault} Correct it in the settings of this identity, or choose another one.",
        )
    for person in (*people.recipients, *people.reply_to):
        if not _is_fine(person):
            raise MessageUnsendable(
                f"“{shown(str(person))}” is not an address that mail can be sent to.",
                advice=f"{address_fault(person.address)} Correct it, or take it out.",
            )
    if not any(person.address for person in people.recipients):
        raise MessageUnsendable(
            "The message has no recipient.", advice="Enter an address in To, Cc or Bcc, and send it again."
        )


def _receipt_field(composition: Composition, identity: Identity) -> tuple[tuple[str, str], ...]:
    """The request for a read receipt (RFC 8098 section 2.1)."""
    asked = composition.request_receipt and not address_fault(identity.address)
    return (("Disposition-Notification-To", identity.address),) if asked else ()


# Text and parts


def text_alternative(composition: Composition) -> str:
    """The message as plain text: what was typed, then the quote with `> ` marks."""
    body = _body_text(composition.body) if composition.rich else composition.body
    if composition.quote is None:
        return body
    quote = quote_inline(composition.quote, rich=False)
    return "\n\n".join(text for text in (body.rstrip("\n"), quote) if text)


def _body_text(html: str) -> str:
    """The text of simple HTML, with the addresses of links and the descriptions of pictures."""
    text = html_to_text(_LINK.sub(_spelled_out, _IMAGE.sub(r"[\1]", html)))
    # A signature is known by the space behind its dashes (RFC 3676 section 4.3), which layout takes away.
    return _DASHES.sub("-- ", text)


def _spelled_out(link: re.Match[str]) -> str:
    address, shown_text = unescape(link[1]).strip(), html_to_text(link[2])
    same = address.removeprefix("mailto:").rstrip("/") in (shown_text.rstrip("/"), f"http://{shown_text}")
    return link[2] if same or not address else f"{link[2]} &lt;{escape(address)}&gt;"


def _split_parts(composition: Composition) -> tuple[list[DraftAttachment], list[DraftAttachment]]:
    """The pictures that the HTML shows, and the files to attach.

    A picture that was taken out of the text, or went with the quote, is not sent. In plain text, which shows
    none, pictures that were put in are attached; those of the quote are left out as in any text quote.
    """
    pictures = [one for one in composition.attachments if one.inline]
    files = [one for one in composition.attachments if not one.inline]
    if not pictures:
        return [], files
    quoted = picture_references(composition.quote.html) if composition.quote else set()
    if not composition.rich:
        return [], files + [one for one in pictures if one.content_id not in quoted]
    shown_ids = quoted | picture_references(composition.body)
    return [one for one in pictures if one.content_id in shown_ids], files


# Re-sending


def resent_message(
    raw: Iterable[bytes], composition: Composition, identity: Identity, *, date: datetime
) -> Iterator[bytes]:
    """A message as it is, below new Resent- fields. Its envelope is that of `outgoing_message`.

    Yields pieces as `raw` has them. Bcc recipients are named nowhere (RFC 5322 section 3.6.3). Line ends
    become CRLF, for servers take no others; the line with which mbox files begin a message goes.

    Raises:
        MessageUnsendable: as `outgoing_message`; before anything is yielded.
    """
    people = _People.of(composition, identity)
    _check(people, identity)
    fields = (
        b"Resent-" + date_field(date),
        address_field("Resent-From", [identity.sender]),
        address_field("Resent-To", people.to),
        address_field("Resent-Cc", people.cc),
        b"Resent-" + message_id_field(composition.message_id or new_message_id(identity.address)),
    )
    return _with_crlf(b"".join(fields), raw)


def _with_crlf(fields: bytes, raw: Iterable[bytes]) -> Iterator[bytes]:
    yield fields
    pieces = iter(raw)
    held = _without_mbox_line(next(pieces, b""))
    for piece in pieces:
        # A CR at the end is held back until it is known whether an LF follows.
        keep = held.endswith(b"\r")
        yield _BARE_LINE_END.sub(b"\r\n", held[:-1] if keep else held)
        held = b"\r" + piece if keep else piece
    yield _BARE_LINE_END.sub(b"\r\n", held)


def _without_mbox_line(piece: bytes) -> bytes:
    return piece.partition(b"\n")[2] if piece.startswith((b"From ", b">From ")) else piece
