"""Shows a plain-text message without QtWebEngine, which would cost 220 MB."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFont,
    QGuiApplication,
    QPagedPaintDevice,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QTextBrowser, QTextEdit, QWidget

from qtmail.ui.message_view.quote_folding import Passage, folded_at_first, passages
from qtmail.ui.message_view.text_document import FOLD_SCHEME, QUOTE_INDENT, fill_document, quote_level
from qtmail.ui.shared.theme import LIGHT, Theme

MARGIN = 20
"""Pixels around the text."""

MOST_MARKED = 1000
"""Places found beyond this are counted but not marked."""

_BAR_WIDTH = 3

READING_SIZE = 1.15
"""Letters are read for longer than labels, so their text is larger than the interface's."""


class TextView(QTextBrowser):
    """A plain-text message: selectable, with quotes in colour that fold, and links.

    Signals:
        link_activated(url), link_hovered(url): "" when the pointer leaves a link.
        zoom_stepped(steps): the user turned the wheel with Ctrl; positive is larger.
    """

    link_activated = Signal(str)
    link_hovered = Signal(str)
    zoom_stepped = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._passages: list[Passage] = []
        self._folded: set[int] = set()
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setStyleSheet(
            "QTextEdit { border: none; border-radius: 0; padding: 0; background: transparent; }"
        )
        self.setAccessibleName(self.tr("Message text"))
        self.document().setDocumentMargin(MARGIN)
        self.set_zoom(1.0)
        self.anchorClicked.connect(self._follow)
        self.highlighted.connect(self._hover)
        theme.changed.connect(self._rebuild)

    def show_text(self, text: str) -> None:
        self._passages = passages(text)
        self._folded = set(folded_at_first(self._passages))
        self.clear_find()
        self._rebuild()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def set_zoom(self, factor: float) -> None:
        font = QFont(QGuiApplication.font())
        font.setPointSizeF(font.pointSizeF() * READING_SIZE * factor)
        self.document().setDefaultFont(font)

    def selected_text(self) -> str:
        return self.textCursor().selection().toPlainText()

    def select_all(self) -> None:
        self.selectAll()

    def find_text(
        self, text: str, done: Callable[[int, int], None], *, backward: bool = False, match_case: bool = False
    ) -> None:
        """Mark `text` everywhere and go to the next place; `done` gets its number, from 1, and the count."""
        places = self._places(text, match_case)
        if not places:
            self.setExtraSelections([])
            done(0, 0)
            return
        number = self._next_place(places, backward)
        self._mark(places, number)
        self.setTextCursor(places[number])
        done(number + 1, len(places))

    def clear_find(self) -> None:
        self.setExtraSelections([])

    def print_on(self, device: QPagedPaintDevice, header: str) -> None:
        """Print the message with the markup `header` above it: dark on white, with all quotes unfolded."""
        paper = QTextDocument()
        paper.setDefaultFont(QGuiApplication.font())
        fill_document(paper, self._passages, LIGHT)
        QTextCursor(paper).insertHtml(header)
        paper.print_(device)

    def _rebuild(self) -> None:
        fill_document(self.document(), self._passages, self._theme.colors(), folded=self._folded)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() == FOLD_SCHEME:
            self._toggle(int(url.path()))
        else:
            self.link_activated.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))

    def _toggle(self, passage: int) -> None:
        self._folded ^= {passage}
        position = self.verticalScrollBar().value()
        self._rebuild()
        self.verticalScrollBar().setValue(position)

    def _hover(self, url: QUrl) -> None:
        self.link_hovered.emit("" if url.scheme() == FOLD_SCHEME else url.toString())

    def _places(self, text: str, match_case: bool) -> list[QTextCursor]:
        flags = QTextDocument.FindFlag(0)
        if match_case:
            flags |= QTextDocument.FindFlag.FindCaseSensitively
        found: list[QTextCursor] = []
        cursor = self.document().find(text, 0, flags) if text else QTextCursor()
        while not cursor.isNull():
            found.append(cursor)
            cursor = self.document().find(text, cursor, flags)
        return found

    def _next_place(self, places: list[QTextCursor], backward: bool) -> int:
        """The place before the selection, or after it; from the other end where there is none."""
        here = self.textCursor()
        if backward:
            before = [i for i, place in enumerate(places) if place.selectionEnd() <= here.selectionStart()]
            return before[-1] if before else len(places) - 1
        after = (i for i, place in enumerate(places) if place.selectionStart() >= here.selectionEnd())
        return next(after, 0)

    def _mark(self, places: list[QTextCursor], number: int) -> None:
        marks = []
        for place in places[:MOST_MARKED]:
            mark = QTextEdit.ExtraSelection()
            ink = QTextCharFormat()
            ink.setBackground(self._theme.colors().highlight)
            mark.format = ink
            mark.cursor = place
            marks.append(mark)
        self.setExtraSelections(marks)

    def loadResource(self, kind: int, name: QUrl | str) -> QByteArray:
        """Nothing is ever loaded. Empty bytes and not None: for None the document would read the file
        itself.
        """
        return QByteArray()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.translate(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        layout = self.document().documentLayout()
        block = self.cursorForPosition(self.viewport().rect().topLeft()).block()
        bottom = self.verticalScrollBar().value() + self.viewport().height()
        while block.isValid():
            bounds = layout.blockBoundingRect(block)
            if bounds.top() > bottom:
                break
            after = block.next()
            end = layout.blockBoundingRect(after).top() if after.isValid() else bounds.bottom()
            self._paint_bars(painter, block, bounds.top(), end, quote_level(after))
            block = after

    def _paint_bars(
        self, painter: QPainter, block: QTextBlock, top: float, next_top: float, next_level: int
    ) -> None:
        """One bar for each level, down to the next block where that is quoted as deeply."""
        text_height = block.layout().boundingRect().height()
        for level in range(1, quote_level(block) + 1):
            color = QColor(self._theme.colors().quote(level))
            color.setAlphaF(0.55)
            painter.setBrush(color)
            x = MARGIN + (level - 1) * QUOTE_INDENT
            bottom = next_top if level <= next_level else top + text_height
            painter.drawRect(QRectF(x, top, _BAR_WIDTH, bottom - top))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_stepped.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        link = self.anchorAt(event.pos())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if link and not link.startswith(f"{FOLD_SCHEME}:"):
            menu.addAction(self.tr("Open link"), lambda: self.link_activated.emit(link))
            menu.addAction(self.tr("Copy link address"), lambda: QGuiApplication.clipboard().setText(link))
            menu.addSeparator()
        copy: QAction = menu.addAction(self.tr("Copy"), self.copy)
        copy.setEnabled(self.textCursor().hasSelection())
        menu.addAction(self.tr("Select all"), self.selectAll)
        menu.popup(event.globalPos())
