"""How what a person types is compared with names and addresses: case and accents do not count.

A word typed in letters fits where a word begins ("ber" fits "Anna Berg", "anna.berg@…" and "Bernd"). Chinese,
Japanese and Korean are written without spaces, so a word typed in them fits anywhere ("小明" fits "王小明").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_PLAIN_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip
"""Letters that Unicode does not take apart into a base letter and an accent."""
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD_START = re.compile(r"(?<![^\W_])[^\W_]")
_AROUND_WORD = "\"'<>(),;:[]"


def fold(text: str) -> str:
    """The text as it is compared: lower case, without accents, wide forms narrow."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join([char for char in decomposed if not unicodedata.combining(char)]).translate(_PLAIN_LETTERS)


def typed_words(typed: str) -> list[str]:
    """The words of what was typed, folded, without the punctuation around them."""
    words = (word.strip(_AROUND_WORD) for word in fold(typed).split())
    return [word for word in words if word]


def fits_anywhere(word: str) -> bool:
    """Whether a folded word also fits in the middle of one, as words do in scripts without spaces."""
    return _EAST_ASIAN.search(word) is not None


def word_tails(text: str) -> Iterator[str]:
    """A text without white space from the beginning of each of its words: "a.b@c" → "a.b@c", "b@c", "c"."""
    return (text[match.start() :] for match in _WORD_START.finditer(text))


def matched_ranges(text: str, typed: str) -> list[tuple[int, int]]:
    """Which characters of a name or an address fit what was typed: (start, end) in order, not overlapping."""
    folded, origins = _fold_with_origins(text)
    marked: list[tuple[int, int]] = []
    for word in typed_words(typed):
        at = _find_word(folded, word)
        if at >= 0:
            marked.append((origins[at], origins[at + len(word) - 1] + 1))
    return _merged(sorted(marked))


def _fold_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the index of the one it came from."""
    pieces = [fold(char) for char in text]
    return "".join(pieces), [index for index, piece in enumerate(pieces) for _ in piece]


def _find_word(folded: str, word: str) -> int:
    at = folded.find(word)
    anywhere = fits_anywhere(word)
    while at > 0 and folded[at - 1].isalnum() and not anywhere:
        at = folded.find(word, at + 1)
    return at


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
