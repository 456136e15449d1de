"""Lines as a small, clean HTML fragment: p, br, b, i, u, s, code, a, span (colour), ul, ol, li, blockquote,
pre, img.

In the editor Enter begins a line, and an empty line parts paragraphs. So lines that stand together become
one `<p>` with `<br>` between them, and the empty line becomes the gap between two `<p>`: it looks the same to
the reader, and the text made of it has the lines that were typed. As anywhere in HTML, a `<br>` at the very
end of a block shows nothing; an empty last line is therefore followed by one more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby
from unicodedata import bidirectional

from qtmail.ui.composer.rich_text import LINE_BREAK, Line, LineKind, Picture, Run, Style, clean_text

_TAB = "    "
_REPEATED_SPACE = re.compile(f"(?<=[ {LINE_BREAK}]) ")
_NAMES = {LineKind.BULLET: "ul", LineKind.NUMBER: "ol"}

Tag = tuple[str, str]
"""The name of an element and its attributes, with a space before them."""


def write_html(lines: Sequence[Line]) -> str:
    """The fragment for `lines`; "" for a text that is empty."""
    clean = [part for line in lines for part in _parted(line)]
    return "" if clean in ([], [Line()]) else _quoted(clean, 0)


def _parted(line: Line) -> Iterator[Line]:
    """The line, cleaned; one with line breaks in it as several, unless it is a list item."""
    if line.clean:
        yield line
        return
    runs: list[Run] = []
    for run in line.runs:
        first, *others = [run.text] if line.kind.is_item else run.text.split(LINE_BREAK)
        runs.append(replace(run, text=clean_text(first)))
        for text in others:
            yield _of(line, runs)
            runs = [Run(clean_text(text), run.style)]
    yield _of(line, runs)


def _of(line: Line, runs: Iterable[Run]) -> Line:
    return replace(line, runs=tuple(run for run in runs if run.text or run.picture))


def _quoted(lines: list[Line], level: int) -> str:
    """Lines that are quoted at least `level` deep, at that level."""
    out: list[str] = []
    for deeper, group in groupby(lines, lambda line: line.quote > level):
        inner = list(group)
        if deeper:
            out.append(f"<blockquote>{_quoted(inner, level + 1)}</blockquote>")
        else:
            out.append(_level(inner))
    return "".join(out)


def _level(lines: Iterable[Line]) -> str:
    """Lines of one quote level, block by block."""
    out: list[str] = []
    for kind, group in groupby(lines, lambda line: LineKind.BULLET if line.kind.is_item else line.kind):
        block = list(group)
        match kind:
            case LineKind.TEXT:
                out.extend(f"<p{_direction(lines)}>{_lines(lines)}</p>" for lines in _paragraphs(block))
            case LineKind.CODE:
                out.append(_preformatted(block))
            case _:
                out.append(_list(block))
    return "".join(out)


def _paragraphs(lines: list[Line]) -> Iterator[list[Line]]:
    """Lines that stand together; joined with one empty line each, they are all the lines again."""
    paragraph: list[Line] = []
    for index, line in enumerate(lines):
        ends = line.empty and bool(paragraph) and not paragraph[-1].empty
        if ends and index < len(lines) - 1:
            yield paragraph
            paragraph = []
        else:
            paragraph.append(line)
    yield paragraph


def _direction(lines: Sequence[Line]) -> str:
    """The attributes of an element of which some lines are written from right to left.

    HTML runs from left to right unless it says otherwise; where both kinds of lines stand together, each has
    its own direction (CSS Writing Modes 4, "plaintext").
    """
    leftward = {_runs_left(line.text) for line in lines if line.text.strip()}
    if leftward == {True}:
        return ' dir="rtl"'
    return ' dir="auto" style="unicode-bidi:plaintext;text-align:start"' if True in leftward else ""


def _runs_left(text: str) -> bool:
    """Whether the first letter belongs to a script that is written from right to left (UAX 9, rule P2)."""
    if text.isascii():
        return False
    strong = (kind for kind in map(bidirectional, text) if kind in ("L", "R", "AL"))
    return next(strong, "L") != "L"


def _lines(lines: Sequence[Line]) -> str:
    filler = "<br>" if lines[-1].empty or lines[-1].text.endswith(LINE_BREAK) else ""
    return "<br>".join(_inline(line.runs) for line in lines) + filler


def _preformatted(lines: list[Line]) -> str:
    text = "\n".join(_inline(line.runs, preformatted=True) for line in lines)
    if lines[-1].empty:
        text += "\n"
    # A line break right behind <pre> is not part of its text.
    return f"<pre>\n{text}</pre>" if text.startswith("\n") else f"<pre>{text}</pre>"


def _list(items: list[Line]) -> str:
    """Items of any depth as nested lists; no item is more than one step deeper than the one before."""
    out: list[str] = []
    open_lists: list[LineKind] = []
    for item in items:
        depth = max(1, min(item.depth, len(open_lists) + 1))
        while len(open_lists) > depth or (len(open_lists) == depth and open_lists[-1] is not item.kind):
            out.append(f"</li></{_NAMES[open_lists.pop()]}>")
        if len(open_lists) == depth:
            out.append("</li>")
        else:
            out.append(f"<{_NAMES[item.kind]}>")
            open_lists.append(item.kind)
        out.append(f"<li{_direction([item])}>{_lines([item])}")
    out.extend(f"</li></{_NAMES[kind]}>" for kind in reversed(open_lists))
    return "".join(out)


def _inline(runs: Iterable[Run], *, preformatted: bool = False) -> str:
    """Runs with their tags; neighbours share the outer tags they have in common."""
    out: list[str] = []
    open_tags: list[Tag] = []
    before = LINE_BREAK
    for style, group in groupby(runs, lambda run: run.style):
        wanted = _tags(style, preformatted=preformatted)
        content = ""
        for run in group:
            content += _picture(run.picture) if run.picture else _text(run.text, before, preformatted)
            before = run.text[-1:]
        common = _common(open_tags, wanted)
        out.extend(f"</{name}>" for name, _ in reversed(open_tags[common:]))
        out.extend(f"<{name}{attributes}>" for name, attributes in wanted[common:])
        out.append(content)
        open_tags = wanted
    out.extend(f"</{name}>" for name, _ in reversed(open_tags))
    return "".join(out)


def _common(one: list[Tag], other: list[Tag]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _tags(style: Style, *, preformatted: bool) -> list[Tag]:
    tags: list[Tag] = []
    if style.href:
        tags.append(("a", f' href="{escape(style.href)}"'))
    if style.bold:
        tags.append(("b", ""))
    if style.italic:
        tags.append(("i", ""))
    if style.underline and not style.href:
        tags.append(("u", ""))
    if style.strike:
        tags.append(("s", ""))
    if style.code and not preformatted:
        tags.append(("code", ""))
    if style.color and not style.href:
        tags.append(("span", f' style="color:{style.color}"'))
    return tags


def _text(text: str, before: str, preformatted: bool) -> str:
    """Text with all its spaces: HTML would show several as one, and none at the beginning of a line."""
    if preformatted:
        return escape(text, quote=False)
    text = text.replace("\t", _TAB)
    if before in (" ", LINE_BREAK) and text.startswith(" "):
        text = "\xa0" + text[1:]
    text = escape(_REPEATED_SPACE.sub("\xa0", text), quote=False)
    return text.replace("\xa0", "&nbsp;").replace(LINE_BREAK, "<br>")


def _picture(picture: Picture) -> str:
    sizes = (("width", picture.width), ("height", picture.height))
    attributes = "".join(f' {name}="{value}"' for name, value in sizes if value)
    alt = clean_text(" ".join(picture.alt.split()))
    return f'<img src="cid:{escape(clean_text(picture.content_id))}"{attributes} alt="{escape(alt)}">'
