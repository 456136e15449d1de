"""Which quoted lines of a plain-text message are folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from qtmail.mime.text import FOLD_LINES, quote_levels

SIGNATURE_MARK = "-- "
"""The line a signature begins with (RFC 3676 section 4.3)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that belong together: what the sender wrote, or what was quoted. Each line has its depth of
    quoting.
    """

    lines: tuple[tuple[int, str], ...]

    @property
    def quoted(self) -> bool:
        return self.lines[0][0] > 0

    @property
    def foldable(self) -> bool:
        return self.quoted and len(self.lines) > FOLD_LINES


def passages(text: str) -> list[Passage]:
    """The passages of a plain text, in order."""
    return [Passage(tuple(lines)) for _, lines in groupby(quote_levels(text), key=lambda line: line[0] > 0)]


def folded_at_first(text_passages: Sequence[Passage]) -> frozenset[int]:
    """The numbers of the passages that start folded: a long quote that nothing is written below.

    A long quote above an answer is what the answer is about, and starts open.
    """
    written = [number for number, passage in enumerate(text_passages) if _says_something(passage)]
    last_written = written[-1] if written else -1
    return frozenset(
        number
        for number, passage in enumerate(text_passages)
        if passage.foldable and number > last_written and written
    )


def _says_something(passage: Passage) -> bool:
    """Whether the sender wrote it for this message; a signature alone does not count."""
    first_line = next((line for _, line in passage.lines if line.strip()), SIGNATURE_MARK)
    return not passage.quoted and first_line != SIGNATURE_MARK
