"""How the user likes to write: what a composer takes up from the one before, and what is remembered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from qtmail.domain.composition import Composition, QuoteKind
from qtmail.mime.html import html_to_text
from qtmail.mime.quoting import quote_inline


class RemembersHabits(Protocol):
    """Where habits are kept.

    Attributes:
        write_plain: new messages are plain text.
        one_width: plain text shows in letters of one width.
        text_zoom: how large the text shows; 1.0 is its own size.
        composer_size: width and height of a composer window, in pixels; (0, 0) where none is known.
    """

    write_plain: bool
    one_width: bool
    text_zoom: float
    composer_size: tuple[int, int]


@dataclass
class Habits:
    """Habits that last as long as the program does."""

    write_plain: bool = False
    one_width: bool = False
    text_zoom: float = 1.0
    composer_size: tuple[int, int] = (0, 0)


def in_plain_text(composition: Composition) -> Composition:
    """A composition that has just begun, as plain text with the original quoted in it.

    Pictures of a forwarded original become attachments; an answer does not carry them back.
    """
    if not composition.rich or composition.resent is not None:
        return composition
    quote, attachments = composition.quote, composition.attachments
    parts = [html_to_text(composition.body).strip("\n")]
    if quote is not None:
        parts.append(quote_inline(quote, rich=False))
        if quote.kind is QuoteKind.REPLY:
            attachments = tuple(one for one in attachments if not one.inline)
    text = "\n\n".join(part for part in parts if part)
    attachments = tuple(replace(one, content_id="") for one in attachments)
    return replace(
        composition,
        rich=False,
        body=f"\n\n{text}\n" if text else "",  # lines to write on, above what is there
        quote=None,
        attachments=attachments,
    )
