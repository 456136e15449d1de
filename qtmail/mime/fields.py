"""Where a header ends and what fields it has (RFC 5322 section 2.2), for bytes that may break every rule.

Tolerated: any mix of CR LF, LF, CR and CR CR LF; an mbox `From ` line or a UTF-8 byte order mark first; blank
lines before the header; lines without a colon; white-space lines inside folded fields; a blank line before
the last fields; no blank line before the body; NUL bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_FIELDS = 20_000
"""Fields beyond this many are dropped: no real message has them."""
MAX_STRANGE_FOLDS = 5
"""Indented lines behind a line that is no field, over which the next field is looked for."""

_BLANK_LINES = re.compile(rb"(?:[ \t\r\0]*+\n)*+")
_LINE = re.compile(rb"[^\n]*(?:\n|\Z)")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_MBOX_FROM = re.compile(rb">?From [^\n:]*[^\n]*\d\d:\d\d")
_KNOWN = frozenset({
    b"from", b"to", b"cc", b"bcc", b"subject", b"date", b"reply-to", b"sender", b"message-id", b"in-reply-to",
    b"references", b"mime-version", b"received", b"return-path", b"delivered-to", b"content-type",
    b"content-transfer-encoding", b"content-disposition", b"content-id", b"content-description",
    b"content-language", b"content-location", b"organization", b"importance", b"priority", b"thread-topic",
    b"thread-index", b"user-agent", b"list-id", b"list-unsubscribe", b"list-post", b"dkim-signature",
    b"authentication-results", b"received-spf", b"errors-to", b"precedence", b"auto-submitted",
    b"return-receipt-to", b"disposition-notification-to", b"status", b"lines", b"envelope-to", b"feedback-id",
})  # fmt: skip
_URL_SCHEMES = frozenset({b"http", b"https", b"ftp", b"mailto", b"file"})
_LATE_FIELDS = re.compile(rb"(?:MIME-Version|Content-[A-Za-z-]+)[ \t]*:", re.IGNORECASE)
_BARE_CR_FIELD = re.compile(rb"\r(?=[!-9;-~]+[ \t]*:)")


@dataclass(slots=True)
class Header:
    """The fields of one header and where its body starts.

    Attributes:
        fields: (name as written, unfolded raw value), in order.
        body: offset of the first byte of the body.
        problems: sentences on what was wrong.
    """

    fields: list[tuple[str, bytes]]
    body: int
    problems: list[str]


def split_header(raw: bytes) -> list[tuple[str, bytes]]:
    """The unfolded fields of the header that `raw` starts with, names as written. Never raises."""
    return read_header(raw, 0, len(raw)).fields


def read_header(raw: bytes, start: int, end: int, *, part: bool = False) -> Header:
    """Read the header in `raw[start:end]`; `part`: of a body part, which may have none at all."""
    return _HeaderReader(raw, start, end, part).read()


def _is_field(line: bytes) -> bool:
    match = _FIELD.match(line)
    if match is None:
        return False
    return not (match[1].lower() in _URL_SCHEMES and line[match.end() : match.end() + 2] == b"//")


def _is_known_field(line: bytes) -> bool:
    match = _FIELD.match(line)
    if match is None:
        return False
    name = match[1].lower()
    return name in _KNOWN or name.startswith((b"x-", b"content-", b"list-", b"resent-", b"arc-"))


class _HeaderReader:
    """One pass over the lines of a header."""

    def __init__(self, raw: bytes, start: int, end: int, part: bool) -> None:
        self.raw, self.end, self.part = raw, end, part
        self.position = start
        self.lines: list[tuple[bytes, list[bytes]]] = []
        self.seen: set[bytes] = set()
        self.problems: list[str] = []

    def read(self) -> Header:
        self._skip_preliminaries()
        while self.position < self.end:
            line = self._line_at(self.position)
            following = self.position + len(line)
            text = line.rstrip(b"\r\n")
            if not text.strip(b" \t\0"):
                if not self._goes_on_after_blank(text, following):
                    self.position = following
                    break
            elif text[0] in b" \t" and self.lines:
                self.lines[-1][1].append(text)
            elif _is_field(text):
                self._begin_field(text)
            elif not self._skip_strange_line(text, following):
                break
            self.position = following
        return Header(list(self._fields()), min(self.position, self.end), self.problems)

    def _line_at(self, position: int) -> bytes:
        match = _LINE.match(self.raw, position, self.end)
        return match[0] if match else b""

    def _skip_preliminaries(self) -> None:
        if self.part:
            return
        if self.raw.startswith(b"\xef\xbb\xbf", self.position):
            self.position += 3
            self._note("The message starts with a byte order mark.")
        if blank := _BLANK_LINES.match(self.raw, self.position, self.end):
            self.position = blank.end()
        line = self._line_at(self.position)
        if _MBOX_FROM.match(line):
            self.position += len(line)

    def _begin_field(self, text: bytes) -> None:
        name, _, value = text.partition(b":")
        name = name.rstrip(b" \t")
        self.seen.add(name.lower())
        self.lines.append((name, [value]))

    def _goes_on_after_blank(self, text: bytes, following: int) -> bool:
        """Whether header fields follow a blank line that should not be there."""
        following_line = self._line_at(following)
        if (
            text
        ):  # only white space: an obsolete fold (RFC 5322 section 4.2), if anything of the header follows
            return bool(self.lines) and (
                _is_known_field(following_line)
                or (following_line[:1] in (b" ", b"\t") and bool(following_line.strip()))
            )
        if self.part or b"content-type" in self.seen or not self.lines:
            return False
        goes_on = (
            self._folded_then_new_field(following)
            if following_line[:1] in (b" ", b"\t")
            else _LATE_FIELDS.match(following_line) is not None
        )
        if goes_on:
            self._note("A blank line stands inside the header.")
        return goes_on

    def _folded_then_new_field(self, position: int) -> bool:
        """Whether indented lines lead to a well-known field that the header does not have yet."""
        for _ in range(5):
            line = self._line_at(position)
            if line[:1] not in (b" ", b"\t") or not line.strip():
                match = _FIELD.match(line)
                return match is not None and match[1].lower() in _KNOWN - self.seen
            position += len(line)
        return False

    def _skip_strange_line(self, text: bytes, following: int) -> bool:
        """A line that is no field: passed over when the header plainly goes on, else the body starts here."""
        if _MBOX_FROM.match(text):
            return True
        next_line = self._line_at(following)
        for _ in range(MAX_STRANGE_FOLDS):
            if next_line[:1] not in (b" ", b"\t") or not next_line.strip():
                break
            following += len(next_line)
            next_line = self._line_at(following)
        goes_on = _is_known_field(next_line) or (
            not next_line.strip() and bool(next_line) and bool(self.lines)
        )
        if goes_on and (self.lines or not self.part):
            self._note("The header has a line that is no field.")
            return True
        if self.lines and not self.part:
            self._note("No blank line separates the header from the body.")
        return False

    def _fields(self) -> list[tuple[str, bytes]]:
        if len(self.lines) > MAX_FIELDS:
            self._note(f"The header has {len(self.lines)} fields; only the first {MAX_FIELDS} were read.")
        return [(name.decode("latin-1"), _unfold(pieces)) for name, pieces in self.lines[:MAX_FIELDS]]

    def _note(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)


def _unfold(pieces: list[bytes]) -> bytes:
    value = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    if b"\0" in value:
        value = value.replace(b"\0", b"")
    if b"\r" in value:
        value = value.replace(b"\r", b"")
    return value.strip(b" \t")


def normalise_line_ends(raw: bytes) -> bytes:
    """Make LF the line end of a message that uses bare CR, as a whole or in its header; others stay
    untouched."""
    newline = raw.find(b"\n")
    if newline < 0:
        return raw.replace(b"\r", b"\n") if b"\r" in raw else raw
    if _BARE_CR_FIELD.search(raw, 0, newline) is None:
        return raw
    end = raw.find(b"\r\r", 0, newline)
    if end < 0:
        return raw[:newline].replace(b"\r", b"\n") + raw[newline:]
    return raw[: end + 2].replace(b"\r", b"\n") + raw[end + 2 :].replace(b"\r", b"\n") if end >= 0 else raw
