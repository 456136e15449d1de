"""Answers and forwards: from a message that is read to the composition a person goes on with. All pure.

Pictures and files of the original are not in the composition yet: `Prepared.carried` names the parts whose
content the caller stores and adds to its attachments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from qtmail.domain.composition import Composition, Origin, Quote, QuoteKind
from qtmail.domain.identity import Identity
from qtmail.mime.addressees import addressees, list_address, writer
from qtmail.mime.html import html_to_text, sanitise
from qtmail.mime.message import Attachment, ParsedMessage
from qtmail.mime.quoting import (
    ENGLISH,
    Carried,
    Words,
    attribution,
    header_block,
    quote_inline,
    with_pictures,
    without_signature,
)
from qtmail.mime.reopening import composition_from_message, without_thread
from qtmail.mime.subjects import forward_subject, reply_subject
from qtmail.mime.tree import message_file_name

__all__ = [
    "Carried",
    "Prepared",
    "edit_as_new",
    "forward_attached",
    "forward_inline",
    "list_address",
    "redirect",
    "reply",
]

_SIGNATURES = frozenset({
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
})  # fmt: skip
"""Not carried by a forward: they sign bytes that will not be there."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A composition and the parts of the original that are to be stored and attached to it.

    Attributes:
        resend: the one part carried is the whole message; it becomes `Composition.resent`, not an attachment.
    """

    composition: Composition
    carried: tuple[Carried, ...] = ()
    resend: bool = False


def reply(
    message: ParsedMessage,
    identities: Sequence[Identity],
    *,
    to_all: bool,
    origin: Origin | None,
    to_list: bool = False,
    selection: str = "",
    selection_html: str = "",
    rich: bool = True,
    words: Words = ENGLISH,
    zone: tzinfo | None = None,
) -> Prepared:
    """An answer, from the identity the message was written to, with the original quoted.

    Args:
        to_list: to the mailing list it came over, if that takes mail (RFC 2369).
        selection, selection_html: quote only this, as text or as HTML of the view.
        rich: write it as rich text. In plain text an HTML original is quoted as text that can be edited.
        zone: the writer's; None for the system's.
    """
    to = addressees(message, identities, to_all=to_all, to_list=to_list)
    composition = replace(
        _begin(message, identities, origin, rich),
        to=to.to,
        cc=to.cc,
        subject=reply_subject(message.envelope.subject),
        in_reply_to=message.envelope.message_id,
        references=_references(message),
    )
    line = attribution(message.envelope, words, zone)
    if selection_html and rich:
        return _sealed(
            composition, message, Quote(QuoteKind.REPLY, line, sanitise(selection_html), selection)
        )
    if selection or message.html is None or not rich:
        text = selection or without_signature(message.text)
        return Prepared(_with_editable_quote(composition, Quote(QuoteKind.REPLY, line, "", text.strip("\n"))))
    return _sealed(composition, message, Quote(QuoteKind.REPLY, line, message.html, message.text))


def forward_inline(
    message: ParsedMessage,
    identities: Sequence[Identity],
    origin: Origin | None,
    *,
    rich: bool = True,
    words: Words = ENGLISH,
    zone: tzinfo | None = None,
) -> Prepared:
    """A forward with the original sealed below a block of its header lines, and with all its attachments.

    In plain text, which shows no pictures, those of the original are attached like files.
    """
    lines = header_block(message.envelope, words, zone)
    quote = Quote(QuoteKind.FORWARD, lines, (message.html or "") if rich else "", message.text)
    prepared = _sealed(_begin_forward(message, identities, origin, rich), message, quote)
    shown = {one.part for one in prepared.carried}
    files = (_carried(item) for item in message.attachments if item.section not in shown)
    carried = prepared.carried + tuple(one for one in files if one.content_type not in _SIGNATURES)
    return replace(prepared, carried=carried)


def forward_attached(
    message: ParsedMessage,
    identities: Sequence[Identity],
    origin: Origin | None,
    *,
    size: int,
    rich: bool = True,
) -> Prepared:
    """A forward with the whole original as an attached message, called by its subject.

    `size`: bytes of the raw original.
    """
    name = message_file_name(message.envelope.subject)
    whole = Carried("", name, "message/rfc822", size)
    return Prepared(_begin_forward(message, identities, origin, rich), (whole,))


def redirect(
    message: ParsedMessage, identities: Sequence[Identity], origin: Origin | None, *, size: int
) -> Prepared:
    """The original to be sent on as it is (RFC 5322 section 3.6.6): body and subject are only for show.

    `size`: bytes of the raw original.
    """
    composition = replace(
        _begin(message, identities, origin, rich=False),
        subject=message.envelope.subject,
        body=message.text,
    )
    whole = Carried("", message_file_name(message.envelope.subject), "message/rfc822", size)
    return Prepared(composition, (whole,), resend=True)


def edit_as_new(
    message: ParsedMessage, identities: Sequence[Identity], origin: Origin | None = None
) -> Prepared:
    """The message once more, to be changed and sent: its recipients, text and files, but not its place in a
    thread.
    """
    composition, carried = composition_from_message(
        message, identities, account_id=origin.account_id if origin else None
    )
    return Prepared(without_thread(composition), tuple(carried))


def _begin(
    message: ParsedMessage, identities: Sequence[Identity], origin: Origin | None, rich: bool
) -> Composition:
    identity = writer(message, identities, origin.account_id if origin else None)
    return Composition(identity_id=identity.id if identity else 0, rich=rich, origin=origin)


def _begin_forward(
    message: ParsedMessage, identities: Sequence[Identity], origin: Origin | None, rich: bool
) -> Composition:
    """Forwards name the original in References only, so that one's own copy stays in the thread."""
    subject = forward_subject(message.envelope.subject)
    begun = _begin(message, identities, origin, rich)
    return replace(begun, subject=subject, references=_references(message))


def _sealed(composition: Composition, message: ParsedMessage, quote: Quote) -> Prepared:
    """The quote under the composition, with the pictures it shows."""
    html, carried = with_pictures(quote.html, message.attachments) if quote.html else ("", ())
    text = quote.text or html_to_text(html)
    return Prepared(replace(composition, quote=replace(quote, html=html, text=text)), carried)


def _with_editable_quote(composition: Composition, quote: Quote) -> Composition:
    """The quote as text of the body, below two empty lines: one to write on, one to part them."""
    if not quote.text.strip():
        return composition
    text = quote_inline(quote, rich=composition.rich)
    if not composition.rich:
        return replace(composition, body=f"\n\n{text}\n")
    body = f"<p><br><br>{text.removeprefix('<p>')}" if text.startswith("<p>") else f"<p><br></p>{text}"
    return replace(composition, body=body)


def _carried(item: Attachment) -> Carried:
    return Carried(item.section, item.filename, item.content_type, item.size)


def _references(message: ParsedMessage) -> tuple[str, ...]:
    """RFC 5322 section 3.6.4: those of the original, or what it answers, then the original itself.

    Very long threads are cut where the field is written (`header_writer.id_field`).
    """
    envelope = message.envelope
    ancestors = envelope.references or (envelope.in_reply_to,)
    return tuple(one for one in dict.fromkeys((*ancestors, envelope.message_id)) if one)
