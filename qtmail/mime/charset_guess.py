"""Which charset unlabelled 8-bit text is in.

chardet's statistics decide, within the charsets that mail was ever written in. Subjects and names are short,
so that a few plain observations go before or after them:

* Kana has a range of bytes of its own in Shift-JIS and EUC-JP that hardly anything else uses.
* Single high bytes among plain letters are accents of a Latin script, whatever statistics say of two letters.
* UTF-8 that yields nothing but stray combining marks is GBK (`通知` is valid UTF-8 by chance).
"""

from __future__ import annotations

import re
import unicodedata

import chardet

from qtmail.mime.charset_labels import codec_for
from qtmail.mime.iso2022 import looks_like_iso2022

_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1258", "iso8859-2")
_CANDIDATES = (
    *("gb18030", "big5hkscs", "cp932", "shift_jis_2004", "euc_jis_2004", "cp949", "euc_kr"),
    *("koi8-r", "koi8-u", "cp1251", "cp866", "iso8859-5", "cp1253", "cp1255", "cp1256", "cp874"),
    *_LATIN,
)
_WEAK_HINTS = frozenset({"ascii", "utf-8", "utf-7", "cp1252", "iso8859-15", "iso2022_jp", "iso2022_kr", "hz"})
_SAMPLE_BYTES = 16 * 1024
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_ACCENT = re.compile(rb"(?<=[A-Za-z])[\xc0-\xff](?![\x80-\xff])|(?<![\x80-\xff])[\xc0-\xff](?=[A-Za-z])")
_TURKISH_ONLY = frozenset("ğışĞİŞ".encode("cp1254"))
_TURKISH = _TURKISH_ONLY | frozenset("çöüâîûÇÖÜÂÎÛ".encode("cp1254"))


def is_utf8(data: bytes) -> bool:
    """Whether `data` is valid UTF-8; a character cut off at the very end is forgiven among others."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return (
            error.reason == "unexpected end of data" and error.start - len(data[: error.start].decode()) >= 4
        )
    return True


def fits(data: bytes, codec: str) -> bool:
    """Whether `data` is valid in a charset."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def guess(data: bytes, hint: str | None = None) -> str:
    """The codec that most likely wrote `data`, which has bytes above 127; `hint` comes before statistics."""
    data = data[:_SAMPLE_BYTES]
    if is_utf8(data) and not utf8_by_chance(data):
        return "utf-8"
    codec = codec_for(hint) if hint else None
    if codec and codec not in _WEAK_HINTS and fits(data, codec):
        return codec
    if looks_like_iso2022(data):
        return "iso2022_jp"
    if japanese := _japanese(data):
        return japanese
    if _is_latin(data):
        return _latin(data)
    return _detect(data, _CANDIDATES)


def _detect(data: bytes, candidates: tuple[str, ...]) -> str:
    found = chardet.detect(
        data,
        compat_names=False,
        prefer_superset=True,
        include_encodings=candidates,
        no_match_encoding="cp1252",
    )["encoding"]
    return codec_for((found or "").replace("euc_jis_2004", "euc_jp")) or "cp1252"


def utf8_by_chance(data: bytes) -> bool:
    """Whether short text, read as UTF-8, is mostly characters that cannot stand alone."""
    text = [char for char in data.decode("utf-8", "ignore") if char >= "\x80"]
    if len(text) > 12 or any(char >= "\u0800" for char in text):
        return False
    stray = sum(1 for char in text if unicodedata.category(char) in ("Mn", "Me", "Cn", "Cc"))
    return stray * 2 > len(text) and fits(data, "gb18030")


def _japanese(data: bytes) -> str | None:
    """Shift-JIS or EUC-JP, where at least a third of the text is kana in one of them."""
    for codec in ("cp932", "euc_jp"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        kana = sum(1 for char in text if "\u3041" <= char <= "\u30fe")
        if kana and kana * 3 >= sum(1 for char in text if char >= "\x80"):
            return codec
    return None


def _is_latin(data: bytes) -> bool:
    """Whether most runs of high bytes are one letter long and touch a plain letter.

    Only bytes from 0xC0 on are letters; below stand the lead bytes of Big5 and Shift-JIS characters whose
    second byte looks like a plain letter.
    """
    runs = len(_HIGH_RUN.findall(data))
    return len(_ACCENT.findall(data)) * 2 > runs


def _latin(data: bytes) -> str:
    """Western unless there is good evidence for another: it is by far the commonest."""
    found = _detect(data, _LATIN)
    high = {byte for byte in data if byte >= 0x80}
    if found == "cp1252" and high <= _TURKISH and len(high & _TURKISH_ONLY) > 1:
        return "cp1254"
    if found in ("cp1257", "cp1258", "cp1254", "iso8859-2") and sum(data.count(byte) for byte in high) < 3:
        return "cp1252"
    return found
