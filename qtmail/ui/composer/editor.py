"""Where the text is written, rich or plain.

Whatever comes in (a draft, a template, a paste) is read into lines first and built from these; Qt never
parses HTML here, and nothing is ever loaded: pictures are those the message brings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontDatabase,
    QFontInfo,
    QGuiApplication,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from qtmail.mime.html import html_to_text, sanitise
from qtmail.ui.composer import text_commands
from qtmail.ui.composer.auto_link import link_word_before
from qtmail.ui.composer.document_html import (
    CID,
    blocks,
    clean_lines,
    fragment,
    image_format,
    insert_lines,
    insert_text,
    lines_of,
    load,
    text_of,
)
from qtmail.ui.composer.editor_ground import paint_ground
from qtmail.ui.composer.html_reader import read_html
from qtmail.ui.composer.html_writer import write_html
from qtmail.ui.composer.ink import Inks, recolor
from qtmail.ui.composer.rich_text import PLAIN, Line, LineKind, Picture, text_lines
from qtmail.ui.composer.structure_keys import leave_link, take_key
from qtmail.ui.composer.word_html import with_lists
from qtmail.ui.message_view.text_view import READING_SIZE
from qtmail.ui.shared.theme import Theme

MARGIN = 16
"""Pixels around the text."""
LIST_INDENT = 26
"""Pixels a list is set in for each level."""
WIDEST_PICTURE = 640
"""Pixels; a larger picture is shown smaller, to the recipients as well."""
SIGNATURE_MARK = "-- "
"""The line above a signature, by which other programs know it (RFC 3676 section 4.3)."""

_LONG = 100_000
"""Characters of HTML that take a while to paste, some 0.2 s."""
_WORD_ENDS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_BARE_MARK = re.compile(f"^{SIGNATURE_MARK.rstrip()}$", re.MULTILINE)


class Editor(QTextEdit):
    """The text of a message.

    Signals:
        files_pasted(list[Path]): files were pasted or dropped.
        picture_pasted(QImage): a picture without a file was.
        menu_opening(QMenu, QTextCursor): the context menu is about to open for the word at the cursor.
        became_rich: the user undid the step that made plain text of it.
        composing_ended: the input method has finished what it was composing.
    """

    files_pasted = Signal(list)
    picture_pasted = Signal(QImage)
    menu_opening = Signal(object, object)
    became_rich = Signal()
    composing_ended = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._images: dict[str, QImage] = {}
        self._rich = True
        self._monospace = False
        self._zoom = 1.0
        self._composing = False
        self.setObjectName("composerText")
        self.setAccessibleName(self.tr("Text of the message"))
        self.setAcceptRichText(True)
        self.setTabChangesFocus(False)
        self.setStyleSheet(
            "QTextEdit { border: none; border-radius: 0; padding: 0; background: transparent; }"
        )
        self.document().setDocumentMargin(MARGIN)
        self.document().setIndentWidth(LIST_INDENT)
        self._use_font()
        theme.changed.connect(self._recolor)

    # -- what is written

    @property
    def rich(self) -> bool:
        """Whether the text has looks, or is plain."""
        return self._rich

    @property
    def composing(self) -> bool:
        """Whether an input method shows text that is not decided yet; it is not part of the document."""
        return self._composing

    def set_content(self, body: str, *, rich: bool, images: Mapping[str, QImage] | None = None) -> None:
        """Show a body: a fragment of our own, or plain text. There is nothing to undo afterwards."""
        self._images.update(images or {})
        self._use_mode(rich)
        if rich:
            load(self.document(), body, self._images, self.inks())
        else:
            self.setPlainText(clean_lines(body))
        self.document().setDocumentMargin(MARGIN)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def body(self) -> str:
        """The text as a composition keeps it: a fragment, or plain text."""
        return fragment(self.document()) if self._rich else text_of(self.document())

    def text(self) -> str:
        """The text without its looks."""
        return text_of(self.document())

    def loses_formatting(self) -> bool:
        """Whether plain text would show less than there is."""
        return self._rich and self._has_looks()

    def make_plain(self) -> None:
        """Go on in plain text; looks become what text can say of them (lists, quotes, links)."""
        text = self.text()
        if self.loses_formatting():
            text = _BARE_MARK.sub(SIGNATURE_MARK, html_to_text(self.body()))
        self._use_mode(False)
        self._replace_all(text_lines(text))

    def make_rich(self) -> None:
        """Go on with looks; lines marked with ">" become quotes."""
        lines = [_unmarked(block.text()) for block in blocks(self.document())]
        self._use_mode(True)
        self._replace_all(lines)

    def set_monospace(self, on: bool) -> None:
        """Whether plain text is written in letters of one width."""
        if on != self._monospace:
            self._monospace = on
            self._use_font()

    def set_zoom(self, factor: float) -> None:
        """How large the text shows; 1.0 is its own size."""
        self._zoom = factor
        self._use_font()

    def insert_fragment(self, html: str, cursor: QTextCursor | None = None) -> None:
        """Put a fragment of our own writing in, as text where the editor is plain."""
        lines = read_html(html)
        if not self._rich:
            lines = text_lines(html_to_text(write_html(lines)))
        insert_lines(cursor or self.textCursor(), lines, self.inks())

    def append_body(self, body: str) -> None:
        """Put more of a body (a fragment, or plain text) at the end, an empty line above it;
        the cursor stays where it is."""
        lines = read_html(body) if self._rich else text_lines(clean_lines(body))
        here = self.textCursor()
        position = here.position()
        end = QTextCursor(self.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.beginEditBlock()
        if end.block().text():
            insert_lines(end, [Line(), Line()])
        insert_lines(end, [Line(), *lines], self.inks())
        end.endEditBlock()
        # A cursor at the very end was pushed on: the user goes on writing above what was added.
        here.setPosition(position)
        self.setTextCursor(here)

    def insert_lines(self, cursor: QTextCursor, lines: list[Line]) -> None:
        insert_lines(cursor, lines, self.inks())

    def add_image(self, content_id: str, image: QImage) -> None:
        """Have the picture of an inline attachment at hand; those that wait for it show it now."""
        self._images[content_id] = image
        url = QUrl(CID + content_id)
        self.document().addResource(QTextDocument.ResourceType.ImageResource, url, image)
        self.document().markContentsDirty(0, self.document().characterCount())

    def insert_picture(self, content_id: str, image: QImage, alt: str) -> None:
        """Put a picture at the cursor, no wider than WIDEST_PICTURE."""
        self.add_image(content_id, image)
        size = image.size()
        if size.width() > WIDEST_PICTURE:
            size = size.scaled(QSize(WIDEST_PICTURE, 1 << 20), Qt.AspectRatioMode.KeepAspectRatio)
        picture = Picture(content_id, size.width(), size.height(), alt)
        self.textCursor().insertImage(image_format(picture))
        self.setCurrentCharFormat(QTextCharFormat())

    def shown_pictures(self) -> set[str]:
        """The Content-IDs of the pictures in the text."""
        return {
            run.picture.content_id for line in lines_of(self.document()) for run in line.runs if run.picture
        }

    # -- inside

    def _use_mode(self, rich: bool) -> None:
        self._rich = rich
        self.setAcceptRichText(rich)
        self.setCurrentCharFormat(QTextCharFormat())
        self._use_font()

    def _use_font(self) -> None:
        font = QFont(QGuiApplication.font())
        if self._monospace and not self._rich:
            # Its name may be an alias ("monospace"), which Qt does not look up before other families.
            fixed = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            font.setFamilies([fixed.family(), *font.families()])
        font.setPointSizeF(font.pointSizeF() * READING_SIZE * self._zoom)
        self.document().setDefaultFont(font)

    def _replace_all(self, lines: list[Line]) -> None:
        """Put `lines` in place of everything, in one step of undo."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        text_commands.clear_formatting(self)
        insert_lines(cursor, lines, self.inks())
        cursor.endEditBlock()

    def inks(self) -> Inks:
        """The colours of links and text on the paper of the theme."""
        return Inks.of(self._theme.colors())

    def _recolor(self) -> None:
        recolor(self.document(), self.inks())

    def _has_looks(self) -> bool:
        return any(not _is_plain(line) for line in lines_of(self.document()))

    def _follow_looks(self) -> None:
        """After a step of undo: text that has looks is not plain."""
        if not self._rich and self._has_looks():
            self._use_mode(True)
            self.became_rich.emit()

    # -- Qt's

    def undo(self) -> None:
        super().undo()
        self._follow_looks()

    def redo(self) -> None:
        super().redo()
        self._follow_looks()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
            return
        if event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
            return
        if self._rich and take_key(self, event):
            event.accept()
            return
        if event.text():
            leave_link(self)
        position = self.textCursor().selectionStart()
        super().keyPressEvent(event)
        writes = self._rich and not self.isReadOnly()
        if writes and event.key() in _WORD_ENDS and not event.modifiers() & _COMMANDS:
            link_word_before(self, position, self.inks())

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if event.commitString():
            leave_link(self)
        super().inputMethodEvent(event)
        was, self._composing = self._composing, bool(event.preeditString())
        if was and not self._composing:
            self.composing_ended.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or source.hasImage() or source.hasHtml() or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Files and pictures are handed on; the HTML of others is cut down to what the editor knows."""
        files = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        if files:
            self.files_pasted.emit(files)
        elif source.hasImage() and not source.text().strip():
            image = source.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.picture_pasted.emit(image)
        elif self._rich and source.hasHtml():
            self._insert_foreign(source.html())
        else:
            insert_text(self.textCursor(), source.text())
        self.ensureCursorVisible()

    def _insert_foreign(self, html: str) -> None:
        if len(html) > _LONG:
            QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            lines = read_html(sanitise(with_lists(html)), foreign=True)
            insert_lines(self.textCursor(), lines, self.inks())
        finally:
            if len(html) > _LONG:
                QGuiApplication.restoreOverrideCursor()

    def paste_text(self) -> None:
        """Paste without looks."""
        insert_text(self.textCursor(), QGuiApplication.clipboard().text())
        self.ensureCursorVisible()

    def createMimeDataFromSelection(self) -> QMimeData:
        """The selection as text and, if it has looks, as our own HTML."""
        selected = QTextDocument()
        QTextCursor(selected).insertFragment(self.textCursor().selection())
        data = QMimeData()
        data.setText(text_of(selected))
        if self._rich:
            data.setHtml(fragment(selected))
        return data

    def loadResource(self, kind: int, name: QUrl | str) -> QImage | QByteArray:
        """The message's own pictures and nothing else. Empty bytes and not None: for None the document would
        read files itself.
        """
        return self._images.get(QUrl(name).toString().removeprefix(CID), QByteArray())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu(event.pos())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            if action.objectName() in ("edit-undo", "edit-redo"):
                action.triggered.connect(self._follow_looks)
        self.menu_opening.emit(menu, self.cursorForPosition(event.pos()))
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_ground(self, self._theme.colors())
        super().paintEvent(event)


def _is_plain(line: Line) -> bool:
    """Whether plain text says all that there is to the line."""
    looks = any(run.picture or run.style != PLAIN for run in line.runs)
    return line.kind is LineKind.TEXT and not line.quote and not looks


def _unmarked(text: str) -> Line:
    """A line of plain text, its quote marks as a quote level."""
    quote = 0
    while text.startswith(">"):
        text = text[1:].removeprefix(" ")
        quote += 1
    (line,) = text_lines(text)
    return Line(line.runs, quote=quote)
