"""Reads HTML into lines: a fragment of our own exactly, anybody else's down to what the editor knows.

Nothing is looked up, loaded or run: a picture is kept if it is part of the message (`cid:`), a link if it
leads to where a person may go. Whoever reads foreign HTML sanitises it first (`qtmail.mime.html.sanitise`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from urllib.parse import unquote

from qtmail.ui.composer.html_styles import styled
from qtmail.ui.composer.rich_text import (
    LINE_BREAK,
    PLAIN,
    Line,
    LineKind,
    Picture,
    Run,
    Style,
    clean_text,
)

MAX_DEPTH = 20
"""Quotes and lists nested deeper than this look like this one."""
_MAX_SIDE = 10_000
"""Pixels."""

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "header", "main", "nav", "section", "summary", "table", "tbody", "tfoot",
    "thead", "tr",
}  # fmt: skip
_LISTS = {"ul": LineKind.BULLET, "menu": LineKind.BULLET, "dir": LineKind.BULLET, "ol": LineKind.NUMBER}
_SKIPPED = frozenset({"head", "script", "style", "template", "title"})
_VOID = frozenset(
    {"area", "base", "col", "embed", "input", "link", "meta", "param", "source", "track", "wbr"}
)

_SPACES = re.compile(r"[ \t\n\r\f]+")
_NO_MARGIN = re.compile(r"margin(?:-bottom)?\s*:\s*0(?![.\d])", re.IGNORECASE)


def read_html(html: str, *, foreign: bool = False) -> list[Line]:
    """The lines of a fragment, at least one. Never raises.

    `foreign`: it was written elsewhere, so blacks, whites and greys, which suited the ground they came
    from, are dropped.
    """
    reader = _Reader(foreign)
    reader.feed(html)
    reader.close()
    return reader.finish()


@dataclass(slots=True)
class _Open:
    """An element that is open, and the style outside it."""

    name: str
    style: Style


class _Reader(HTMLParser):
    """Collects lines from tags as they come; elements that are never closed do no harm.

    Attributes:
        runs: of the line that is being read.
        loose: the line so far ends in white space that was a line end of the source.
        in_item: what is read belongs to a list item whose line is not finished.
        owes_break: a block ended within a list item; what follows goes on a line of its own.
        paragraph: counts paragraphs; 0 outside any.
        last_paragraph: that of the last line, or -1 where no empty line may follow.
    """

    def __init__(self, foreign: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.foreign = foreign
        self.lines: list[Line] = []
        self.runs: list[Run] = []
        self.loose = False
        self.style = PLAIN
        self.open: list[_Open] = []
        self.lists: list[LineKind] = []
        self.in_item = False
        self.owes_break = False
        self.quote = 0
        self.preformatted = 0
        self.pre_begins = False
        self.skipped = 0
        self.paragraph = 0
        self.paragraphs = 0
        self.last_paragraph = -1

    def finish(self) -> list[Line]:
        """The lines read; call after `close`."""
        while self.open:
            self._end(self.open.pop())
        self._finish_line()
        return self.lines or [Line()]

    # -- what HTMLParser calls

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self.skipped += 1
        if self.skipped or tag in _VOID:
            return
        self.pre_begins = False
        attributes = {name: value or "" for name, value in attrs}
        match tag:
            case "br":
                self._break()
            case "img":
                self._image(attributes)
            case "hr":
                self._finish_line()
                self._write("―" * 10)
                self._finish_line()
            case _:
                self.open.append(_Open(tag, self.style))
                self.style = styled(self.style, tag, attributes, foreign=self.foreign)
                self._start(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self.skipped = max(0, self.skipped - 1)
        elif not self.skipped and any(one.name == tag for one in self.open):
            closed = None
            while closed != tag:
                element = self.open.pop()
                closed = element.name
                self._end(element)

    def handle_data(self, data: str) -> None:
        if self.skipped:
            return
        if self.preformatted:
            self._write_lines(data.replace("\r\n", "\n"))
            return
        text = _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", data)
        if not self.runs or self.owes_break or self.runs[-1].text.endswith((" ", LINE_BREAK)):
            text = text.lstrip(" \n")
        self._write(text.replace("\n", " "))
        if text:
            self.loose = text.endswith("\n")

    # -- elements

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _BLOCKS or tag in ("blockquote", "pre", "li") or tag in _LISTS:
            self._finish_block()
        match tag:
            case "blockquote":
                self._finish_line()
                self.quote = min(self.quote + 1, MAX_DEPTH)
            case "pre":
                self._finish_line()
                self.preformatted += 1
                self.pre_begins = True
            case "li":
                self._finish_line()
                self.in_item = True
            case "td" | "th" if self.runs:
                self._write("\t")
            case _ if tag in _LISTS:
                self._finish_line()
                self.lists.append(_LISTS[tag])
            case _ if tag in _PARAGRAPHS and not _NO_MARGIN.search(attributes.get("style", "")):
                self.paragraphs += 1
                self.paragraph = self.paragraphs

    def _end(self, element: _Open) -> None:
        tag, self.style = element.name, element.style
        match tag:
            case "blockquote":
                self._finish_line()
                self.quote = max(0, self.quote - 1)
            case "pre":
                self._finish_line()
                self.preformatted -= 1
            case "li":
                self._finish_item()
            case _ if tag in _LISTS:
                self._finish_line()
                self.lists.pop()
            case _ if tag in _BLOCKS:
                self._finish_block()
                if tag in _PARAGRAPHS:
                    self.paragraph = 0

    def _image(self, attributes: Mapping[str, str]) -> None:
        address = attributes.get("src", "")
        alt = clean_text(" ".join(attributes.get("alt", "").split()))
        if address[:4].lower() != "cid:":
            self._write(alt)
            return
        content_id = clean_text(unquote(address[4:]).strip("<> "))
        picture = Picture(content_id, _side(attributes.get("width")), _side(attributes.get("height")), alt)
        self._append(Run("", self._run_style(), picture))

    # -- lines

    def _write(self, text: str) -> None:
        if text := clean_text(text):
            self._append(Run(text, self._run_style()))

    def _write_lines(self, text: str) -> None:
        """Preformatted text; a line end right behind <pre> is not part of it."""
        if self.pre_begins:
            text = text.removeprefix("\n")
        self.pre_begins = False
        first, *others = text.split("\n")
        self._write(first)
        for line in others:
            self._break()
            self._write(line)

    def _append(self, run: Run) -> None:
        if self.owes_break:
            self.runs.append(Run(LINE_BREAK, run.style))
            self.owes_break = False
        self.runs.append(run)
        self.loose = False

    def _break(self) -> None:
        if self.in_item:
            self._append(Run(LINE_BREAK, self._run_style()))
        else:
            self._push()

    def _finish_block(self) -> None:
        """The start or end of a block: ends the line, but within a list item only breaks it."""
        if self.in_item:
            self.owes_break = bool(self.runs)
        else:
            self._finish_line()

    def _finish_line(self) -> None:
        """End the line if anything is on it."""
        if self.runs:
            self._push()
        self.in_item = self.owes_break = False

    def _finish_item(self) -> None:
        """End a list item, which is a line even where it is empty."""
        if self.in_item or self.runs:
            self._push()
        self.in_item = self.owes_break = False

    def _push(self) -> None:
        runs = self.runs
        if runs and (self.loose or (self.in_item and runs[-1].text.endswith(LINE_BREAK))):
            runs[-1] = replace(runs[-1], text=runs[-1].text[:-1])
        line = Line(tuple(run for run in runs if run.text or run.picture), quote=self.quote)
        if self.preformatted:
            line = replace(line, kind=LineKind.CODE)
        elif self.in_item:
            kind = self.lists[-1] if self.lists else LineKind.BULLET
            line = replace(line, kind=kind, depth=min(max(1, len(self.lists)), MAX_DEPTH))
        self._part_paragraphs(line)
        self.lines.append(line)
        self.runs = []
        self.loose = False

    def _part_paragraphs(self, line: Line) -> None:
        """Put an empty line between `line` and the one before, if they are of different paragraphs."""
        if line.kind is not LineKind.TEXT:
            self.last_paragraph = -1
            return
        before = self.lines[-1] if self.lines else None
        beside = before is not None and before.kind is LineKind.TEXT and before.quote == line.quote
        if beside and self.last_paragraph not in (-1, self.paragraph):
            self.lines.append(Line(quote=line.quote))
        self.last_paragraph = self.paragraph

    # -- looks

    def _run_style(self) -> Style:
        return replace(self.style, code=False) if self.preformatted else self.style


def _side(value: str | None) -> int:
    """The width or height of a picture in pixels; 0 where none is given, or none that makes sense."""
    digits = (value or "").removesuffix("px")
    return min(int(digits), _MAX_SIDE) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
