"""The editor's document as HTML of our own, and back.

Qt's own `toHtml` writes a page of boilerplate, and its `setHtml` reads everybody's HTML. Neither is used: the
document is walked block by block, and built block by block from lines, so that it only ever holds the looks
that `rich_text` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextImageFormat,
    QTextList,
    QTextListFormat,
)

from qtmail.ui.composer.html_reader import read_html
from qtmail.ui.composer.html_writer import write_html
from qtmail.ui.composer.ink import Inks, ink_of, set_ink
from qtmail.ui.composer.rich_text import (
    LINE_BREAK,
    Line,
    LineKind,
    Picture,
    Run,
    Style,
    clean_text,
    text_lines,
)

QUOTE_INDENT = 18
"""Pixels a quote is set in for each level."""
CID = "cid:"

_QUOTE = QTextFormat.Property.BlockQuoteLevel
_CODE = QTextFormat.Property.UserProperty
_OBJECT = "\ufffc"
_BULLETS = (
    QTextListFormat.Style.ListDisc,
    QTextListFormat.Style.ListCircle,
    QTextListFormat.Style.ListSquare,
)


def fragment(document: QTextDocument) -> str:
    """The document as a small HTML fragment of our own writing; "" where it is empty."""
    return write_html(lines_of(document))


def load(document: QTextDocument, html: str, images: Mapping[str, QImage], inks: Inks | None = None) -> None:
    """Put a fragment into `document` in place of what it held; there is nothing to undo afterwards.

    `images` has the pictures by Content-ID; one that is not there shows as an empty frame. `inks`: the
    colours in which links and text show.
    """
    document.setUndoRedoEnabled(False)
    document.clear()
    for content_id, image in images.items():
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(CID + content_id), image)
    insert_lines(QTextCursor(document), read_html(html), inks)
    document.setUndoRedoEnabled(True)


def lines_of(document: QTextDocument) -> list[Line]:
    """What the document holds, block by block."""
    reader = _Reader()
    return [reader.line(block) for block in blocks(document)]


def text_of(document: QTextDocument) -> str:
    """The text alone, lines ended by "\\n"."""
    return "\n".join(clean_text(block.text()).replace(LINE_BREAK, "\n") for block in blocks(document))


def blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def quote_level(block: QTextBlock) -> int:
    """How deeply the text of this block is quoted."""
    return block.blockFormat().intProperty(_QUOTE)


def is_code(block: QTextBlock) -> bool:
    """Whether the block is part of a preformatted one."""
    return block.blockFormat().boolProperty(_CODE)


# -- reading the document


def list_of(block: QTextBlock) -> QTextList | None:
    """The list the block is an item of; the stub of `textList` does not know that there may be none."""
    return block.textList()


class _Reader:
    """Reads blocks as lines. Most pieces of a document share a few formats, so each is looked at once."""

    def __init__(self) -> None:
        self._looks: dict[int, tuple[Style, Picture | None]] = {}

    def line(self, block: QTextBlock) -> Line:
        quote = quote_level(block)
        code = is_code(block)
        runs = tuple(self._runs(block, code))
        text_list = list_of(block)
        if text_list is None:
            return Line(runs, LineKind.CODE if code else LineKind.TEXT, 0, quote)
        bullet = text_list.format().style() in _BULLETS
        kind = LineKind.BULLET if bullet else LineKind.NUMBER
        return Line(runs, kind, max(1, text_list.format().indent()), quote)

    def _runs(self, block: QTextBlock, code: bool) -> Iterator[Run]:
        iterator = block.begin()
        while not iterator.atEnd():
            piece = iterator.fragment()
            style, picture = self._look(piece)
            if code and style.code:
                style = replace(style, code=False)  # all of the block is
            text = piece.text()
            if picture is None:
                yield Run(text.replace(_OBJECT, ""), style)
            else:
                # Equal pictures side by side are one piece.
                yield from (Run("", style, picture) for _ in range(text.count(_OBJECT)))
            iterator += 1

    def _look(self, piece: QTextFragment) -> tuple[Style, Picture | None]:
        known = self._looks.get(piece.charFormatIndex())
        if known is None:
            looks = piece.charFormat()
            picture = _picture(looks.toImageFormat()) if looks.isImageFormat() else None
            known = self._looks[piece.charFormatIndex()] = _style(looks), picture
        return known


def _style(looks: QTextCharFormat) -> Style:
    href = looks.anchorHref() if looks.isAnchor() else ""
    return Style(
        bold=looks.fontWeight() >= QFont.Weight.DemiBold,
        italic=looks.fontItalic(),
        underline=looks.fontUnderline() and not href,
        strike=looks.fontStrikeOut(),
        code=looks.fontFixedPitch(),
        color="" if href else ink_of(looks),
        href=href,
    )


def _picture(looks: QTextImageFormat) -> Picture | None:
    name = looks.name()
    if not name.startswith(CID):
        return None
    alt = looks.stringProperty(QTextFormat.Property.ImageAltText)
    return Picture(name.removeprefix(CID), round(looks.width()), round(looks.height()), alt)


# -- building the document


def insert_lines(cursor: QTextCursor, lines: Sequence[Line], inks: Inks | None = None) -> None:
    """Write `lines` at the cursor as one step that can be undone.

    The first line goes on where the cursor stands; only into an empty block it brings what it is (a list
    item, a quote).
    """
    writer = _Writer(cursor, inks)
    cursor.beginEditBlock()
    cursor.removeSelectedText()
    for number, line in enumerate(lines):
        writer.line(line, begins=number == 0)
    cursor.endEditBlock()


def insert_text(cursor: QTextCursor, text: str) -> None:
    """Write plain text at the cursor in the looks the text has there."""
    cursor.insertText("\n".join(line.text for line in text_lines(clean_lines(text))))


def clean_lines(text: str) -> str:
    """Text with "\\n" between its lines and nothing in them that a document cannot hold."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(clean_text(line) for line in unified.split("\n"))


def block_format(quote: int = 0, *, code: bool = False) -> QTextBlockFormat:
    """The format of a block quoted `quote` deep, part of a preformatted one or not."""
    result = QTextBlockFormat()
    if quote:
        result.setProperty(_QUOTE, quote)
        result.setLeftMargin(quote * QUOTE_INDENT)
    if code:
        result.setProperty(_CODE, True)
    return result


def char_format(style: Style, *, code: bool = False, inks: Inks | None = None) -> QTextCharFormat:
    """The looks of `style`; `code`: within a preformatted block."""
    looks = QTextCharFormat()
    if style.bold:
        looks.setFontWeight(QFont.Weight.Bold)
    if style.italic:
        looks.setFontItalic(True)
    if style.underline:
        looks.setFontUnderline(True)
    if style.strike:
        looks.setFontStrikeOut(True)
    if style.code or code:
        set_code(looks)
    if style.color and not style.href:
        set_ink(looks, QColor(style.color), inks)
    if style.href:
        looks.setAnchor(True)
        looks.setAnchorHref(style.href)
        looks.setFontUnderline(True)
        if inks is not None:
            looks.setForeground(inks.link)
    return looks


def set_code(looks: QTextCharFormat) -> None:
    """Letters of one width."""
    looks.setFontFixedPitch(True)
    looks.setFontFamilies(
        [QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family(), "monospace"]
    )


def list_format(kind: LineKind, depth: int) -> QTextListFormat:
    """The format of a list of `kind`, `depth` (1 and up) deep."""
    result = QTextListFormat()
    bullet = _BULLETS[min(depth, len(_BULLETS)) - 1]
    result.setStyle(bullet if kind is LineKind.BULLET else QTextListFormat.Style.ListDecimal)
    result.setIndent(depth)
    return result


def image_format(picture: Picture) -> QTextImageFormat:
    looks = QTextImageFormat()
    looks.setName(CID + picture.content_id)
    if picture.width:
        looks.setWidth(picture.width)
    if picture.height:
        looks.setHeight(picture.height)
    if picture.alt:
        looks.setProperty(QTextFormat.Property.ImageAltText, picture.alt)
    return looks


class _Writer:
    """Writes lines; items of one list that stand together share a QTextList, so that they are numbered."""

    def __init__(self, cursor: QTextCursor, inks: Inks | None) -> None:
        self._cursor = cursor
        self._inks = inks
        self._lists: list[tuple[LineKind, QTextList]] = []
        self._quote = 0

    def line(self, line: Line, *, begins: bool) -> None:
        code = line.kind is LineKind.CODE
        plain = char_format(Style(), code=code)
        if not begins:
            self._cursor.insertBlock(block_format(line.quote, code=code), plain)
        elif self._cursor.block().length() == 1 and line != Line(line.runs):
            self._cursor.setBlockFormat(block_format(line.quote, code=code))
            self._cursor.setBlockCharFormat(plain)
        if begins and self._cursor.block().length() > 1:
            pass  # goes on in the block it is put into
        elif line.kind.is_item:
            self._add_to_list(line)
        else:
            self._lists.clear()
        self._quote = line.quote
        for run in line.runs:
            self._run(run, code)

    def _run(self, run: Run, code: bool) -> None:
        if run.picture is not None:
            looks = image_format(run.picture)
            looks.merge(char_format(run.style, code=code, inks=self._inks))
            self._cursor.insertImage(looks)
        else:
            self._cursor.insertText(clean_text(run.text), char_format(run.style, code=code, inks=self._inks))

    def _add_to_list(self, line: Line) -> None:
        if line.quote != self._quote:
            self._lists.clear()
        depth = max(1, min(line.depth, len(self._lists) + 1))
        del self._lists[depth:]
        if len(self._lists) == depth and self._lists[-1][0] is line.kind:
            self._lists[-1][1].add(self._cursor.block())
            return
        del self._lists[depth - 1 :]
        self._lists.append((line.kind, self._cursor.createList(list_format(line.kind, depth))))
