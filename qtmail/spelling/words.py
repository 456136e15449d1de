"""Which words of a text are to be checked.

Not: web and mail addresses, paths, words with digits or underscores, quoted lines, and scripts that are
written without spaces between words, or that no chosen dictionary is for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST = 60
"""Characters; nothing longer is a word of a language (and Hunspell refuses 100 bytes)."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W\d_{_UNSPACED}]"
_WORDISH = rf"[^\W{_UNSPACED}]"
_WORD = rf"{_LETTER}+(?:['’\u00ad\u0300-\u036f]+{_LETTER}+)*[\u0300-\u036f]*"
_TOKEN = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.|mailto:)\S+"
    r"|[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}"
    r"|(?<!\S)(?:[a-z]:\\|~?/|\.{1,2}/)\S+"
    rf"|{_WORDISH}*[\d_]{_WORDISH}*"
    rf"|({_WORD})",
    re.IGNORECASE,
)
"""Only the last alternative, a word, is a group; the others are what is passed over."""
_QUOTED = re.compile(r"\s*>")
_SCRIPTS = {
    "CYRILLIC": ("ru", "uk", "be", "bg", "mk", "sr", "kk", "mn", "ky", "tg"),
    "GREEK": ("el", "grc"),
    "HEBREW": ("he", "yi"),
    "ARABIC": ("ar", "fa", "ur", "ug"),
    "DEVANAGARI": ("hi", "mr", "ne", "sa"),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka",),
    "BENGALI": ("bn",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "GUJARATI": ("gu",),
    "KANNADA": ("kn",),
    "MALAYALAM": ("ml",),
}
_ALSO_LATIN = ("sr", "kk", "ug")


class Word(NamedTuple):
    """A word and its place in the text, in characters."""

    text: str
    start: int


def words(text: str, *, capitals: bool = False) -> Iterator[Word]:
    """The words of one line that are to be checked; of a quoted line (`> …`) none.

    Args:
        capitals: also words in capitals, which mostly are abbreviations.
    """
    if _QUOTED.match(text):
        return
    for match in _TOKEN.finditer(text):
        word = match[1]
        if word is not None and _is_plain(word, capitals):
            yield Word(word, match.start())


def _is_plain(word: str, capitals: bool) -> bool:
    """Not a single letter, nor an abbreviation (NATO), nor a name of a product (iPhone, GitHub)."""
    if not 1 < len(word) <= LONGEST:
        return False
    if word.islower() or word[1:].islower():
        return True
    return capitals if word.isupper() else not any(char.isupper() for char in word[1:])


def normalised(word: str) -> str:
    """A word as dictionaries write it: composed letters, plain apostrophes, no soft hyphens."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", word).replace("’", "'").replace("\u00ad", "")


def is_written_in(word: str, languages: Iterable[str]) -> bool:
    """Whether one of the languages ("de_DE") is written in the letters of a word."""
    script = _script_of(word[0])
    return any(script in _scripts_of(language.split("_")[0]) for language in languages)


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


@lru_cache(maxsize=256)
def _scripts_of(language: str) -> tuple[str, ...]:
    """Serbian and others are written in two scripts; a language that is not listed is written in Latin."""
    other = tuple(script for script, languages in _SCRIPTS.items() if language in languages)
    return (*other, "LATIN") if not other or language in _ALSO_LATIN else other
