"""Header bytes to Unicode before any syntax is looked at."""

from __future__ import annotations

import re

from qtmail.mime import charset
from qtmail.mime.charset_guess import guess, is_utf8, utf8_by_chance
from qtmail.mime.iso2022 import decode_iso2022_jp, looks_like_iso2022

_ENCODED_WORD = re.compile(rb"=\?[^?\s]{1,60}\?[BbQq]\?[^?\s]*\?=")
_FOLDS = re.compile(rb"(?:\r*\n|\r)+(?=[ \t])|[\r\n]+")
_SPACE_IN_CHARACTER = re.compile(rb"(?<=[\x80-\xff])[ \t](?=[\x80-\xbf])")
"""What remains of a fold in the middle of a UTF-8 character."""
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_SPACES = re.compile("[ \t\x85\u2028\u2029]+")
_INVISIBLE = re.compile("[\u200b\ufeff\u202a-\u202e\u2066-\u2069]")


def raw_text(value: bytes, fallback: str | None = None) -> str:
    """A field value as text, unfolded, its encoded words still encoded. Raw 8-bit text is recognised or
    guessed.

    `fallback` is the charset the body declares: raw headers are mostly written in the same.
    """
    if b"\n" in value or b"\r" in value:
        value = _FOLDS.sub(b"", value)
    if value.isascii():
        if b"\x1b" in value and looks_like_iso2022(value):
            return decode_iso2022_jp(value)
        return value.decode("ascii")
    if is_utf8(value) and not utf8_by_chance(value):
        return value.decode("utf-8", "replace")
    mended = _SPACE_IN_CHARACTER.sub(b"", value)
    if mended != value and is_utf8(mended):
        return mended.decode("utf-8", "replace")
    return charset.decode_lenient(value, guess(_ENCODED_WORD.sub(b" ", value), fallback))


def clean_line(text: str) -> str:
    """One line fit for a list or a window: control characters out, runs of white space to single spaces.

    The wide space of Chinese and Japanese text and the no-break space stay: they were written on purpose.
    """
    if text.isprintable():  # so that the only white space in it are plain spaces
        return " ".join(text.split()) if "  " in text else text.strip()
    if _CONTROLS.search(text):
        text = _CONTROLS.sub(" ", text)
    return _SPACES.sub(" ", text).strip()


def without_direction_tricks(text: str) -> str:
    """Without the invisible characters that turn the direction of text and so disguise a name."""
    return _INVISIBLE.sub("", text)
