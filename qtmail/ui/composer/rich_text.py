"""Rich text as plain values: what stands between the editor's document and the HTML we write.

The editor knows a small set of looks, and these values hold exactly that set. A document becomes lines
(`document_html`), lines become a fragment (`html_writer`), a fragment becomes lines again (`html_reader`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

LINE_BREAK = "\u2028"
"""A line break within a list item; all other lines are lines of their own."""

# Controls (but tab and our line break), lone surrogates, and what stands for an object or is no character.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff\u2029\ufdd0-\ufdef\ufff9-\ufffc\ufffe\uffff]"
)


class LineKind(Enum):
    """What a line is."""

    TEXT = auto()
    CODE = auto()
    """A line of a preformatted block."""
    BULLET = auto()
    NUMBER = auto()

    @property
    def is_item(self) -> bool:
        return self in (LineKind.BULLET, LineKind.NUMBER)


@dataclass(frozen=True, slots=True)
class Style:
    """The looks of a piece of text.

    Attributes:
        code: in letters of one width.
        color: `#rrggbb`, or "" for the reader's own.
        href: where a link leads, or "".
    """

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    code: bool = False
    color: str = ""
    href: str = ""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the text.

    Attributes:
        content_id: of the inline attachment that holds it, without angle brackets.
        width, height: pixels; 0 for its own size.
        alt: what stands in its place where it is not shown.
    """

    content_id: str
    width: int = 0
    height: int = 0
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one style, or a picture (`text` is then "")."""

    text: str
    style: Style = PLAIN
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line, as it ends with Enter.

    Attributes:
        depth: of a list item, 1 and up; 0 for other lines.
        quote: how deeply it is quoted.
    """

    runs: tuple[Run, ...] = ()
    kind: LineKind = LineKind.TEXT
    depth: int = 0
    quote: int = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def clean(self) -> bool:
        """Whether nothing in it has to be taken out or parted before it is written."""
        text = self.text
        broken = LINE_BREAK in text and not self.kind.is_item
        return (
            not broken
            and _FORBIDDEN.search(text) is None
            and all(run.text or run.picture for run in self.runs)
        )

    @property
    def empty(self) -> bool:
        return not any(run.text or run.picture for run in self.runs)


def text_lines(text: str) -> list[Line]:
    """Plain text as lines without any looks."""
    return [Line((Run(line),) if line else ()) for line in text.split("\n")]


def utf16_length(text: str) -> int:
    """The length of `text` as Qt counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean_text(text: str) -> str:
    """`text` without the characters that neither HTML nor a document may hold."""
    return _FORBIDDEN.sub("", text)
