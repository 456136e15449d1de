"""The simple HTML that our editor knows: made of plain text, and left over from somebody else's HTML.

As in the editor, a line is a line (`<br>`), and an empty line parts two paragraphs (`<p>`).
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby

import nh3

from qtmail.mime.text import quote_levels

_LOSSLESS = {
    "p", "br", "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "tt", "kbd", "samp", "a",
    "span", "font", "img", "ul", "ol", "li", "blockquote", "pre", "div", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "center", "section", "article", "header", "footer", "main", "address", "cite", "var",
}  # fmt: skip
"""Elements that the editor shows, or whose content says the same without them."""
_TABLES = {"table", "tbody", "thead", "tfoot", "tr", "td", "th", "dl", "dt", "dd", "figure", "figcaption"}
"""Kept so that rows and cells stay apart; the editor makes lines of them."""
_HARMLESS = {
    "style", "wbr", "nobr", "big", "small", "sub", "sup", "abbr", "acronym", "mark", "q", "bdi", "bdo", "dfn",
}  # fmt: skip
_DROPPED_WITH_CONTENT = {"style", "script", "title", "select", "textarea", "object", "template"}
_ATTRIBUTES = {"*": {"style"}, "a": {"href"}, "font": {"color"}, "img": {"src", "alt", "width", "height"}}
_SCHEMES = {"http", "https", "ftp", "mailto", "tel", "cid"}
_STYLES = {"color", "font-weight", "font-style", "text-decoration"}

_TAG = re.compile(r"<([a-z][a-z0-9]*)\b")
_REMOTE = re.compile(r'<img\b[^>]*\bsrc="(?!cid:)|\bbackground="|\burl\(')
_IMAGE_WITHOUT_SOURCE = re.compile(r'<img\b(?![^>]*\bsrc=)(?:[^>]*\balt="([^"]*)")?[^>]*>')
_HIDDEN = re.compile(
    r"<(?P<tag>div|span|p|td|tr|table)\b[^>]*display\s*:\s*none[^>]*>[^<]*</(?P=tag)>", re.IGNORECASE
)
"""The preview texts of newsletters."""
_BLANK_LINE = re.compile(r"^[ \t\xa0]+$", re.MULTILINE)
_END_OF_PARAGRAPH = re.compile(r"(?<=[^\n])\n\n")
_RUN_OF_SPACES = re.compile(r"^ +| {2,}", re.MULTILINE)


def simplified(html: str) -> str:
    """Sanitised HTML cut down to what the editor can take in: text, links, lists, emphasis, colours and the
    pictures of the message itself (`cid:`). Remote pictures become their description.
    """
    clean = nh3.clean(
        _HIDDEN.sub("", html),
        tags=_LOSSLESS | _TABLES,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return _IMAGE_WITHOUT_SOURCE.sub(lambda match: f"[{match[1]}]" if match[1] else "", clean)


def _keep(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if value.lower().startswith("cid:") else None
    if name == "style":
        kept = (one for one in value.split(";") if one.partition(":")[0].strip().lower() in _STYLES)
        return ";".join(kept).strip() or None
    return value


def is_simple(html: str) -> bool:
    """Whether sanitised HTML says all it says after `simplified`: no tables, remote pictures or media."""
    found = {match[1] for match in _TAG.finditer(html)}
    return found <= _LOSSLESS | _HARMLESS and _REMOTE.search(html) is None


def fragment(text: str) -> str:
    """Plain text as simple HTML, its quotes (`> `) as nested <blockquote>s."""
    out: list[str] = []
    depth = 0
    for level, run in groupby(quote_levels(text) if text else (), lambda pair: pair[0]):
        out.append("<blockquote>" * (level - depth) + "</blockquote>" * (depth - level))
        out.append(_paragraphs("\n".join(line for _, line in run)))
        depth = level
    return "".join(out) + "</blockquote>" * depth


def _paragraphs(text: str) -> str:
    """One empty line ends a paragraph; further ones begin the next."""
    paragraphs = _END_OF_PARAGRAPH.split(_BLANK_LINE.sub("", text).rstrip("\n"))
    return "".join(f"<p>{line_markup(paragraph)}</p>" for paragraph in paragraphs if paragraph)


def line_markup(text: str) -> str:
    """Text as the markup of lines. Runs of spaces are kept, which HTML would close up."""
    kept = _RUN_OF_SPACES.sub(lambda match: "\xa0" * len(match[0]), text.replace("\t", "    "))
    return escape(kept, quote=False).replace("\xa0", "&nbsp;").replace("\n", "<br>")
