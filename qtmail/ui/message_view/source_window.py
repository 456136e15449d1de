"""A window that shows a message as it is on the wire, or all its header fields."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from qtmail.ui.message_view.find_bar import FindBar
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.theme import Theme

MOST_SHOWN = 2 * 1024 * 1024
"""Bytes of a source that are shown; a text widget with more of them is slow, and nobody reads on there."""


class SourceWindow(QDialog):
    """Text to read, search, copy and save.

    Signals:
        save_wanted: the user wants the whole of it in a file.
    """

    save_wanted = Signal()

    def __init__(self, theme: Theme, title: str, source: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(QSize(860, 640))
        self._text = QPlainTextEdit(_readable(source[:MOST_SHOWN]))
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setAccessibleName(title)
        self._notices = NoticeArea(theme)
        self._find_bar = FindBar()
        self._find_bar.find_wanted.connect(self._find)
        self._lay_out()
        if len(source) > MOST_SHOWN:
            self._tell_shortened(len(source))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._open_find)

    def text(self) -> str:
        return self._text.toPlainText()

    def notices(self) -> NoticeArea:
        return self._notices

    def _tell_shortened(self, size: int) -> None:
        words = self.tr("Only the first {0} of {1} are shown.").format(
            format_size(MOST_SHOWN), format_size(size)
        )
        actions = [(self.tr("Save…"), self.save_wanted.emit)]
        self._notices.show_notice("shortened", words, tone=Tone.INFO, actions=actions)

    def _open_find(self) -> None:
        self._find_bar.open(self._text.textCursor().selectedText())

    def _find(self, text: str, backward: bool, match_case: bool) -> None:
        flags = QTextDocument.FindFlag(0)
        if backward:
            flags |= QTextDocument.FindFlag.FindBackward
        if match_case:
            flags |= QTextDocument.FindFlag.FindCaseSensitively
        found = bool(text) and (self._text.find(text, flags) or self._find_from_end(text, flags, backward))
        self._find_bar.show_found(found)

    def _find_from_end(self, text: str, flags: QTextDocument.FindFlag, backward: bool) -> bool:
        before = self._text.textCursor()
        end = QTextCursor.MoveOperation.End if backward else QTextCursor.MoveOperation.Start
        self._text.moveCursor(end)
        if self._text.find(text, flags):
            return True
        self._text.setTextCursor(before)
        return False

    def _lay_out(self) -> None:
        find = QPushButton(self.tr("Find…"))
        find.clicked.connect(self._open_find)
        save = QPushButton(self.tr("Save…"))
        save.clicked.connect(self.save_wanted)
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        for button in (find, save, close):
            button.setAutoDefault(False)  # Enter belongs to the find bar
        buttons = QHBoxLayout()
        buttons.addWidget(find)
        buttons.addWidget(save)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self._notices)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._find_bar)
        layout.addLayout(buttons)


def _readable(source: bytes) -> str:
    """The source as text: UTF-8 where it is, else each byte as the Latin-1 character of its number."""
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut in two by the limit is no sign of another encoding.
        text = (
            source.decode("utf-8", "ignore") if error.start >= len(source) - 3 else source.decode("latin-1")
        )
    return text.replace("\r\n", "\n").replace("\x00", "\u2400")
