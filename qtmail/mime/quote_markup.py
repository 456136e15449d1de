"""The HTML document of a message of ours: what was typed, and the sealed quote below it.

Both stand in elements with a class of our own, by which a draft that comes back from a server is taken apart
again. Other programs see plain <div>s and <blockquote>s.
"""

from __future__ import annotations

import re

from qtmail.domain.composition import Quote, QuoteKind
from qtmail.mime.html_text import html_to_text
from qtmail.mime.simple_html import fragment, line_markup

_CITE = '<blockquote type="cite" style="margin:0 0 0 0.8ex;border-left:2px solid #b4bcc4;padding-left:1ex"'
_BODY = "qtmail-body"
_ATTRIBUTION = "qtmail-attribution"
_ORIGINAL = "qtmail-original"

_STYLE = re.compile(r"(?:\s*<style>[^<]*</style>)+")
_QUOTE_START = re.compile(r'</div>\s*<div class="qtmail-(reply|forward)">')
_ORIGINAL_START = re.compile(rf'<(blockquote|div)\b[^<>]*\bclass="{_ORIGINAL}">')


def document(body: str, quote: Quote | None) -> str:
    """The HTML of a message: `body`, a fragment of simple HTML, and the quote, whose HTML is not touched.

    A style sheet the quote begins with goes to the head, because many programs look for one only there.
    """
    style, original = _without_style(quote.html) if quote else ("", "")
    return (
        "<!DOCTYPE html>\n<html><head>\n"
        f'<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n{style}</head>\n<body>\n'
        f'<div class="{_BODY}">{body.replace("<blockquote>", f"{_CITE}>")}</div>\n'
        f"{_quote_markup(quote, original) if quote else ''}</body></html>\n"
    )


def _without_style(html: str) -> tuple[str, str]:
    """The style sheet that sanitised HTML begins with, and the rest."""
    match = _STYLE.match(html)
    return (match[0].strip() + "\n", html[match.end() :]) if match else ("", html)


def _quote_markup(quote: Quote, original: str) -> str:
    above = ""
    if quote.attribution:
        above = f'<div class="{_ATTRIBUTION}">{line_markup(quote.attribution)}</div>\n'
    html = original if quote.html else fragment(quote.text)
    start, end = (_CITE, "</blockquote>") if quote.kind is QuoteKind.REPLY else ("<div", "</div>")
    return f'<div class="qtmail-{quote.kind}">{above}{start} class="{_ORIGINAL}">{html}{end}</div>\n'


def take_apart(html: str) -> tuple[str, Quote | None] | None:
    """The body and the quote of a document of ours, from its sanitised HTML; None if it is none of ours.

    The first marks count, for a quote may hold a quote of ours, and the body cannot.
    """
    style, rest = _without_style(html)
    rest = rest.strip()
    body = _inside(rest, f'<div class="{_BODY}">', "</div>")
    if body is None:  # what <body> became
        body = _inside((_inside(rest, "<div>", "</div>") or "").strip(), f'<div class="{_BODY}">', "</div>")
    if body is None:
        return None
    start = _QUOTE_START.search(body)
    if start is None:
        return body, None
    quote = _read_quote(QuoteKind(start[1]), style.strip(), body[start.end() :])
    return (body[: start.start()], quote) if quote else None


def _read_quote(kind: QuoteKind, style: str, markup: str) -> Quote | None:
    """The quote in the content of its element."""
    above, attribution = f'<div class="{_ATTRIBUTION}">', ""
    if markup.startswith(above):
        attribution, _, markup = markup.removeprefix(above).partition("</div>")
    markup = markup.strip()
    start = _ORIGINAL_START.match(markup)
    original = _inside(markup, start[0], f"</{start[1]}>") if start else None
    if original is None:
        return None
    return Quote(kind, html_to_text(attribution), style + original, html_to_text(original))


def _inside(markup: str, start: str, end: str) -> str | None:
    """What stands between `start` and `end`; None where the markup does not begin and end with them."""
    if not (markup.startswith(start) and markup.endswith(end)) or len(markup) < len(start) + len(end):
        return None
    return markup[len(start) : len(markup) - len(end)]
