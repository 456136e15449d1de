"""A small field for text with looks: what a signature or a template needs, and nothing more."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont, QKeySequence, QTextCharFormat
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from qtmail.ui.composer import text_commands
from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.link_dialog import LinkDialog
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

_ICON = QSize(17, 17)


class RichField(QWidget):
    """An editor below a row of buttons.

    Signals:
        changed: the text is another.
    """

    changed = Signal()

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        """`name` is what a screen reader calls the field."""
        super().__init__(parent)
        self._theme = theme
        self.editor = Editor(theme)
        self.editor.setAccessibleName(name)
        # Tab leaves a small field as it leaves the others of a dialog.
        self.editor.setTabChangesFocus(True)
        self.bold = self._button(
            IconName.BOLD, self.tr("Bold"), QKeySequence.StandardKey.Bold, text_commands.set_bold
        )
        self.italic = self._button(
            IconName.ITALIC, self.tr("Italic"), QKeySequence.StandardKey.Italic, text_commands.set_italic
        )
        self.underline = self._button(
            IconName.UNDERLINE,
            self.tr("Underline"),
            QKeySequence.StandardKey.Underline,
            text_commands.set_underline,
        )
        self.link = QToolButton()
        self.link.setIcon(icon(IconName.LINK))
        self.link.setToolTip(self.tr("Link…"))
        self.link.setAccessibleName(self.tr("Link…"))
        self.link.clicked.connect(lambda _checked: self._ask_for_link())
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.editor.textChanged.connect(self.changed)
        self.editor.currentCharFormatChanged.connect(self._show_looks)

    def set_html(self, html: str) -> None:
        """Show a fragment of our own writing."""
        self.editor.set_content(html, rich=True)

    def html(self) -> str:
        """What was written, as a fragment; "" where nothing was."""
        return self.editor.body() if self.editor.text().strip() else ""

    def _button(
        self,
        name: IconName,
        text: str,
        key: QKeySequence.StandardKey,
        command: Callable[[Editor, bool], None],
    ) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setCheckable(True)
        button.setShortcut(QKeySequence(key))
        shown = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{text} ({shown})")
        button.setAccessibleName(text)
        button.clicked.connect(lambda checked: command(self.editor, checked))
        return button

    def _show_looks(self, looks: QTextCharFormat) -> None:
        self.bold.setChecked(looks.fontWeight() > QFont.Weight.Normal)
        self.italic.setChecked(looks.fontItalic())
        self.underline.setChecked(looks.fontUnderline() and not looks.isAnchor())

    def _ask_for_link(self) -> None:
        link = text_commands.link_at(self.editor.textCursor())
        if link.hasSelection():
            self.editor.setTextCursor(link)
        cursor = self.editor.textCursor()
        dialog = LinkDialog(link.charFormat().anchorHref(), cursor.selectedText(), self)
        dialog.accepted.connect(lambda: self._set_link(dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _set_link(self, dialog: LinkDialog) -> None:
        if dialog.removed:
            text_commands.remove_link(self.editor)
        else:
            text_commands.set_link(self.editor, dialog.href(), dialog.text(), self.editor.inks())

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 2, 4, 2)
        bar.setSpacing(2)
        for button in (self.bold, self.italic, self.underline, self.link):
            button.setIconSize(_ICON)
            bar.addWidget(button)
        bar.addStretch(1)
        frame = QFrame()
        frame.setObjectName("richField")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(bar)
        layout.addWidget(frame, 1)
        self.setFocusProxy(self.editor)

    def _restyle(self) -> None:
        colors = self._theme.colors()
        self.setStyleSheet(
            f"#richField {{ border: 1px solid {colors.outline.name()}; border-radius: 7px; "
            f"background: {colors.raised.name()}; }}"
        )
