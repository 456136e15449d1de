"""Messages taken up again: drafts from the server, whoever wrote them, and mail that is edited as new.

Of a draft of ours the sealed quote is recognised and taken off again. In a draft of another program the text
up to the quoted original becomes what is edited. What the editor could not show without loss (tables, remote
pictures) is sealed as a whole instead, below an empty text: nothing is lost, and it can be quoted inline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Quote, QuoteKind
from qtmail.domain.identity import Identity
from qtmail.mime.addressees import header_field, header_fields, writer
from qtmail.mime.html import html_to_text, sanitise
from qtmail.mime.message import ParsedMessage
from qtmail.mime.quote_markup import take_apart
from qtmail.mime.quoting import Carried, with_pictures
from qtmail.mime.simple_html import is_simple, simplified

DRAFT_FIELD = "X-Qtmail-Draft"
"""Marks a draft of ours on a server: "<key> <revision>"."""
TYPED_FIELDS = ("X-Qtmail-Typed-To", "X-Qtmail-Typed-Cc", "X-Qtmail-Typed-Bcc")
"""What was typed as a recipient of a draft and is no address yet, one field each."""

_DRAFT_MARK = re.compile(r"([\w.-]{1,100}) (\d{1,9})")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,250}")
"""What can be sent; a draft with another one gets a new one."""
_FOREIGN_QUOTE = re.compile(
    r'<(?P<tag>div|blockquote)\b[^>]*(?:\bclass="(?:gmail_quote|gmail_quote_container|moz-cite-prefix|'
    r'yahoo_quoted|OutlookMessageHeader|moz-forward-container|qtmail-reply|qtmail-forward)[ "]|'
    r'\bid="(?:appendonsend|divRplyFwdMsg|mail-editor-reference-message-container)"|\btype="cite")[^>]*>'
)
"""Where Gmail, Thunderbird, Yahoo, Outlook and Apple Mail begin the original below an answer."""
_STYLE = re.compile(r"<style>[^<]*</style>")


def draft_mark(message: ParsedMessage) -> tuple[str, int] | None:
    """The key and the revision of a draft of ours; None for any other message."""
    match = _DRAFT_MARK.fullmatch(header_field(message, DRAFT_FIELD.lower()))
    return (match[1], int(match[2])) if match else None


def composition_from_message(
    message: ParsedMessage, identities: Sequence[Identity], *, account_id: int | None = None
) -> tuple[Composition, list[Carried]]:
    """A composition with all that a message says, and the parts of it to be stored and attached.

    Args:
        account_id: the account the message is in; its identities are looked at first.
    """
    envelope = message.envelope
    identity = writer(message, identities, account_id)
    html, pictures = with_pictures(message.html, message.attachments) if message.html else ("", ())
    body, quote = _taken_apart(html) if html else (message.text, None)
    to, cc, bcc = (_typed(message, name) for name in TYPED_FIELDS)
    composition = Composition(
        identity_id=identity.id if identity else 0,
        to=_addresses(envelope.to) + to,
        cc=_addresses(envelope.cc) + cc,
        bcc=_addresses(envelope.bcc) + bcc,
        reply_to=_addresses(envelope.reply_to),
        subject=envelope.subject,
        rich=message.html is not None,
        body=body,
        quote=quote,
        message_id=envelope.message_id if _MESSAGE_ID.fullmatch(envelope.message_id) else "",
        in_reply_to=envelope.in_reply_to,
        references=envelope.references,
        request_receipt=bool(header_field(message, "disposition-notification-to")),
    )
    shown = {one.part for one in pictures}
    files = [
        Carried(item.section, item.filename, item.content_type, item.size)
        for item in message.attachments
        if item.section not in shown
    ]
    return composition, [*pictures, *files]


def _addresses(people: tuple[Address, ...]) -> tuple[Address, ...]:
    return tuple(one for one in people if one.address)


def _typed(message: ParsedMessage, name: str) -> tuple[Address, ...]:
    return tuple(Address("", value) for value in header_fields(message, name.lower()))


def _taken_apart(html: str) -> tuple[str, Quote | None]:
    """The text to be edited and the sealed rest of sanitised HTML."""
    own = take_apart(html)
    if own is not None and is_simple(own[0]):
        return simplified(own[0]), own[1]
    start = _FOREIGN_QUOTE.search(html)
    if start is not None and _is_at_the_end(html[start.start() :]):
        head, tail = _split(html, start.start())
        if is_simple(head):
            return simplified(head), _sealed(tail)
    return (simplified(html), None) if is_simple(html) else ("", _sealed(html))


def _is_at_the_end(tail: str) -> bool:
    """Whether nothing was written below a quote: then all from its beginning on can be sealed."""
    _, end, below = tail.rpartition("</blockquote>")
    return not end or not html_to_text(below).strip()


def _split(html: str, at: int) -> tuple[str, str]:
    """Both halves with their elements closed; the style sheet goes with the second."""
    style = "".join(_STYLE.findall(html))
    return sanitise(_STYLE.sub("", html[:at])), sanitise(style + _STYLE.sub("", html[at:]))


def _sealed(html: str) -> Quote:
    """HTML as it is, without words above it."""
    return Quote(QuoteKind.FORWARD, "", html, html_to_text(html))


def without_thread(composition: Composition) -> Composition:
    """The same text as a message of its own."""
    return replace(composition, message_id="", in_reply_to="", references=(), request_receipt=False)
