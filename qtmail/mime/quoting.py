"""Quotes: what of an original stands under a reply or in a forward, and the words above it.

An HTML original is sealed: `Quote.html` goes out as the reader sanitised it, and no editor parses it. A text
original becomes text that can be edited, with `> ` marks or <blockquote>s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape, unescape
from urllib.parse import unquote

from qtmail.domain.address import Address
from qtmail.domain.composition import Quote, QuoteKind
from qtmail.domain.message import Envelope
from qtmail.mime.html import sanitise_message
from qtmail.mime.message import Attachment
from qtmail.mime.simple_html import fragment, line_markup, simplified

__all__ = [
    "ENGLISH",
    "Carried",
    "Words",
    "attribution",
    "header_block",
    "picture_references",
    "quote_inline",
    "quoted",
    "with_pictures",
    "without_signature",
]

_SHORT_SIGNATURE = 10
"""Lines from the end in which dashes without the space behind them begin a signature as well."""
_REFERENCE = re.compile(r'\b(src|background|poster)="([^"]*)"')
_CONTENT_ID = re.compile(r"[A-Za-z0-9!#$%*+./=?@^_{|}~-]{1,200}")
"""What can stand in a Content-ID field and, percent-encoded where needed, in a cid: address."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words that are written into a message in the writer's language.

    Attributes:
        wrote: above a quote; {date}, {time} and {name} are filled in.
        wrote_undated: the same for an original without a date.
        date: {day}, {month} and {year} are filled in.
        months: their twelve names.
        forwarded: the line above a forwarded message, put between dashes.
        from_, sent, subject, to, cc: names of the header fields above a forwarded message.
        receipt_subject, receipt: of a read receipt; {subject}, {date} and {reader} are filled in.
    """

    wrote: str = "On {date} at {time}, {name} wrote:"
    wrote_undated: str = "{name} wrote:"
    date: str = "{day} {month} {year}"
    months: tuple[str, ...] = (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    )
    forwarded: str = "Forwarded message"
    from_: str = "From"
    sent: str = "Date"
    subject: str = "Subject"
    to: str = "To"
    cc: str = "Cc"
    receipt_subject: str = "Read: {subject}"
    receipt: str = (
        "Your message “{subject}” ({date}) to {reader} was displayed.\n\n"
        "This does not say that it was read or understood."
    )

    def day(self, when: datetime) -> str:
        return self.date.format(day=when.day, month=self.months[when.month - 1], year=when.year)


ENGLISH = Words()


@dataclass(frozen=True, slots=True)
class Carried:
    """A part of an original that travels along: its content is to be stored and attached.

    Attributes:
        part: the section of the attachment in the original; "" for the whole original, raw.
        content_type: lower case `type/subtype`.
        size: bytes after decoding; an estimate where the part has not been fetched.
        content_id: the name under which the quote or the body shows it, or "".
    """

    part: str
    filename: str
    content_type: str
    size: int
    content_id: str = ""


def attribution(envelope: Envelope, words: Words = ENGLISH, zone: tzinfo | None = None) -> str:
    """The line above a quote: "On 3 May 2026 at 14:05, Ann Lee wrote:".

    `zone`: the writer's; None for the system's.
    """
    name = envelope.from_[0].label if envelope.from_ else ""
    if not name:
        return ""
    if envelope.date is None:
        return words.wrote_undated.format(name=name)
    when = envelope.date.astimezone(zone)
    return words.wrote.format(date=words.day(when), time=f"{when:%H:%M}", name=name)


def header_block(envelope: Envelope, words: Words = ENGLISH, zone: tzinfo | None = None) -> str:
    """The lines above a forwarded message: From, Date, Subject, To and Cc where there are such."""
    when = envelope.date.astimezone(zone) if envelope.date else None
    fields = (
        (words.from_, _people(envelope.from_)),
        (words.sent, f"{words.day(when)} {when:%H:%M %z}" if when else ""),
        (words.subject, envelope.subject),
        (words.to, _people(envelope.to)),
        (words.cc, _people(envelope.cc)),
    )
    lines = [f"{name}: {value}" for name, value in fields if value]
    return "\n".join([f"-------- {words.forwarded} --------", *lines])


def _people(addresses: Sequence[Address]) -> str:
    return ", ".join(str(address) for address in addresses)


def without_signature(text: str) -> str:
    """Text up to its signature (RFC 3676 section 4.3).

    Some programs lose the space behind the dashes. What is nothing but a signature is kept, and so is one
    that a quote follows.
    """
    lines = text.split("\n")
    short = len(lines) - _SHORT_SIGNATURE
    starts = [n for n, line in enumerate(lines) if line == "-- " or (line == "--" and n >= short)]
    if not starts or any(line.startswith(">") for line in lines[starts[-1] :]):
        return text
    return "\n".join(lines[: starts[-1]]).rstrip() or text


def quoted(text: str) -> str:
    """Each line behind a `> `; lines that are quotes already get one level deeper (RFC 3676 section 4.5)."""
    return "\n".join(_quoted_line(line) for line in text.split("\n"))


def _quoted_line(line: str) -> str:
    return f">{line}" if line.startswith(">") or not line else f"> {line}"


def quote_inline(quote: Quote, *, rich: bool) -> str:
    """A sealed quote as text that can be edited: a fragment of simple HTML, or text with `> ` marks.

    A forwarded message is not marked as a quote: it stands below its header lines as it was.
    """
    is_reply = quote.kind is QuoteKind.REPLY
    if not rich:
        text = quoted(quote.text) if is_reply else quote.text
        separator = "\n" if is_reply else "\n\n"
        return separator.join(part for part in (quote.attribution, text) if part)
    above = f"<p>{line_markup(quote.attribution)}</p>" if quote.attribution else ""
    content = simplified(quote.html) if quote.html else fragment(quote.text)
    return f"{above}<blockquote>{content}</blockquote>" if is_reply else above + content


def picture_references(html: str) -> set[str]:
    """The Content-IDs (RFC 2392) and the addresses of all that HTML shows."""
    shown = sanitise_message(html)
    return shown.local.union(shown.remote)


def with_pictures(html: str, attachments: Sequence[Attachment]) -> tuple[str, tuple[Carried, ...]]:
    """Sanitised HTML of an original and the parts of it that it shows, each by a Content-ID.

    Parts that are shown by their Content-Location (RFC 2557), or under a Content-ID that no header field can
    hold, get a Content-ID that is made from their section. All other HTML stays as it is.
    """
    references = picture_references(html)
    renamed: dict[str, str] = {}
    carried: list[Carried] = []
    for item in attachments:
        names = {item.content_id, item.location} & references - {""}
        if not names:
            continue
        keeps = item.content_id in names and _CONTENT_ID.fullmatch(item.content_id)
        content_id = item.content_id if keeps else f"part-{item.section or '1'}@original"
        renamed |= {name: content_id for name in names if name != content_id}
        carried.append(Carried(item.section, item.filename, item.content_type, item.size, content_id))
    return _renamed(html, renamed), tuple(carried)


def _plain_reference(value: str) -> str:
    """The Content-ID or the address that an attribute of sanitised HTML names."""
    address = unescape(value)
    return unquote(address[4:]).strip("<>") if address[:4].lower() == "cid:" else address


def _renamed(html: str, renamed: dict[str, str]) -> str:
    if not renamed:
        return html

    def rename(match: re.Match[str]) -> str:
        content_id = renamed.get(_plain_reference(match[2]))
        return match[0] if content_id is None else f'{match[1]}="cid:{escape(content_id)}"'

    return _REFERENCE.sub(rename, html)
