"""The base style of the documents that messages are shown in, light and dark."""

from __future__ import annotations

import re

_OWN_COLOURS = re.compile(
    r"\bbgcolor\s*=|\bbackground(?:-color|-image)?\s*[:=]|\bcolor\s*[:=]", re.IGNORECASE
)

_LIGHT = {"paper": "#ffffff", "ink": "#1f2328", "link": "#0b57d0", "faint": "#59636e"}
_DARK = {"paper": "#1e1f22", "ink": "#e3e5e8", "link": "#8ab4f8", "faint": "#9aa0a6"}
_QUOTES_LIGHT = ("#1a5fb4", "#26793a", "#a5480b", "#813d9c", "#7d5b00")
_QUOTES_DARK = ("#8ab4f8", "#81c995", "#fcad70", "#d7aefb", "#fdd663")

_COMMON = """
html {{ color-scheme: {scheme}; }}
body {{ margin: 12px; background: {paper}; color: {ink};
  font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
  font-size: 14px; line-height: 1.5; overflow-wrap: break-word; }}
a {{ color: {link}; }}
img {{ max-width: 100%; }}
pre {{ white-space: pre-wrap; }}
"""
_PLAIN = """
.text {{ white-space: pre-wrap; }}
blockquote {{ margin: 4px 0; padding-left: 10px; border-left: 3px solid; }}
summary {{ cursor: pointer; color: {faint}; list-style: none; user-select: none; }}
.signature {{ color: {faint}; }}
"""


def document_style(*, dark: bool, plain: bool) -> str:
    """The style sheet of a message document; `plain`: it shows plain text with quote levels."""
    colours = _DARK if dark else _LIGHT
    css = (_COMMON + (_PLAIN if plain else "")).format(scheme="dark" if dark else "light", **colours)
    if plain:
        for level, colour in enumerate(_QUOTES_DARK if dark else _QUOTES_LIGHT, 1):
            css += f"blockquote.level-{level} {{ color: {colour}; border-color: {colour}; }}\n"
    return css


def has_own_colours(html: str) -> bool:
    """Whether a message sets colours itself, so that a dark background would make it unreadable."""
    return _OWN_COLOURS.search(html) is not None
