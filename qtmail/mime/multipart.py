"""Where the parts of a multipart body begin and end (RFC 2046 section 5.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_AFTER_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r*\n|\r|\Z)")
_LIKELY_DELIMITER = re.compile(
    rb"^--(\S[^\r\n]{0,200})\r*\n(?=Content-[A-Za-z]+[ \t]*:|MIME-Version|\r*\n)",
    re.MULTILINE | re.IGNORECASE,
)
_UNLABELLED = re.compile(rb"^--(\S[^\r\n]{3,200})\r*\nContent-[A-Za-z]+[ \t]*:", re.MULTILINE | re.IGNORECASE)


@dataclass(slots=True)
class Split:
    """The parts of a multipart body.

    Attributes:
        spans: (start, end) of each part.
        preamble_end: where the first delimiter stands, or the end.
        closed: whether the closing delimiter was there.
        resumed: whether more parts came behind a closing delimiter.
    """

    preamble_end: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False
    resumed: bool = False


def split_parts(raw: bytes, start: int, end: int, boundary: bytes, limit: int) -> Split:
    """Split `raw[start:end]` at `boundary`; from the `limit`-th part on everything is one part.

    A delimiter is a whole line, so a boundary that begins another one is told apart; white space behind it is
    allowed.
    """
    result = Split(end)
    delimiter = b"--" + boundary
    opened = -1
    position = raw.find(delimiter, start, end)
    while position >= 0:
        after = _AFTER_DELIMITER.match(raw, position + len(delimiter), end)
        if after is None or (position > start and raw[position - 1] not in b"\r\n"):
            position = raw.find(delimiter, position + 1, end)
            continue
        if opened >= 0:
            result.spans.append((opened, max(opened, _before_line_end(raw, position))))
        result.preamble_end = min(result.preamble_end, position)
        result.closed = after[1] is not None
        if not result.closed and result.spans and opened < 0:
            result.resumed = True
        opened = -1 if result.closed else after.end()
        if len(result.spans) >= limit - 1 and opened >= 0:
            break
        position = raw.find(delimiter, after.end(), end)
    if opened >= 0:
        result.spans.append((opened, end))
    return result


def _before_line_end(raw: bytes, position: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if raw[position - 1 : position] == b"\n":
        position -= 1
        if raw[position - 1 : position] == b"\r":
            position -= 1
    elif raw[position - 1 : position] == b"\r":
        position -= 1
    return position


def find_boundary(raw: bytes, start: int, end: int) -> bytes | None:
    """The boundary a multipart body seems to use, where the header does not tell or tells it wrong."""
    match = _LIKELY_DELIMITER.search(raw, start, end)
    return match[1].rstrip() if match is not None else None


def find_unlabelled_boundary(raw: bytes, start: int, end: int) -> bytes | None:
    """The boundary of a body that nobody calls a multipart; stricter: any text may have lines of dashes."""
    match = _UNLABELLED.search(raw, start, min(end, start + 65536))
    if match is None:
        return None
    boundary = match[1].rstrip()
    return boundary if raw.find(b"\n--" + boundary, match.end(), end) >= 0 else None
