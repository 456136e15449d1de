"""Content-Type and Content-Disposition: the value and its parameters (RFC 2045 section 5.1, RFC 2183, RFC
2231).

File names come in five dialects, often mixed: RFC 2231 as it should be, RFC 2231 pieces out of order or half
encoded, RFC 2047 words inside quotes (Outlook, QQ Mail), raw 8-bit text, and percent escapes without any
charset (web mail).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from qtmail.mime import charset
from qtmail.mime.charset_guess import is_utf8
from qtmail.mime.charset_labels import codec_for
from qtmail.mime.encoded_words import decode_words
from qtmail.mime.rawtext import clean_line, raw_text, without_direction_tricks

MAX_PARAMETERS = 200
_MAX_LENGTH = 64 * 1024
_MAX_FILENAME = 1000

_VALUE = re.compile(r"\s*[\"']?([^\s;,\"'/]*(?:\s*/\s*(?![^\s;]*=)[^\s;,\"']*)?)[\"']?")
_NAME = re.compile(r"[\s;,]*([^\s;=\",]+)\s*=\s*")
_LATER_NAME = re.compile(r"(?<![\s;,])[\s;,]++([^\s;=\",]++)\s*+=\s*+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.|"(?!\s*(?:;|$|[\w*-]+\s*=)))*+)"', re.DOTALL)
_OPEN_QUOTE = re.compile(r'"([^;"]*)"?')
_UNQUOTED = re.compile(r"(?:=\?[^?\s]+\?[bBqQ]\?[^?]*\?=|[^;])*")
_MISSING_SEMICOLON = re.compile(r"^([^\s\"]+)\s+(?=[\w*-]+\s*=)")
_ESCAPED = re.compile(r'\\(["\\])')
_EXTENDED = re.compile(r"^(.+?)\*(\d{1,6})?(\*)?$")
_CHARSET_PREFIX = re.compile(r"^([^']*)'([^']*)'(.*)$", re.DOTALL)
_HALF_PREFIX = re.compile(r"^([A-Za-z0-9_-]+)'(.*)$", re.DOTALL)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_LOOKS_LIKE_FILE = re.compile(r"[^.\n]{1,200}(?:\.[^.\s]{1,40}){0,3}\.[A-Za-z][A-Za-z0-9]{1,4}")
_UNFIT_FOR_NAME = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")


def parse_structured(value: bytes | str, fallback: str | None = None) -> tuple[str, dict[str, str]]:
    """A structured field as (value in lower case, parameters by lower-case name, values raw). Never raises.

    RFC 2231 pieces keep their names (`filename*0*`); `text_parameter` joins them.
    """
    text = (raw_text(value, fallback) if isinstance(value, bytes) else value)[:_MAX_LENGTH]
    head = _VALUE.match(text)
    if (
        head is None
        or text.lstrip()[:1] in (";", "=")
        or ("=" in head[1] and "/" not in head[1].split("=")[0])
    ):
        main, position = "", 0
    else:
        main, position = "".join(head[1].lower().split()), head.end()
    return main, dict(_parameters(text, position))


def _parameters(text: str, position: int) -> list[tuple[str, str]]:
    """(name, raw value) pairs from `position` on; of a repeated name the first stays."""
    found: dict[str, str] = {}
    for _ in range(MAX_PARAMETERS):
        match = _NAME.match(text, position) or _LATER_NAME.search(text, position)
        if match is None:
            break
        value, position = _parameter_value(text, match.end())
        found.setdefault(match[1].lower(), value)
    return list(found.items())


def _parameter_value(text: str, position: int) -> tuple[str, int]:
    if text.startswith('"', position):
        if match := _QUOTED.match(text, position):
            return _ESCAPED.sub(r"\1", match[1]), match.end()
        if match := _OPEN_QUOTE.match(text, position):
            return match[1].strip(), match.end()
    match = _UNQUOTED.match(text, position)
    if match is None:
        return "", len(text)
    cut = _MISSING_SEMICOLON.match(match[0])
    if cut is not None:
        return cut[1], position + cut.end()
    return match[0].strip(), match.end()


def text_parameter(parameters: Mapping[str, str], name: str) -> str:
    """A parameter for people (`filename`, `name`): RFC 2231 pieces joined and decoded, else RFC 2047 and the
    rest."""
    extended = _join_extended(parameters, name)
    plain = _decode_plain(parameters.get(name, ""))
    if extended and ("�" not in extended or not plain or "�" in plain):
        return extended
    return plain


def _decode_plain(value: str) -> str:
    text = decode_words(value)
    if text == value and text.isascii() and _PERCENT.search(text):
        data = unquote_to_bytes(text)
        if not data.isascii() and is_utf8(data):
            return data.decode("utf-8", "replace")
    return text


def _join_extended(parameters: Mapping[str, str], name: str) -> str:
    """RFC 2231 sections 3 and 4: pieces in the order of their numbers, some of them percent-encoded."""
    pieces: list[tuple[int, bool, str]] = []
    for key, value in parameters.items():
        match = _EXTENDED.match(key)
        if match is not None and match[1] == name:
            pieces.append((int(match[2] or -1), match[3] is not None or match[2] is None, value))
    if not pieces:
        return ""
    pieces.sort(key=lambda piece: piece[0])
    if pieces[0][0] < 0:
        pieces = pieces[:1]
    label = ""
    if pieces[0][1]:
        label, first = _split_charset(pieces[0][2])
        pieces[0] = (pieces[0][0], True, first)
    if not any(encoded for _, encoded, _ in pieces):
        return _decode_plain("".join(value for _, _, value in pieces))
    data = b"".join(
        unquote_to_bytes(value) if encoded else _as_bytes(value, label) for _, encoded, value in pieces
    )
    text = charset.decode(data, label or None)
    return decode_words(text) if "=?" in text else text.strip('"')


def _split_charset(value: str) -> tuple[str, str]:
    match = _CHARSET_PREFIX.match(value)
    if match is not None and (not match[1] or codec_for(match[1]) or _PERCENT.search(match[3])):
        return match[1], match[3]
    half = _HALF_PREFIX.match(value)
    if half is not None and codec_for(half[1]):
        return half[1], half[2]
    return "", value


def _as_bytes(value: str, label: str) -> bytes:
    codec = codec_for(label) or "utf-8"
    try:
        return value.encode(codec)
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def file_name(disposition: Mapping[str, str], content_type: Mapping[str, str]) -> str:
    """The name a part gives itself, safe to show and to save under; "" where it has none."""
    for parameters, name in ((disposition, "filename"), (content_type, "name"), (disposition, "name"),
                             (content_type, "filename")):  # fmt: skip
        if cleaned := clean_file_name(text_parameter(parameters, name)):
            return cleaned
    return ""


def described_file(description: str) -> str:
    """A Content-Description that is a file name, as Outlook writes it; "" where it is prose."""
    return clean_file_name(description) if _LOOKS_LIKE_FILE.fullmatch(description) else ""


def clean_file_name(name: str) -> str:
    """A bare file name: no folders, no control characters, nothing that turns the direction of writing."""
    name = clean_line(without_direction_tricks(_UNFIT_FOR_NAME.sub("", name)))
    name = re.split(r"[/\\]", name.rstrip("/\\"))[-1].strip()
    return "" if name.strip(". ") == "" else name[:_MAX_FILENAME]
