"""Subjects within a sentence: short, and without turning it round where they run from right to left."""

from __future__ import annotations

import unicodedata

LONGEST = 60
"""Characters of a subject that a sentence shows."""

# Unicode Standard Annex 9: first strong isolate, pop directional isolate.
_ISOLATE = "\u2068{}\u2069"


def short_subject(subject: str) -> str:
    """`subject` as one part of a sentence."""
    words = " ".join(subject.split())
    short = words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"
    return _ISOLATE.format(short) if any(map(_runs_left, short)) else short


def _runs_left(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
