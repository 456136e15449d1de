"""The two forms of a signature: one with looks, and one for mail in plain text."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QTabWidget, QWidget

from qtmail.ui.composer.rich_field import RichField
from qtmail.ui.shared.theme import Theme


class SignatureEdit(QTabWidget):
    """A tab for each form; where one is left empty it is made from the other.

    Signals:
        changed: either form is another.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rich = RichField(self.tr("Signature with formatting"), theme)
        self.plain = QPlainTextEdit()
        self.plain.setAccessibleName(self.tr("Signature in plain text"))
        self.plain.setPlaceholderText(self.tr("Left empty, it is made from the one with formatting."))
        self.plain.setTabChangesFocus(True)
        self.addTab(self.rich, self.tr("With formatting"))
        self.addTab(self.plain, self.tr("Plain text"))
        self.setDocumentMode(True)
        self.setAccessibleName(self.tr("Signature"))
        self.rich.changed.connect(self.changed)
        self.plain.textChanged.connect(self.changed)

    def set_signature(self, html: str, text: str) -> None:
        self.rich.set_html(html)
        self.plain.setPlainText(text)
        self.setCurrentWidget(self.plain if text and not html else self.rich)

    def html(self) -> str:
        """The one with looks, as a fragment of our own; "" for none."""
        return self.rich.html()

    def text(self) -> str:
        """The plain one, without spaces and empty lines at its end; "" for none."""
        return self.plain.toPlainText().rstrip()
