"""RFC 2047 encoded words, in all the wrong mixes that are met in practice.

Tolerated: words not separated by white space, inside quotes, with spaces inside, cut in the middle of a
character or of a base64 group, lower-case `b`/`q`, missing padding, unknown and lying charsets, RFC 2231
languages, raw non-ASCII text between and inside words.
"""

from __future__ import annotations

import binascii
import re
from itertools import groupby

from qtmail.mime import charset
from qtmail.mime.charset_labels import codec_for

# The payload runs to `?=`; it may hold a lone `?` or `=` but never the start of another word, which keeps the
# scan linear whatever the input.
# A `?=` before two hexadecimal escapes is a raw question mark in Q text.
ENCODED_WORD = re.compile(
    r"=\?[ \t]*([^?\s]{0,60})[ \t]*\?[ \t]*([bBqQ])[ \t]*\?"
    r"((?:[^?=]++|=(?!\?(?!=))|\?(?!=(?![0-9A-F]{2}=[0-9A-F]{2})))*+)\?="
)
_PLAIN_WORD = re.compile(r"=\?([A-Za-z0-9_-]{1,60})\?[bB]\?([A-Za-z0-9+/]+={0,2})\?=")
"""All of a text as one word in clean base64, as most Asian mail has it; it takes a quarter of the time."""
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decode_words(text: str, problems: list[str] | None = None) -> str:
    """`text` with its encoded words decoded; the rest stays as it is. Never raises."""
    if "=?" not in text:
        return text
    plain = _PLAIN_WORD.fullmatch(text)
    if plain is not None and len(plain[2]) % 4 == 0:
        return charset.decode(binascii.a2b_base64(plain[2]), plain[1].lower(), problems)
    out: list[str] = []
    run: list[tuple[str, str, str]] = []
    position = 0
    for match in ENCODED_WORD.finditer(text):
        between = text[position : match.start()]
        if not run or between.strip(" \t\r\n"):
            out.append(_decode_run(run, problems))
            run = []
            out.append(between)
        run.append((match[1].lower(), match[2].lower(), match[3]))
        position = match.end()
    out.append(_decode_run(run, problems))
    out.append(text[position:])
    return "".join(out)


def _decode_run(run: list[tuple[str, str, str]], problems: list[str] | None) -> str:
    """Words with nothing but white space between them; those of one charset are joined before decoding."""
    return "".join(
        _decode_same_charset(label, [(encoding, payload) for _, encoding, payload in words], problems)
        for label, words in ((label, list(group)) for label, group in groupby(run, key=lambda word: word[0]))
    )


def _decode_same_charset(label: str, words: list[tuple[str, str]], problems: list[str] | None) -> str:
    """Of several readings, take the first that the charset accepts without damage."""
    label = label.split("*", 1)[0]
    pieces = [_payload_bytes(encoding, payload, label) for encoding, payload in words]
    if codec_for(label) == "iso2022_jp":
        # Two-byte text never has a space: this word relies on the one before having returned to ASCII.
        pieces = [b"\x1b(B" + piece if b" " in piece else piece for piece in pieces]
    joined = b"".join(pieces)
    codec = codec_for(label)
    if codec not in (None, "ascii", "cp1252", "utf-16", "utf-32", "iso2022_jp") and not _accepts(
        joined, codec
    ):
        for reading in _other_readings(words, pieces):
            if _accepts(reading, codec):
                return reading.decode(codec or "ascii")
        if len(pieces) > 1 and codec != "utf-8" and all(_accepts(piece, codec) for piece in pieces):
            return "".join(piece.decode(codec or "ascii") for piece in pieces)
    return charset.decode(joined, label or None, problems)


def _other_readings(words: list[tuple[str, str]], pieces: list[bytes]) -> list[bytes]:
    """What an encoder may have meant that cut base64 anywhere, or whose words were folded in a character."""
    readings = []
    if len(words) > 1 and all(encoding == "b" for encoding, _ in words):
        readings.append(
            decode_base64_text("".join(payload for _, payload in words).encode("ascii", "ignore"))
        )
    if any(encoding == "q" and " " in payload for encoding, payload in words):
        readings.append(
            b"".join(
                piece.replace(b" ", b"") if encoding == "q" else piece
                for (encoding, _), piece in zip(words, pieces, strict=True)
            )
        )
    return readings


def _accepts(data: bytes, codec: str | None) -> bool:
    try:
        data.decode(codec or "ascii")
    except UnicodeDecodeError:
        return False
    return True


def _payload_bytes(encoding: str, payload: str, label: str) -> bytes:
    raw = payload.encode("ascii") if payload.isascii() else _encode_raw(payload, label)
    if encoding == "b":
        return decode_base64_text(raw)
    return _Q_ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), raw.replace(b"_", b" "))


def _encode_raw(payload: str, label: str) -> bytes:
    """Raw non-ASCII text inside a word: back to the charset of the word."""
    codec = codec_for(label) or "utf-8"
    try:
        return payload.encode(codec)
    except UnicodeEncodeError:
        return payload.encode("utf-8", "replace")


def decode_base64_text(payload: bytes) -> bytes:
    """Base64 without line structure: strange characters are skipped, missing padding is added."""
    pieces = (_NOT_BASE64.sub(b"", piece) for piece in re.split(rb"=+", payload))
    return b"".join(_decode_group(piece) for piece in pieces if piece)


def _decode_group(digits: bytes) -> bytes:
    """One padded group of base64; a single left-over digit cannot be decoded and is dropped."""
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
