"""What shows behind the text: the ground of preformatted blocks and the bars of quotes."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QTextBlock
from PySide6.QtWidgets import QTextEdit

from qtmail.ui.composer.document_html import QUOTE_INDENT, is_code, quote_level
from qtmail.ui.shared.theme import Colors

_BAR_WIDTH = 3


def paint_ground(edit: QTextEdit, colors: Colors) -> None:
    """Paint it on the viewport; to be called in the paint event, before the text is painted."""
    margin = edit.document().documentMargin()
    painter = QPainter(edit.viewport())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.translate(-edit.horizontalScrollBar().value(), -edit.verticalScrollBar().value())
    for block, bounds in _visible_blocks(edit):
        if is_code(block):
            left = margin + quote_level(block) * QUOTE_INDENT - 6
            painter.fillRect(bounds.adjusted(left - bounds.left(), 0, 0, 0), colors.hover)
        for level in range(1, quote_level(block) + 1):
            left = margin + (level - 1) * QUOTE_INDENT + 2
            painter.fillRect(QRectF(left, bounds.top(), _BAR_WIDTH, bounds.height()), colors.quote(level))
    painter.end()


def _visible_blocks(edit: QTextEdit) -> Iterator[tuple[QTextBlock, QRectF]]:
    """The blocks that show, and where they are in the document."""
    layout = edit.document().documentLayout()
    bottom = edit.verticalScrollBar().value() + edit.viewport().height()
    block = edit.cursorForPosition(edit.viewport().rect().topLeft()).block()
    while block.isValid():
        bounds = layout.blockBoundingRect(block)
        if bounds.top() > bottom:
            break
        yield block, bounds
        block = block.next()
