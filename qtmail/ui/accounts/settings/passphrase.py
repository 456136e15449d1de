"""A new passphrase: two fields, and words on how hard it is to guess."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from qtmail.domain.passphrase import strength
from qtmail.ui.accounts.passphrase_words import strength_words
from qtmail.ui.accounts.password_prompt import PasswordField
from qtmail.ui.shared.forms import form_layout, hint


class NewPassphrase(QWidget):
    """Asks for it twice.

    Args:
        label: what to call it in the form; "": a passphrase.

    Attributes:
        form: its fields, for others to stand in line with them.

    Signals:
        changed: another text stands in one of the fields.
    """

    changed = Signal()

    def __init__(self, label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = PasswordField()
        self.second = PasswordField()
        name = label.replace("&", "") or self.tr("Passphrase")
        self.first.setAccessibleName(name)
        self.second.setAccessibleName(self.tr("{name}, once more").format(name=name))
        self.note = hint()
        self.form = form_layout()
        self.form.addRow(label or self.tr("&Passphrase"), self.first)
        self.form.addRow(self.tr("Once &more"), self.second)
        self.form.addRow("", self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self.form)
        for field in (self.first, self.second):
            field.textChanged.connect(lambda _text: self._follow())
        self._follow()

    def passphrase(self) -> str:
        """What was entered, twice alike and long enough; else ""."""
        text = self.first.text()
        return text if text == self.second.text() and strength(text).taken else ""

    def _follow(self) -> None:
        text = self.first.text()
        words = strength_words(text)
        if self.second.text() and self.second.text() != text:
            words = self.tr("The two are not alike.")
        self.note.setText(words)
        self.changed.emit()
