"""Content-Transfer-Encoding (RFC 2045 section 6): from what travelled to what was meant. Never raises."""

from __future__ import annotations

import binascii
import re

from qtmail.mime import uuencode
from qtmail.mime.encoded_words import decode_base64_text

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CLEAN = _DIGITS + b"\r\n\t "
_TOKEN = re.compile(r"[^\s;,\"'()]+")
_BROKEN_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r*\n|\Z)|=\r\r+(?=\n)|=(?=\r(?!\n))")
_QUOTE_MARKS = re.compile(rb"^[ \t>|]+")
_SEPARATOR = re.compile(rb"(?!=+$)[-_=*~#]{2,}")
_BASE64_PARAGRAPH = re.compile(
    rb"\s*(?:[A-Za-z0-9+/]+\r?\n)*+(?:[A-Za-z0-9+/]{2,}={1,2}|(?<=[A-Za-z0-9+/]{24}\n)|(?<=[A-Za-z0-9+/]{24}\r\n))\s"
)
"""Lines of nothing but base64 signs, closed by padding or by a blank line."""
_DASHES = re.compile(rb"^[-_ ]+\r?$", re.MULTILINE)
_IDENTITY = frozenset(
    {"", "7bit", "8bit", "binary", "none", "7-bit", "8-bit", "identity", "x-yenc", "raw", "7", "8"}
)


def encoding_name(value: str) -> str:
    """The encoding a field value means, however it is written: "", "base64", "quoted-printable", "uuencode"
    or as is."""
    match = _TOKEN.search(value.lower())
    name = match[0] if match else ""
    if name.startswith(("base64", "base-64", "base")):
        return "base64"
    if name.startswith("quoted") or name in ("qp", "q-p"):
        return "quoted-printable"
    if "uue" in name or name == "uu":
        return "uuencode"
    return "" if name in _IDENTITY else name


def decode_transfer(data: bytes, encoding: str, problems: list[str], *, text: bool = False) -> bytes:
    """`data` without its transfer encoding. `text`: it is meant for reading, so plain words under a wrong
    label stay."""
    match encoding_name(encoding):
        case "base64":
            return _decode_base64(data, problems, text)
        case "quoted-printable":
            return decode_quoted_printable(data)
        case "uuencode":
            return _decode_uuencode(data, problems)
        case "":
            return data
        case unknown:
            problems.append(
                f"The transfer encoding “{unknown[:40]}” is unknown; the content was taken as it is."
            )
            return data


def _decode_base64(data: bytes, problems: list[str], text: bool) -> bytes:
    rest = data.translate(None, _CLEAN)
    if not rest or (rest in (b"=", b"==") and data.rstrip()[-len(rest) :] == rest):
        try:
            return binascii.a2b_base64(data)
        except binascii.Error:
            problems.append("Base64 content is cut short.")
            return decode_base64_text(data)
    if text and _is_plain_text(data, rest):
        problems.append("The content is labelled as base64 but is plain text.")
        return data
    lines = _base64_lines(data)
    decoded = decode_base64_text(b"".join(lines))
    if rest.strip(b"="):
        problems.append("Base64 content has foreign characters in it; they were left out.")
    return decoded


def _is_plain_text(data: bytes, rest: bytes) -> bool:
    """Words between spaces, which base64 never has: the label lies. A list's footer under base64 has words
    too."""
    if _BASE64_PARAGRAPH.match(data):
        return False
    sample = data[:2000].strip()
    words = sample.split()
    return len(words) > 3 and sum(len(word) for word in words) < 16 * len(words) and bool(rest.strip(b"="))


def _base64_lines(data: bytes) -> list[bytes]:
    """The lines that carry base64; quote marks, noise, and a footer that a mailing list put behind, are left
    out."""
    if b"-" in data or b"_" in data:
        data = _from_url_alphabet(data)
    kept: list[bytes] = []
    for line in re.split(rb"[\r\n]+", data):
        line = _QUOTE_MARKS.sub(b"", line).rstrip()
        if not line:
            continue
        if _SEPARATOR.fullmatch(line[:200]):
            if kept:
                break
            continue
        words = line.split()
        if len(words) > 1 and min(len(word) for word in words) < 20:
            if kept and kept[-1].endswith(b"="):
                break
            continue
        kept.append(b"".join(words))
    return kept


def _from_url_alphabet(data: bytes) -> bytes:
    """RFC 4648 section 5 (`-` and `_`), if the content uses it instead of the standard alphabet."""
    if b"+" in data or b"/" in data or _DASHES.search(data):
        return data
    return data.translate(bytes.maketrans(b"-_", b"+/"))


def decode_quoted_printable(data: bytes) -> bytes:
    """RFC 2045 section 6.7; soft breaks with spaces behind the `=` count, escapes that are none stay as they
    are."""
    if b"=" not in data:
        return data
    if _BROKEN_SOFT_BREAK.search(data):
        data = _BROKEN_SOFT_BREAK.sub(lambda match: b"=\n" if match[0] == b"=" else b"=", data)
    # a2b_qp reads "==" as one "=", which would swallow the first sign of "==3D".
    return binascii.a2b_qp(data.replace(b"==", b"=3D=") if b"==" in data else data)


def _decode_uuencode(data: bytes, problems: list[str]) -> bytes:
    block = uuencode.find_block(data)
    if block is None:
        problems.append("The content is labelled as uuencoded but is not.")
        return data
    return block.content
