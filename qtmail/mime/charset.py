"""From bytes and a charset label that may lie to Unicode.

Labels are mapped to the widest codec that is used under that name (`gb2312` means GB18030, `iso-8859-1` means
Windows-1252, `ks_c_5601-1987` means CP949), as the WHATWG Encoding Standard and every browser do. A label is
believed only as far as the bytes bear it out:

* strict UTF-8 with multi-byte characters wins over any single-byte label, for real text never looks so by
chance;
* a label whose codec refuses the bytes loses to a guess, unless only a few bytes are damaged;
* a Western label over bytes that are hardly Western (runs of high bytes) is checked against a guess.
"""

from __future__ import annotations

import codecs
import re

from qtmail.mime.charset_guess import fits, guess, is_utf8
from qtmail.mime.charset_labels import codec_for
from qtmail.mime.iso2022 import decode_iso2022_jp, looks_like_iso2022

_CJK = frozenset({"gb18030", "cp950", "cp932", "euc_jp", "cp949", "johab", "hz"})
_WESTERN = frozenset({"cp1252", "iso8859-15", "mac-roman", "cp850", "cp437", "cp858"})
_STATEFUL = frozenset({"iso2022_jp", "iso2022_kr", "hz", "utf-7"})
_SAMPLE_BYTES = 16 * 1024
_WORDS = re.compile(rb"^(?:[\w<>/=\"'.,-]+\s+){2}|^[\w.,!? -]{5,}$")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_PLAIN_LETTER = re.compile(rb"[A-Za-z]")
_C1_OR_UNDEFINED = {0x81: "\x81", 0x8D: "\x8d", 0x8F: "\x8f", 0x90: "\x90", 0x9D: "\x9d"}


def _keep_undefined(error: UnicodeError) -> tuple[str, int]:
    """Windows-1252 leaves five bytes undefined; like browsers, let them through as control characters."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_C1_OR_UNDEFINED.get(byte, "�") for byte in bad), error.end


codecs.register_error("qtmail-western", _keep_undefined)


def decode(data: bytes, label: str | None, problems: list[str] | None = None) -> str:
    """Text for `data` said to be in `label` (None: nothing was said). Never raises.

    What was wrong is added to `problems` as sentences.
    """
    notes = problems if problems is not None else []
    codec = codec_for(label) if label else None
    if label and codec is None and not data.isascii():
        notes.append(f"The charset “{label[:40]}” is unknown; it was guessed.")
    marked = _by_byte_order_mark(data)
    if marked is not None:
        return marked
    if codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        return _decode_wide(data, codec, notes)
    if data.isascii():
        return _decode_ascii(data, codec)
    return _decode_high(data, codec, label or "", notes)


def decode_lenient(data: bytes, codec: str) -> str:
    """Decode with a known codec; damaged bytes become U+FFFD (or, in Western text, control characters)."""
    if codec == "iso2022_jp":
        return decode_iso2022_jp(data)
    return data.decode(codec, "qtmail-western" if codec == "cp1252" else "replace")


def _by_byte_order_mark(data: bytes) -> str | None:
    if data.startswith(b"\xef\xbb\xbf") and is_utf8(data):
        return data[3:].decode("utf-8", "replace")
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return data.decode("utf-32", "replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return None


def _decode_wide(data: bytes, codec: str, notes: list[str]) -> str:
    """UTF-16 and UTF-32 without a byte order mark: the place of the NUL bytes tells the byte order."""
    sample = data[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if not even and not odd and (_WORDS.search(sample) if sample.isascii() else is_utf8(data)):
        notes.append("The text is labelled as UTF-16 but is not.")
        return decode(data, None)
    if codec == "utf-32":
        return data.decode("utf-32-be" if data[:1] == b"\0" else "utf-32-le", "replace")
    if codec == "utf-16" or even != odd:
        if even != odd:
            codec = "utf-16-be" if even > odd else "utf-16-le"
        else:
            codec = max(
                ("utf-16-le", "utf-16-be"), key=lambda name: _share_of_common(sample.decode(name, "replace"))
            )
    return data.decode(codec, "replace")


def _share_of_common(text: str) -> int:
    """How many characters belong to scripts that mail is written in: tells the right byte order from the
    wrong."""
    return sum(
        1 for char in text if char < "\u0600" or "\u3000" <= char < "\ua000" or "\uac00" <= char < "\ud7a4"
    )


def _decode_ascii(data: bytes, codec: str | None) -> str:
    """Seven-bit data: plain ASCII unless a stateful charset hides in it."""
    if codec in ("hz", "utf-7", "iso2022_kr"):
        return data.decode(codec, "replace")
    if b"\x1b" in data and looks_like_iso2022(data):
        return data.decode("iso2022_kr", "replace") if b"\x1b$)C" in data else decode_iso2022_jp(data)
    return data.decode("ascii")


def _decode_high(data: bytes, codec: str | None, label: str, notes: list[str]) -> str:
    if codec is None or codec == "ascii":
        if codec:
            notes.append("The text is labelled as ASCII but has other characters; their charset was guessed.")
        return decode_lenient(data, guess(data))
    if codec == "utf-8":
        return _decode_utf8(data, notes)
    if _is_surely_utf8(data, codec):
        notes.append(f"The text is labelled as {label[:40]} but is in UTF-8.")
        return data.decode("utf-8", "replace")
    if codec in _STATEFUL:
        switches = codec == "iso2022_jp" and looks_like_iso2022(data)
        return decode_lenient(data, codec if switches else guess(data))
    if codec in _WESTERN and _hardly_western(data):
        found = guess(data)
        if found != codec and found not in _WESTERN:
            notes.append(f"The text is labelled as {label[:40]} but seems to be in {found.upper()}.")
            return decode_lenient(data, found)
    return _decode_trusting(data, codec, label, notes)


def _decode_utf8(data: bytes, notes: list[str]) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    damaged = text.count("�")
    sound = sum(1 for char in text[:_SAMPLE_BYTES] if char >= "\u0800") - damaged
    if damaged * 20 <= _non_ascii(text) or damaged * 3 <= sound:
        notes.append("Some characters of the text are damaged.")
        return text
    found = guess(data)
    notes.append(f"The text is labelled as UTF-8 but seems to be in {found.upper()}.")
    return decode_lenient(data, found)


def _decode_trusting(data: bytes, codec: str, label: str, notes: list[str]) -> str:
    """The label is believed unless its codec refuses more than a few characters."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        text = decode_lenient(data, codec)
    if codec == "cp1252":
        return text
    if codec in _CJK and text.count("�") * 20 > _non_ascii(text):
        found = guess(data)
        if found != codec and fits(data, found):
            notes.append(f"The text is labelled as {label[:40]} but seems to be in {found.upper()}.")
            return decode_lenient(data, found)
    notes.append("Some characters of the text are damaged.")
    return text


def _non_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _is_surely_utf8(data: bytes, codec: str) -> bool:
    """Whether bytes under another label are UTF-8 beyond doubt.

    Under a CJK label two-byte sequences prove nothing (most are valid in GBK too), so all characters must be
    longer.
    """
    if not is_utf8(data):
        return False
    if codec not in _CJK:
        return True
    text = data[:_SAMPLE_BYTES].decode("utf-8", "replace")
    return all(char < "\x80" or char >= "\u0800" for char in text)


def _hardly_western(data: bytes) -> bool:
    """Whether words are either plain or all of high bytes: Western words mix accents and plain letters."""
    words = [word for word in _WORD.findall(data[:_SAMPLE_BYTES]) if not word.isascii()]
    mixed = sum(1 for word in words if _PLAIN_LETTER.search(word))
    long_runs = sum(1 for word in words if len(word) > 2)
    return mixed * 3 < len(words) and long_runs * 2 > len(words)
