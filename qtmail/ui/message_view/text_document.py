"""Builds the document a plain-text message is shown and printed as: paragraphs, quotes in colour, links."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QTextBlock, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from qtmail.ui.message_view.links import find_links
from qtmail.ui.message_view.quote_folding import SIGNATURE_MARK, Passage
from qtmail.ui.shared.theme import Colors

FOLD_SCHEME = "qtmail-fold"
QUOTE_INDENT = 14
"""Pixels a quote is set in for each level."""

LINE_HEIGHT = 130
"""Per cent of the font's own line height; plain text in a proportional font needs air."""

_LEVEL = int(QTextBlockFormat.Property.UserProperty)


def quote_level(block: QTextBlock) -> int:
    """How deep the text of this block is quoted."""
    value = block.blockFormat().property(_LEVEL)
    return value if isinstance(value, int) else 0


def fill_document(
    document: QTextDocument, text: Sequence[Passage], colors: Colors, *, folded: Collection[int] | None = None
) -> None:
    """Put `text` into `document` in place of what it held.

    A long quote gets a line above it, a link `qtmail-fold:N` that stands for passage N; those in `folded`
    are left out but for this line. With None there are no such lines and everything is shown, as for
    paper.
    """
    document.clear()
    writer = _Writer(QTextCursor(document), colors)
    writer.cursor.beginEditBlock()
    for number, passage in enumerate(text):
        hidden = folded is not None and number in folded
        if passage.foldable and folded is not None:
            writer.fold_line(number, passage, hidden=hidden)
        if not hidden:
            writer.passage(passage)
    writer.cursor.endEditBlock()


@dataclass
class _Writer:
    """Appends blocks to a document.

    Attributes:
        first: the document's one empty block is still to be used.
        signature: what follows is the sender's signature.
    """

    cursor: QTextCursor
    colors: Colors
    first: bool = True
    signature: bool = False

    def passage(self, passage: Passage) -> None:
        for level, line in passage.lines:
            self.signature = level == 0 and (self.signature or line == SIGNATURE_MARK)
            self._begin_block(level)
            self._insert(line, self._ink(level))

    def fold_line(self, number: int, passage: Passage, *, hidden: bool) -> None:
        words = QCoreApplication.translate("TextView", "{0} quoted lines").format(len(passage.lines))
        self._begin_block(1)
        self.cursor.insertText(f"{'▸' if hidden else '▾'} {words}", self._anchor(f"{FOLD_SCHEME}:{number}"))

    def _begin_block(self, level: int) -> None:
        block = QTextBlockFormat()
        block.setLeftMargin(level * QUOTE_INDENT)
        block.setProperty(_LEVEL, level)
        block.setLineHeight(LINE_HEIGHT, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value))
        if self.first:
            self.cursor.setBlockFormat(block)
            self.first = False
        else:
            self.cursor.insertBlock(block)

    def _insert(self, line: str, ink: QTextCharFormat) -> None:
        written = 0
        for link in find_links(line):
            self.cursor.insertText(line[written : link.start], ink)
            self.cursor.insertText(line[link.start : link.end], self._anchor(link.target))
            written = link.end
        self.cursor.insertText(line[written:], ink)

    def _ink(self, level: int) -> QTextCharFormat:
        if self.signature:
            return _format(self.colors.muted)
        return _format(self.colors.quote(level) if level else self.colors.text)

    def _anchor(self, target: str) -> QTextCharFormat:
        anchor = _format(self.colors.accent)
        anchor.setAnchor(True)
        anchor.setAnchorHref(target)
        return anchor


def _format(color: QColor) -> QTextCharFormat:
    ink = QTextCharFormat()
    ink.setForeground(color)
    return ink
