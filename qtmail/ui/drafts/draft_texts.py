"""What a list says of a draft, and its text for those who want to know it again."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from qtmail.domain.composition import Composition, Draft
from qtmail.mime.html_text import html_to_text
from qtmail.ui.shared.dates import long_date

_NAMED = 3
_BEGINNING = 160
"""Characters of the beginning of a text."""


def draft_subject(composition: Composition) -> str:
    return composition.subject or _words("(no subject)")


def draft_recipients(composition: Composition) -> str:
    """Whom it is addressed to, as people are called: "Ann, Bob and 4 more"."""
    labels = [one.label for one in composition.recipients]
    if not labels:
        return _words("(no recipient yet)")
    named, more = ", ".join(labels[:_NAMED]), len(labels) - _NAMED
    return _words("{names} and {count:,} more").format(names=named, count=more) if more > 0 else named


def draft_text(composition: Composition) -> str:
    """What was written, as plain text, and what it quotes."""
    written = html_to_text(composition.body) if composition.rich else composition.body
    quote = composition.quote
    return f"{written.rstrip()}\n\n{quote.attribution}\n{quote.text}".strip() if quote else written


@lru_cache(maxsize=256)
def draft_beginning(composition: Composition) -> str:
    """The first words of what was written, in one line."""
    # Twenty times what is shown: markup is longer than text, and a long letter is not worth reading whole.
    piece = composition.body[: 20 * _BEGINNING]
    written = html_to_text(piece) if composition.rich else piece
    words = " ".join(written.split())
    return words[:_BEGINNING] or _words("(nothing written yet)")


def saved_at(seconds: int) -> str:
    """When something was saved, with the time of day."""
    return long_date(datetime.fromtimestamp(seconds, UTC))


def saved_at_second(seconds: int) -> str:
    """The same to the second: versions follow each other quickly."""
    local = datetime.fromtimestamp(seconds, UTC).astimezone()
    return f"{saved_at(seconds)}:{local:%S}"


def described(draft: Draft) -> str:
    """A draft in one sentence, for a screen reader."""
    words = _words("To {names}: {subject}, saved {when}")
    composition = draft.composition
    return words.format(
        names=draft_recipients(composition), subject=draft_subject(composition), when=saved_at(draft.saved_at)
    )


def _words(text: str) -> str:
    return QCoreApplication.translate("Drafts", text)
