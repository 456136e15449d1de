"""Plain text as format=flowed (RFC 3676): what `text.unflow` undoes.

Paragraphs are broken at spaces only, and those with Chinese, Japanese or Korean in them not at all:
they travel as long lines in quoted-printable or base64. DelSp=yes would allow to break them anywhere, but
Outlook, QQ Mail and Gmail do not know it and would show a gap or a ragged line at every break; long lines are
wrapped right by all of them, by Apple Mail and by Thunderbird.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 76
"""Columns of a broken line with its trailing space; the standard's limit of 78 leaves room for stuffing and
for the marks of one answer."""
SIGNATURE_SEPARATOR = "-- "

_QUOTE = re.compile(r"(?:>[ \t]?)+")
_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffe6\U00020000-\U0003ffff]"
)
_STUFFED = ("From ", " ", ">")


def flow(text: str) -> str:
    """`text` with LF line ends as flowed text: long lines broken softly, quote depths kept.

    Spaces at line ends are taken away, except in a signature separator: they would mean a soft break.
    """
    return "\n".join(flowed for line in text.split("\n") for flowed in _flow_line(line))


def _flow_line(line: str) -> Iterator[str]:
    depth, words = _split_quote(line)
    if words == SIGNATURE_SEPARATOR:
        yield _marked(depth, words)
        return
    depth, words = _split_quote(line.rstrip(" "))
    for piece in _broken(words, WIDTH - (depth + 1 if depth else 0)):
        yield _marked(depth, piece)


def _split_quote(line: str) -> tuple[int, str]:
    """The quote depth and what is quoted; ">From " at the start is an escape that came from an mbox file."""
    match = None if line.startswith(">From ") else _QUOTE.match(line)
    return (match[0].count(">"), line[match.end() :]) if match is not None else (0, line)


def _broken(words: str, width: int) -> Iterator[str]:
    """A paragraph in pieces that end with the space they were broken at."""
    start = 0
    if _WIDE.search(words) is None:
        while len(words) - start > width and (end := _break_after(words, start, width)):
            yield words[start:end]
            start = end
    yield words[start:]


def _break_after(words: str, start: int, width: int) -> int:
    """Where to break what begins at `start`: behind the last space that fits, else behind the first one; 0:
    nowhere. A piece is never one that would be taken for a signature separator."""
    end = words.rfind(" ", start + 1, start + width) + 1 or words.find(" ", start + width) + 1
    while words[start:end] == SIGNATURE_SEPARATOR:
        end = words.find(" ", end) + 1
    return end


def _marked(depth: int, words: str) -> str:
    """With quote marks, or stuffed with a space where the line would be taken for something else (sections
    4.4 and 4.5)."""
    if depth:
        return f"{'>' * depth} {words}" if words else ">" * depth
    return f" {words}" if words.startswith(_STUFFED) else words
