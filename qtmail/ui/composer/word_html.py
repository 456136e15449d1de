"""Lists out of word processors.

Word and Outlook put list items on the clipboard as paragraphs, whose bullet is text that is shown only "if
lists are not supported". They become lists here, before the HTML is read like all other.
"""

from __future__ import annotations

import re

# Each part stops at the next tag of its kind, so that the time grows with the length and no faster.
_ITEM = re.compile(
    r"<p\b[^<>]*\bmso-list:[^<>;'\"]*\blevel(?P<level>[1-9])[^<>]*>(?P<text>(?:(?!</?p\b).)*)</p>",
    re.IGNORECASE | re.DOTALL,
)
_MARKER = re.compile(
    r"<!(?:--)?\[if !supportLists\](?:--)?>(?P<marker>(?:(?!<!).)*)<!(?:--)?\[endif\](?:--)?>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"\(?(?:\d+|[a-z]|[ivxlc]+)[.)]", re.IGNORECASE)


def with_lists(html: str) -> str:
    """`html` with the list items of Word as items of lists; all other HTML as it is."""
    return _ITEM.sub(_as_item, html) if "mso-list:" in html else html


def _as_item(item: re.Match[str]) -> str:
    marker = _MARKER.search(item["text"])
    if marker is None:
        return item[0]
    shown = _TAG.sub("", marker["marker"]).strip()
    name = "ol" if _NUMBER.match(shown) else "ul"
    level = int(item["level"])
    text = item["text"].replace(marker[0], "", 1)
    return f"<{name}>" * level + f"<li>{text}</li>" + f"</{name}>" * level
