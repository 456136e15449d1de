"""Asks where a link leads and what it says."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QPushButton, QWidget

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@/]+@[^\s@/]+")


class LinkDialog(QDialog):
    """`href` and `text` are what the user entered, complete; `removed`: the link is to go."""

    def __init__(self, href: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Link"))
        self.setMinimumWidth(420)
        self.removed = False
        self._address = QLineEdit(href)
        self._address.setPlaceholderText("https://")
        self._text = QLineEdit(text)
        self._text.setPlaceholderText(self.tr("As the address"))
        ok, cancel = QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        self._buttons = QDialogButtonBox(ok | cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        if href:
            remove = QPushButton(self.tr("Remove link"))
            remove.clicked.connect(self._remove)
            self._buttons.addButton(remove, QDialogButtonBox.ButtonRole.DestructiveRole)
        form = QFormLayout(self)
        form.addRow(self.tr("&Address"), self._address)
        form.addRow(self.tr("&Text"), self._text)
        form.addRow(self._buttons)
        self._address.textChanged.connect(self._check)
        self._check()

    def href(self) -> str:
        """The address, with the scheme that was left out."""
        return complete_address(self._address.text())

    def text(self) -> str:
        return self._text.text().strip() or self._address.text().strip()

    def _check(self) -> None:
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(self._address.text().strip()))

    def _remove(self) -> None:
        self.removed = True
        self.accept()


def complete_address(typed: str) -> str:
    """What was typed as a web address or a mail address: "a.example" as https, "a@b.example" as mailto."""
    typed = typed.strip()
    if _SCHEME.match(typed) and not re.match(r"[^/:]+:\d", typed):
        return typed
    return f"mailto:{typed}" if _ADDRESS.fullmatch(typed) else f"https://{typed}"
