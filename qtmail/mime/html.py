"""HTML of messages: sanitised to keep, then turned into a sealed document to show.

Two passes through the same cleaner. `sanitise` removes whatever could act; addresses of images stay, for the
user may still want them. `display_html` resolves `cid:` to the message's own parts and removes remote
addresses, or maps them where the user allowed it. The view adds its own walls (no JavaScript, request
interceptor); nothing here relies on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from urllib.parse import unquote

import nh3

from qtmail.mime.css import Rewrite, clean_declarations, clean_stylesheet
from qtmail.mime.html_text import html_to_text, is_absurd
from qtmail.mime.message import ParsedMessage
from qtmail.mime.style import document_style, has_own_colours
from qtmail.mime.text import text_to_html

__all__ = ["Sanitised", "display_html", "html_to_text", "sanitise", "sanitise_message"]

_TAGS = nh3.ALLOWED_TAGS - {"rtc"} | {
    "font", "big", "tfoot", "address", "main", "section", "article", "header", "footer", "audio",
    "video", "caption", "u", "s", "strike", "tt", "nobr", "dir", "menu",
}  # fmt: skip
_DROPPED_WITH_CONTENT = {
    "script", "style", "title", "svg", "math", "iframe", "frame", "frameset", "object", "embed",
    "applet", "noscript", "noembed", "noframes", "template", "select", "textarea", "xmp", "plaintext",
    "base",
}  # fmt: skip
_EVERYWHERE = {
    "style", "class", "id", "title", "dir", "lang", "align", "valign", "width", "height", "bgcolor",
    "background", "color", "face", "size", "border", "bordercolor", "cellpadding", "cellspacing",
    "colspan", "rowspan", "nowrap", "hspace", "vspace", "name", "clear", "noshade", "start", "type",
    "value", "alt", "datetime", "hidden", "summary", "scope", "headers", "rules", "frame",
    "role", "span", "char", "charoff", "abbr", "axis", "compact", "reversed", "open",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "area": {"href", "coords", "shape", "nohref"},
    "img": {"src", "srcset", "usemap", "ismap"},
    "audio": {"src", "controls"},
    "video": {"src", "controls", "poster"},
}
_SCHEMES = {
    "http", "https", "ftp", "mailto", "tel", "sms", "cid", "mid", "data", "news", "xmpp", "geo", "callto",
    "webcal",
}  # fmt: skip
_NOT_FOR_LINKS = ("cid:", "mid:", "data:")
_COMMENT_OR_STYLE = re.compile(
    r"<!--(?:>|->|.*?(?:--!?>|\Z))|<style\b[^<>]*>(.*?)(?:</style\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_BODY = re.compile(r"<(/?)body\b", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_IMAGE_DATA = re.compile(r"data:image/(?:png|gif|jpe?g|pjpeg|webp|bmp|x-icon|avif)[;,]", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\xa0]+")


@dataclass(slots=True)
class Sanitised:
    """Harmless HTML and what it refers to.

    Attributes:
        html: style sheet and markup, without document frame.
        remote: addresses it would load from the network, in order, each once.
        local: Content-IDs and relative addresses it refers to.
    """

    html: str = ""
    remote: list[str] = field(default_factory=list)
    local: set[str] = field(default_factory=set)


def sanitise(html: str) -> str:
    """Harmless HTML with the looks of `html`: no scripts, handlers, forms, frames or redirections. Never
    raises."""
    return sanitise_message(html).html


def sanitise_message(html: str) -> Sanitised:
    """`sanitise`, telling also what the HTML refers to."""
    result = Sanitised()
    seen: set[str] = set()

    def note(address: str) -> str | None:
        address, kind = _classify(address)
        if kind == "remote" and address not in seen:
            seen.add(address)
            result.remote.append(address)
        elif kind == "cid":
            result.local.add(_content_id(address))
        elif kind == "relative":
            result.local.add(address)
        return address if kind else None

    result.html = _clean(html, note)
    return result


def _classify(address: str) -> tuple[str, str]:
    """(tidied address, "remote", "cid", "data" or "relative"; "" for what may never be loaded)."""
    address = _CONTROLS.sub("", address) if address[:5].lower() != "data:" else address.strip()
    if address.startswith("//"):
        return "https:" + address, "remote"
    if address.startswith(("\\", "/\\")):
        return address, ""
    match = _SCHEME.match(address)
    if match is None:
        return address, "relative" if address and not address.startswith("#") else ""
    scheme = match[1].lower()
    if scheme in ("http", "https", "ftp"):
        return address, "remote"
    if scheme in ("cid", "mid"):
        return address, "cid"
    return address, "data" if scheme == "data" and _IMAGE_DATA.match(address) else ""


def _content_id(address: str) -> str:
    return unquote(address[4:]).strip("<>")


def _clean(html: str, rewrite: Rewrite) -> str:
    """One pass: style sheets through the CSS cleaner, markup through nh3, addresses through `rewrite`."""
    sheets: list[str] = []

    def take(match: re.Match[str]) -> str:
        if match[1]:
            sheets.append(match[1])
        return ""

    html = _COMMENT_OR_STYLE.sub(take, html.replace("\0", ""))
    if is_absurd(html):
        return f"<pre>{escape(html_to_text(html))}</pre>"
    cleaned = nh3.clean(
        _BODY.sub(r"<\1div", html),
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute_filter(rewrite),
        url_schemes=_SCHEMES,
    )
    css = clean_stylesheet("\n".join(sheets), rewrite) if sheets else ""
    return f"<style>\n{css}</style>{cleaned}" if css.strip() else cleaned


def _attribute_filter(rewrite: Rewrite) -> Callable[[str, str, str], str | None]:
    @lru_cache(maxsize=2048)
    def clean_style(value: str) -> str | None:
        return clean_declarations(value, rewrite) or None

    def filter_attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return clean_style(value)
        if name in ("src", "background", "poster"):
            return rewrite(value)
        if name == "srcset":
            for candidate in value.split(",")[:50]:
                rewrite(candidate.strip().split(" ")[0])
            return None
        if name == "href":
            return None if value.strip().lower().startswith(_NOT_FOR_LINKS) else value
        return value

    return filter_attribute


def display_html(
    message: ParsedMessage,
    *,
    part_url: Callable[[str], str],
    allow_remote: Callable[[str], str] | None,
    dark: bool,
) -> str:
    """The whole document to show for a message; it loads nothing but from `part_url`.

    Args:
        part_url: the address under which the view serves the part of a section.
        allow_remote: maps a remote address to the one it is served under; None: remote content stays out.
        dark: the window is dark. Messages with colours of their own stay on white paper.
    """
    if message.html is None:
        body, paper = text_to_html(message.text), dark
    else:
        body = _clean(message.html, _resolver(message, part_url, allow_remote))
        paper = dark and not has_own_colours(body)
    scheme = part_url("").split(":", 1)[0]
    policy = f"default-src 'none'; img-src {scheme}: data:; media-src {scheme}:; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<style>{document_style(dark=paper, plain=message.html is None)}</style>\n"
        f"</head><body>\n{body}\n</body></html>\n"
    )


def _resolver(
    message: ParsedMessage, part_url: Callable[[str], str], allow_remote: Callable[[str], str] | None
) -> Rewrite:
    """Maps each address in the HTML to where the view may load it from."""
    by_id = {item.content_id: item.section for item in message.attachments if item.content_id}
    by_location = {item.location: item.section for item in message.attachments if item.location}

    def resolve(address: str) -> str | None:
        address, kind = _classify(address)
        if kind == "data":
            return address
        section = by_id.get(_content_id(address)) if kind == "cid" else by_location.get(address)
        if section is not None:
            return part_url(section)
        if kind == "remote" and allow_remote is not None:
            return allow_remote(address)
        return None

    return resolve
