"""A draft to look at before it is opened: whom it is for, what it says, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.composition import Draft
from qtmail.ui.drafts.draft_texts import draft_recipients, draft_subject, draft_text, saved_at
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.state_page import StatePage
from qtmail.ui.shared.theme import Theme

_MOST_TEXT = 20_000
"""Characters of a preview; more is only to be had in the composer."""


class DraftPreview(QStackedWidget):
    """Shows one draft as plain text.

    Signals:
        open_wanted, versions_wanted, discard_wanted: a button was clicked.
    """

    open_wanted = Signal()
    versions_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subject = _label()
        font = self._subject.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        self._subject.setFont(font)
        self._facts = _label()
        self._facts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setStyleSheet("QPlainTextEdit { border: none; padding: 0; background: transparent; }")
        self.text.document().setDocumentMargin(0)
        self.text.setAccessibleName(self.tr("Text of the draft"))
        self.open_button = QPushButton(self.tr("Open"))
        self.versions_button = QPushButton(self.tr("Earlier versions…"))
        self.discard_button = QPushButton(self.tr("Discard"))
        self._nothing = StatePage(theme)
        self._nothing.show_state(IconName.NO_SELECTION, self.tr("Choose a draft to look at it here."))
        self._lay_out()
        self.open_button.clicked.connect(lambda _checked: self.open_wanted.emit())
        self.versions_button.clicked.connect(lambda _checked: self.versions_wanted.emit())
        self.discard_button.clicked.connect(lambda _checked: self.discard_wanted.emit())
        self.show_draft(None)

    def show_draft(self, draft: Draft | None) -> None:
        """Show a draft, or that none is chosen."""
        if draft is None:
            self.setCurrentWidget(self._nothing)
            return
        composition = draft.composition
        self._subject.setText(draft_subject(composition))
        facts = [
            self.tr("To {names}").format(names=draft_recipients(composition)),
            self.tr("saved {when}").format(when=saved_at(draft.saved_at)),
        ]
        if count := sum(not one.inline for one in composition.attachments):
            facts.append(
                self.tr("1 attachment") if count == 1 else self.tr("{n} attachments").format(n=count)
            )
        if draft.is_open:
            facts.append(self.tr("open in a window"))
        self._facts.setText(" · ".join(facts))
        self.text.setPlainText(draft_text(composition)[:_MOST_TEXT])
        self.discard_button.setEnabled(not draft.is_open)
        self.setCurrentWidget(self._page)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.open_button, self.versions_button, self.discard_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(20, 16, 20, 16)
        page.setSpacing(8)
        page.addWidget(self._subject)
        page.addWidget(self._facts)
        page.addLayout(buttons)
        page.addWidget(self.text, 1)
        self.addWidget(self._page)
        self.addWidget(self._nothing)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setFocusProxy(self.text)


def _label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
