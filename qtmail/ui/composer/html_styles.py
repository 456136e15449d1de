"""What HTML says about the looks of text, cut down to the looks the editor knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from qtmail.ui.composer.rich_text import Style, clean_text

_BOLD = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_ITALIC = frozenset({"i", "em", "cite", "var"})
_UNDERLINE = frozenset({"u", "ins"})
_STRIKE = frozenset({"s", "strike", "del"})
_CODE = frozenset({"code", "tt", "kbd", "samp"})
_BOLD_WEIGHTS = ("bold", "bolder", "600", "700", "800", "900")
_LINK = re.compile(r"(?:https?|ftp|mailto|tel|sms|xmpp|geo|news):", re.IGNORECASE)
_LONG_COLOR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_SHORT_COLOR = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])", re.IGNORECASE)
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)", re.IGNORECASE)
_NAMED_COLORS = {
    "blue": "#0000ff", "brown": "#a52a2a", "fuchsia": "#ff00ff", "green": "#008000", "lime": "#00ff00",
    "maroon": "#800000", "navy": "#000080", "olive": "#808000", "orange": "#ffa500", "purple": "#800080",
    "red": "#ff0000", "teal": "#008080", "yellow": "#ffff00",
}  # fmt: skip
_GREYISH = 40
"""Colours whose channels lie closer together than this (of 255) are taken for the ink of another page."""


def styled(style: Style, tag: str, attributes: Mapping[str, str], *, foreign: bool) -> Style:
    """The style within an element, `style` being that around it. `foreign`: see `html_reader.read_html`."""
    style = replace(
        style,
        bold=style.bold or tag in _BOLD,
        italic=style.italic or tag in _ITALIC,
        underline=style.underline or tag in _UNDERLINE,
        strike=style.strike or tag in _STRIKE,
        code=style.code or tag in _CODE,
    )
    if tag == "a" and _LINK.match(href := clean_text(attributes.get("href", "").strip())):
        style = replace(style, href=href)
    declarations = [("color", attributes.get("color", ""))]
    declarations += [
        (name, value)
        for name, _, value in (one.partition(":") for one in attributes.get("style", "").split(";"))
    ]
    for name, value in declarations:
        style = _declared(style, name.strip().lower(), value.strip().lower(), foreign)
    return style


def _declared(style: Style, name: str, value: str, foreign: bool) -> Style:
    """`style` with one CSS declaration."""
    match name:
        case "font-weight":
            return replace(style, bold=value in _BOLD_WEIGHTS)
        case "font-style":
            return replace(style, italic=value in ("italic", "oblique"))
        case "text-decoration" | "text-decoration-line":
            words = value.split()
            return replace(
                style,
                underline=style.underline or "underline" in words,
                strike=style.strike or "line-through" in words,
            )
        case "color" if (color := _hexadecimal(value)) and not (foreign and _is_greyish(color)):
            return replace(style, color=color)
    return style


def _is_greyish(color: str) -> bool:
    channels = [int(color[place : place + 2], 16) for place in (1, 3, 5)]
    return max(channels) - min(channels) < _GREYISH


def _hexadecimal(value: str) -> str:
    """A CSS colour as `#rrggbb`, or "" for one that is not understood."""
    if _LONG_COLOR.fullmatch(value):
        return value
    if match := _SHORT_COLOR.fullmatch(value):
        return "#" + "".join(digit * 2 for digit in match.groups())
    if match := _RGB.fullmatch(value):
        return "#" + "".join(f"{min(int(channel), 255):02x}" for channel in match.groups())
    return _NAMED_COLORS.get(value, "")
