"""What a message list shows of a message's content, without reading all of it.

When mail is kept ahead of being opened, thousands of messages pass by, and of each only the first words and
the paper clip are wanted. A well-formed message gives these away in a few searches; one that is odd in any
way is left to the reader (`parser.parse`), which costs ten times as much and is right about everything.
"""

from __future__ import annotations

import binascii
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from qtmail.mime.charset_labels import codec_for
from qtmail.mime.parser import parse, preview_of
from qtmail.mime.text import unflow


@dataclass(frozen=True, slots=True)
class Glance:
    """The first words of a message, and whether it carries files."""

    preview: str
    has_attachment: bool


def glance(raw: bytes) -> Glance:
    """Look at a whole message. Never raises."""
    try:
        return _Looker(raw).look()
    except _OddError:
        message = parse(raw)
        return Glance(message.preview, any(not attachment.inline for attachment in message.attachments))


class _OddError(Exception):
    """This message needs the real reader."""


_MOST_HEADER = 64 * 1024
_MOST_TEXT = 8 * 1024
"""Bytes of a text, in transfer encoding, that the first words are looked for in."""
_MOST_HTML = 48 * 1024
_MOST_PARTS = 50
_MOST_DEPTH = 8

_FOLD = re.compile(rb"\r\n[ \t]+")
_FIELD = re.compile(
    rb"^(content-(?:type|transfer-encoding|disposition|id|location)|mime-version):[ \t]*(.*?)[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_TYPE = re.compile(rb"([a-z0-9.+-]+/[a-z0-9.+-]+)[ \t]*(?:;|$)", re.IGNORECASE)
_PARAMETER = re.compile(rb";[ \t]*([a-z0-9*-]+)[ \t]*=[ \t]*(?:\"([^\"\\]*)\"|([^\s\";]+))", re.IGNORECASE)
_ENCODINGS = frozenset({b"", b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable"})
_READ = frozenset({b"text/plain", b"text/html"})
_SIMPLE = re.compile(
    rb"text/(?:plain|html)$|(?:image|audio|video)/|application/(?:pdf|zip|octet-stream|msword|json|vnd\.[\w.+-]+)$"
)

_BROKEN_QP = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r\n)")
_LIKE_A_HEADER = re.compile(
    r"\s*(?:--\S|(?:mime-version|content-[a-z-]+):)|This is a multi-?part", re.IGNORECASE
)
_QUOTE = re.compile(r"<blockquote\b", re.IGNORECASE)

_INVISIBLE = re.compile(
    r"<!--.*?-->|<(head|style|script|title)\b.*?</\1\s*>|<(?:style|head|script)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*>?")
_HIDDEN = re.compile(r"display\s*:\s*none|font-size\s*:\s*0|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True)
class _Leaf:
    """A part without parts: `data` is its content in transfer encoding, from `start` to `end` of the
    message.
    """

    content_type: bytes
    parameters: dict[bytes, bytes]
    encoding: bytes
    disposition: bytes
    has_name: bool
    has_id: bool
    has_location: bool
    start: int
    end: int
    parent: bytes


class _Looker:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._parts = 0

    def look(self) -> Glance:
        leaves = list(self._leaves(0, len(self._raw), b"text/plain", b"", 0))
        text = next((leaf for leaf in leaves if leaf.content_type in _READ and not leaf.disposition), None)
        if text is None:
            raise _OddError
        plain = text if text.content_type == b"text/plain" else self._plain_beside(text, leaves)
        words = self._first_words(plain)
        if not words and plain is not text:
            words = self._first_words(text)
        if not words:
            raise _OddError
        return Glance(words, any(_is_file(leaf) for leaf in leaves))

    def _plain_beside(self, text: _Leaf, leaves: list[_Leaf]) -> _Leaf:
        beside = (
            leaf for leaf in leaves if leaf.content_type == b"text/plain" and leaf.parent == text.parent
        )
        return next(beside, text) if text.parent == b"multipart/alternative" else text

    # -- the tree -----------------------------------------------------------------------------------

    def _leaves(self, start: int, end: int, default: bytes, parent: bytes, depth: int) -> Iterator[_Leaf]:
        self._parts += 1
        if self._parts > _MOST_PARTS or depth > _MOST_DEPTH:
            raise _OddError
        body, fields = self._header(start, end)
        content_type, parameters = _content_type(fields.get(b"content-type"), default)
        if content_type.startswith(b"multipart/"):
            yield from self._children(body, end, content_type, parameters, depth)
            return
        encoding = fields.get(b"content-transfer-encoding", b"").lower()
        disposition, _, rest = fields.get(b"content-disposition", b"").lower().partition(b";")
        if encoding not in _ENCODINGS or not _SIMPLE.match(content_type):
            raise _OddError
        yield _Leaf(
            content_type,
            parameters,
            encoding,
            disposition.strip(),
            b"name" in parameters
            or b"filename" in rest
            or any(key.startswith(b"name*") for key in parameters),
            b"content-id" in fields,
            b"content-location" in fields,
            body,
            end,
            parent,
        )

    def _header(self, start: int, end: int) -> tuple[int, dict[bytes, bytes]]:
        """Where the body of the part at `start` begins, and the fields that describe it."""
        raw = self._raw
        if raw.startswith(b"\r\n", start):
            return start + 2, {}
        stop = raw.find(b"\r\n\r\n", start, min(end, start + _MOST_HEADER))
        if stop < 0:
            raise _OddError
        header = raw[start : stop + 2]
        if b"\0" in header:
            raise _OddError
        fields: dict[bytes, bytes] = {}
        for match in _FIELD.finditer(_FOLD.sub(b" ", header)):
            name = match[1].lower()
            if name in fields:
                raise _OddError
            fields[name] = match[2]
        return stop + 4, fields

    def _children(
        self, body: int, end: int, content_type: bytes, parameters: dict[bytes, bytes], depth: int
    ) -> Iterator[_Leaf]:
        boundary = parameters.get(b"boundary", b"")
        if not boundary or content_type not in _USUAL_MULTIPARTS:
            raise _OddError
        marks = list(self._marks(body, end, boundary))
        if len(marks) < 2 or not marks[-1][2]:
            raise _OddError
        for (_, start, _), (stop, _, _) in itertools.pairwise(marks):
            yield from self._leaves(start, stop, b"text/plain", content_type, depth + 1)

    def _marks(self, body: int, end: int, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
        """(end of what is before, begin of what follows, whether it is the last) of each boundary line."""
        raw, mark = self._raw, b"--" + boundary
        position = body if raw.startswith(mark, body) else raw.find(b"\r\n" + mark, body, end) + 2
        while position > 1:
            after = position + len(mark)
            if raw.startswith(b"--", after):
                yield max(body, position - 2), after + 2, True
                if raw.find(mark, after + 2, end) >= 0:
                    raise _OddError
                return
            if not raw.startswith(b"\r\n", after):
                raise _OddError
            yield max(body, position - 2), after + 2, False
            position = raw.find(b"\r\n" + mark, after, end) + 2

    # -- the words ----------------------------------------------------------------------------------

    def _first_words(self, leaf: _Leaf) -> str:
        most = _MOST_HTML if leaf.content_type == b"text/html" else _MOST_TEXT
        text = self._text(leaf, most)
        if _LIKE_A_HEADER.match(text):
            raise _OddError
        if leaf.content_type == b"text/html":
            if _HIDDEN.search(text):
                raise _OddError
            text = text[: quote.start()] if (quote := _QUOTE.search(text)) else text
            text = unescape(_TAG.sub(" ", _INVISIBLE.sub(" ", text)))
        elif leaf.parameters.get(b"format", b"").lower() == b"flowed":
            text = unflow(text, leaf.parameters.get(b"delsp", b"").lower() == b"yes")
        elif "\nbegin " in text or text.startswith("begin "):
            raise _OddError
        return preview_of(text)

    def _text(self, leaf: _Leaf, most: int) -> str:
        data = self._raw[leaf.start : min(leaf.end, leaf.start + most)]
        cut = leaf.end - leaf.start > most
        try:
            if leaf.encoding == b"base64":
                data = data.translate(None, b"\r\n")
                data = binascii.a2b_base64(data[: len(data) // 4 * 4] if cut else data, strict_mode=True)
            elif leaf.encoding == b"quoted-printable":
                if _BROKEN_QP.search(data, 0, data.rfind(b"\n")):
                    raise _OddError
                data = binascii.a2b_qp(data[: data.rfind(b"\n") + 1] if cut else data)
        except binascii.Error as error:
            raise _OddError from error
        label = leaf.parameters.get(b"charset", b"").decode("ascii", "replace")
        codec = codec_for(label or "ascii")
        if codec not in _SAFE_CODECS or b"\0" in data or b"\x1b" in data:
            raise _OddError
        return _decoded(data, codec, cut).replace("\r\n", "\n")


_USUAL_MULTIPARTS = frozenset({b"multipart/mixed", b"multipart/alternative", b"multipart/related"})
_SAFE_CODECS = frozenset({"ascii", "utf-8"})
"""The codecs whose text cannot be mistaken: what does not fit them raises."""


def _decoded(data: bytes, codec: str, cut: bool) -> str:
    """Text in a codec it must fit; of text that was cut, the last character may be broken."""
    for shorter in range(4 if cut else 1):
        try:
            return data[: len(data) - shorter].decode(codec)
        except UnicodeDecodeError:
            continue
    raise _OddError


def _content_type(value: bytes | None, default: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    if value is None:
        return default, {}
    match = _TYPE.match(value)
    if match is None:
        raise _OddError
    parameters = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(value)}
    return match[1].lower(), parameters


def _is_file(leaf: _Leaf) -> bool:
    """As `body` decides it: what is not read is a file, unless it belongs into the text."""
    if leaf.disposition == b"attachment":
        return True
    if leaf.content_type in _READ:
        if leaf.has_name:
            raise _OddError
        return False
    if leaf.disposition == b"inline":
        return False
    if leaf.has_location:
        raise _OddError
    return not (leaf.parent == b"multipart/related" and leaf.has_id)
