"""Finding addresses in running text, and the texts of links in HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

# Web addresses end at a space, a quotation mark, an angle bracket or Chinese punctuation; mail addresses
# are ASCII.
_ADDRESS = re.compile(
    r"(?P<web>\b(?:https?://|www\.)[^\s<>\"'`，。；：！？、（）\u3000《》「」『』【】“”‘’]+)"
    r"|(?P<mail>\b(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}\b)",
    re.IGNORECASE | re.ASCII,
)
_TRAILING = ".,;:!?…*_~|"
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class TextLink:
    """An address in `text[start:end]` and where it leads."""

    start: int
    end: int
    target: str


def find_links(text: str) -> Iterator[TextLink]:
    """Every web and mail address in `text`, in order, without the punctuation that only follows it."""
    for found in _ADDRESS.finditer(text):
        shown = _without_punctuation(found.group())
        if found["mail"]:
            target = shown if shown.lower().startswith("mailto:") else f"mailto:{shown}"
        else:
            target = f"http://{shown}" if shown[:4].lower() == "www." else shown
        yield TextLink(found.start(), found.start() + len(shown), target)


def _without_punctuation(address: str) -> str:
    while address:
        last = address[-1]
        unpaired = last in _PAIRS and address.count(last) > address.count(_PAIRS[last])
        if last not in _TRAILING and not unpaired:
            break
        address = address[:-1]
    return address


def link_texts(html: str) -> list[tuple[str, str]]:
    """The (target, text) of every link of an HTML text, in order; for a picture its description is the
    text.
    """
    collector = _LinkCollector()
    collector.feed(html)
    collector.close()
    return collector.links


class _LinkCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[str, str]] = []
        self._target: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("a", "area"):
            self._finish()
            self._target = values.get("href")
            if tag == "area":
                self._text.append(values.get("alt") or "")
                self._finish()
        elif tag == "img" and self._target is not None:
            self._text.append(values.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._finish()

    def handle_data(self, data: str) -> None:
        if self._target is not None:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._finish()

    def _finish(self) -> None:
        if self._target is not None:
            self.links.append((self._target, " ".join("".join(self._text).split())))
        self._target = None
        self._text = []
