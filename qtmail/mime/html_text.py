"""HTML as plain text.

nh3 first makes the markup well-formed and cuts it down to what matters for layout; then one pass over its
tags lays the text out in lines. Time and memory are linear in the input. (inscriptis, which was tried, pads
table cells into columns: seven seconds and hundreds of megabytes for one wide cell over many rows. It also
walks by recursion.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import nh3

MAX_LENGTH = 3_000_000
"""Characters of HTML that are read; what is longer is cut."""
MAX_DEPTH = 4000
"""Elements nested deeper than this are taken out by pattern: nh3 takes quadratic time in the depth of <div>s.
"""
MAX_AMPERSANDS = 100_000
MAX_QUOTE_DEPTH = 50
"""Quote marks in front of a line; deeper quotes look like this one."""
MAX_ATTRIBUTES = 2000
"""Of one element; nh3 takes quadratic time in their number."""

_PARAGRAPHS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "figure",
    "fieldset", "hr",
})  # fmt: skip
_BLOCKS = _PARAGRAPHS | frozenset({
    "div", "table", "tr", "li", "dt", "dd", "center", "address", "article", "aside", "section",
    "header", "footer", "main", "nav", "details", "summary", "caption", "figcaption", "form", "dir",
    "menu", "thead", "tbody", "tfoot",
})  # fmt: skip
_TAGS = {*_BLOCKS, "td", "th", "br", "img", "span", "a"}
_DROPPED = {"script", "style", "title", "select", "textarea", "noscript", "svg", "math", "template", "object"}
_ATTRIBUTES = {"*": {"style", "hidden"}, "img": {"alt"}, "ol": {"start"}}
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
})  # fmt: skip
_OPTIONAL_END = frozenset({
    "p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot", "colgroup",
})  # fmt: skip

_TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?:[^<>"]|"[^"]*")*)>|([^<]+)')
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
_NO_DISPLAY = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|\bhidden=", re.IGNORECASE)
_ALT = re.compile(r'\balt="([^"]*)"')
_START = re.compile(r'\bstart="(-?\d{1,6})"')
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{10000,}+")
_QUOTED_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
_BLOCK_TAG = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|table|blockquote)\b[^<>]*>", re.IGNORECASE)
_WITHOUT_TEXT = re.compile(
    r"<(script|style|title)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL
)
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff]+")
_SPACES = re.compile(r"[ \t\n\r\f\v]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """The text of an HTML document as it would be read: lines, lists, quotes (`> `), table rows. Never
    raises."""
    html = html[:MAX_LENGTH].replace("\0", "")
    if is_absurd(html):
        return _tidied(_flattened(html))
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags=_DROPPED,
        link_rel=None,
        url_schemes=set(),
    )
    layout = _Layout()
    text = _tidied(layout.run(clean))
    return text or "\n".join(layout.images)


def is_absurd(html: str) -> bool:
    """Whether this is no document that anyone wrote, but would keep an HTML parser busy for minutes.

    Elements with optional end tags are not counted as depth, for they close by themselves.
    """
    if html.count("&") > MAX_AMPERSANDS:
        return True
    if any(len(_QUOTED_VALUE.sub(" ", tag).split()) > MAX_ATTRIBUTES for tag in _LONG_TAG.findall(html)):
        return True
    if html.count("<") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _ANY_TAG.finditer(html):
        name = match[2].lower()
        if name in _VOID or name in _OPTIONAL_END or match[3]:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False


def _flattened(html: str) -> str:
    """Tags taken out, blocks on lines of their own."""
    text = _BLOCK_TAG.sub("\n", _WITHOUT_TEXT.sub(" ", html))
    return unescape(re.sub(r"<[^<>]*>", "", text))


def _tidied(text: str) -> str:
    """Without the invisible filling of newsletters and the blank lines that layout leaves behind."""
    lines = (line.rstrip("\xa0 \t") for line in _INVISIBLE.sub("", text).replace("\xa0", " ").split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


@dataclass(slots=True)
class _List:
    """A list that is open: the number of its next item, or None for bullets."""

    number: int | None


class _Layout:
    """Lines of text from a stream of well-formed tags.

    Attributes:
        images: the alternative texts of images, for documents that have no other text.
    """

    def __init__(self) -> None:
        self.images: list[str] = []
        self.lines: list[str] = []
        self.current: list[str] = []
        self.blank_before = False
        self.quotes = 0
        self.preformatted = 0
        self.lists: list[_List] = []
        self.cell_starts: list[int] = []
        """For each open table cell, how many lines there were when it began."""
        self.bullet = ""
        self.last_quotes = 0
        self.gap = False
        """A table cell ended on this line; the next one starts behind two spaces."""
        self.fresh_cell = False
        """A table cell has begun and holds nothing yet: blocks at its start do not end the line."""
        self.break_in_cell = False
        """A block ended in a cell of one line: what follows in the same cell goes on a new line."""

    def run(self, html: str) -> str:
        hidden = 0
        for match in _TOKEN.finditer(html):
            if match[4] is not None:
                if not hidden:
                    self._text(unescape(match[4]))
            elif match[2] in _VOID:
                if not hidden:
                    self._void(match[2], match[3])
            elif match[1]:
                hidden = max(0, hidden - 1)
                if not hidden:
                    self._end(match[2])
            elif hidden or (match[3] and _NO_DISPLAY.search(match[3])):
                hidden += 1
            else:
                self._start(match[2], match[3])
        self._finish_line()
        return "\n".join(self.lines)

    def _text(self, text: str) -> None:
        if self.preformatted:
            first, *others = text.split("\n")
            self._write(first)
            for line in others:
                self._break()
                self._write(line)
            return
        text = _SPACES.sub(" ", text)
        if not self.current or self.gap or self.current[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self._write(text)

    def _write(self, text: str) -> None:
        if not text:
            return
        if self.break_in_cell:
            self._finish_line()
        if self.gap and self.current:
            self.current.append("  ")
        self.gap = self.fresh_cell = False
        if self.bullet:
            self.current.append(self.bullet)
            self.bullet = ""
        self.current.append(text)

    def _finish_line(self) -> None:
        """End the line if there is anything on it."""
        line = "".join(self.current).rstrip()
        self.current = []
        self.gap = self.break_in_cell = False
        if not line:
            return
        if self.blank_before and self.lines and self.lines[-1].strip("> "):
            self.lines.append(">" * min(self.quotes, self.last_quotes))
        self.blank_before = False
        self.last_quotes = self.quotes
        self.lines.append(self._prefix() + line)

    def _break(self) -> None:
        """<br>: end the line, be it empty."""
        if "".join(self.current).strip():
            self._finish_line()
        else:
            self.current = []
            self.lines.append(self._prefix().rstrip())

    def _prefix(self) -> str:
        return ">" * min(self.quotes, MAX_QUOTE_DEPTH) + " " if self.quotes else ""

    def _boundary(self, name: str) -> None:
        """The start or end of a block: a new line, except at the edges of a table cell, which share one."""
        if self.fresh_cell:
            return
        self._finish_line()
        self.blank_before = self.blank_before or (name in _PARAGRAPHS and not self.lists)

    def _void(self, name: str, attributes: str) -> None:
        if name == "br":
            self._break()
        elif name == "hr":
            self._boundary(name)
            self._write("---")
            self._boundary(name)
        elif name == "img" and (match := _ALT.search(attributes)) and match[1].strip():
            self.images.append(unescape(match[1]).strip())

    def _start(self, name: str, attributes: str) -> None:
        if name in _BLOCKS:
            self._boundary(name)
        match name:
            case "blockquote":
                self.quotes += 1
            case "pre":
                self.preformatted += 1
            case "ul" | "dir" | "menu":
                self.lists.append(_List(None))
            case "ol":
                start = _START.search(attributes)
                self.lists.append(_List(int(start[1]) if start else 1))
            case "li":
                self._item()
            case "td" | "th":
                self.gap, self.fresh_cell = bool(self.current), True
                self.cell_starts.append(len(self.lines))

    def _item(self) -> None:
        indent = "  " * max(0, len(self.lists) - 1)
        number = self.lists[-1].number if self.lists else None
        if number is None:
            self.bullet = f"{indent}* "
        else:
            self.bullet = f"{indent}{number}. "
            self.lists[-1].number = number + 1

    def _end(self, name: str) -> None:
        if name in ("td", "th"):
            self._end_cell()
            return
        if name in _BLOCKS and self._in_single_line_cell() and name not in ("table", "tr", "li"):
            self.break_in_cell = bool(self.current) and not self.fresh_cell
        elif name in _BLOCKS:
            self._boundary(name)
        match name:
            case "blockquote":
                self.quotes = max(0, self.quotes - 1)
            case "pre":
                self.preformatted = max(0, self.preformatted - 1)
            case "ul" | "ol" | "dir" | "menu":
                if self.lists:
                    self.lists.pop()
                self.blank_before = self.blank_before or not self.lists
            case "li":
                self.bullet = ""

    def _in_single_line_cell(self) -> bool:
        return bool(self.cell_starts) and self.cell_starts[-1] == len(self.lines)

    def _end_cell(self) -> None:
        """A cell of one line leaves the line open for its neighbour; one of several lines ends it."""
        start = self.cell_starts.pop() if self.cell_starts else -1
        self.break_in_cell = self.fresh_cell = False
        if start == len(self.lines):
            self.gap = bool(self.current)
        else:
            self._finish_line()
