"""Plain text bodies: format=flowed, quote levels, links."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby

FOLD_LINES = 10
"""Quotes longer than this many lines can be folded."""
MAX_QUOTE_LEVEL = 20
_COLOURS = 5

_QUOTE = re.compile(r"(?:>[ \t]?)+")
_LINK = re.compile(
    # A URL ends at white space, at quotation marks and brackets, and where Chinese, Japanese or Korean text
    # begins.
    r"(?P<url>(?<![\w/])(?:https?://|ftp://|www\.(?=[\w-]))"
    r"[^\s<>\"'`{}|\\^\u00ab\u00bb\u2010-\u205e\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe10-\uffef]+)"
    r"|(?P<mail>(?:mailto:)?(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})",
    re.IGNORECASE | re.ASCII,
)
_TRAILING = ".,;:!?*_~'\""
_BRACKETS = {")": "(", "]": "["}
_ENDINGS = frozenset(_TRAILING).union(_BRACKETS)


def unflow(text: str, delsp: bool = False) -> str:
    """Undo format=flowed (RFC 3676): join soft-broken lines of the same quote depth, remove space-stuffing.

    `delsp`: the space at a soft break was added by the sender and goes away (section 4.2), as in Chinese
    text.
    """
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        if bare.startswith(" "):
            bare = bare[1:]
        is_signature = bare == "-- "
        joins = depth == open_depth and not is_signature
        flowed = bare.endswith(" ") and not is_signature
        piece = bare[:-1] if flowed and delsp else bare
        if joins:
            out.append(piece)
        else:
            if out:
                out.append("\n")
            out.append((">" * depth + " " if depth else "") + piece)
        open_depth = depth if flowed else -1
    return "".join(out)


def quote_levels(text: str) -> list[tuple[int, str]]:
    """Each line with its quote depth, the quote marks removed. A `>From` at depth 0 is an escaped From, no
    quote."""
    return [_quote_level(line) for line in text.split("\n")]


def _quote_level(line: str) -> tuple[int, str]:
    match = _QUOTE.match(line)
    if match is None or line.startswith(">From "):
        return 0, line
    return min(match[0].count(">"), MAX_QUOTE_LEVEL), line[match.end() :]


def text_to_html(text: str) -> str:
    """Markup for plain text: quotes as nested <blockquote>s that fold when long, links clickable, all else
    escaped."""
    runs = [
        (level, [line for _, line in group])
        for level, group in groupby(quote_levels(text), lambda pair: pair[0])
    ]
    out: list[str] = []
    index = 0
    while index < len(runs):
        if runs[index][0] == 0:
            out.append(_paragraph(runs[index][1]))
            index += 1
            continue
        end = index
        while end < len(runs) and runs[end][0] > 0:
            end += 1
        out.append(_quote(runs[index:end], last=end == len(runs)))
        index = end
    return "\n".join(out)


def _paragraph(lines: list[str]) -> str:
    if "-- " in lines:
        cut = len(lines) - 1 - lines[::-1].index("-- ")
        body, signature = "\n".join(lines[:cut]), "\n".join(lines[cut:])
        shown = f'<div class="text">{_linked(body)}</div>\n' if body.strip() else ""
        return f'{shown}<div class="text signature">{_linked(signature)}</div>'
    return f'<div class="text">{_linked(chr(10).join(lines))}</div>'


def _quote(runs: list[tuple[int, list[str]]], *, last: bool) -> str:
    """One uninterrupted quote; a long one folds, and the one that ends the message starts folded."""
    out: list[str] = []
    depth = 0
    for level, lines in runs:
        while depth < level:
            depth += 1
            out.append(f'<blockquote class="level-{(depth - 1) % _COLOURS + 1}">')
        while depth > level:
            depth -= 1
            out.append("</blockquote>")
        out.append(f'<div class="text">{_linked(chr(10).join(lines))}</div>')
    out.append("</blockquote>" * depth)
    count = sum(len(lines) for _, lines in runs)
    if count <= FOLD_LINES:
        return "\n".join(out)
    state = "" if last else " open"
    return f"<details{state}><summary>··· ({count})</summary>\n" + "\n".join(out) + "\n</details>"


def _linked(text: str) -> str:
    """Escaped text with its addresses made into links."""
    out: list[str] = []
    position = 0
    for match in _LINK.finditer(text):
        shown = _without_trailing_punctuation(match[0])
        if match["mail"]:
            target = shown if shown.lower().startswith("mailto:") else f"mailto:{shown}"
        else:
            target = f"http://{shown}" if shown.lower().startswith("www.") else shown
        if target.rstrip("/").endswith(":"):
            continue
        out.append(escape(text[position : match.start()]))
        out.append(f'<a href="{escape(target)}">{escape(shown)}</a>')
        position = match.start() + len(shown)
    out.append(escape(text[position:]))
    return "".join(out)


def _without_trailing_punctuation(link: str) -> str:
    """Without the full stop or closing bracket of the sentence around it; brackets of its own stay."""
    if link[-1] not in _ENDINGS:
        return link
    surplus = {close: link.count(close) - link.count(opening) for close, opening in _BRACKETS.items()}
    end = len(link)
    while end and (link[end - 1] in _TRAILING or surplus.get(link[end - 1], 0) > 0):
        end -= 1
        if link[end] in surplus:
            surplus[link[end]] -= 1
    return link[:end]
