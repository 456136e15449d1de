"""The user's own client at an OAuth provider, behind *Advanced*."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from qtmail.ui.accounts.password_prompt import PasswordField
from qtmail.ui.shared.labels import paragraph


class ClientForm(QWidget):
    """A client id, and its secret where the provider gave one out (RFC 6749 section 2.3.1).

    Signals:
        changed: what stands in the fields is different now.
        accepted: Enter was pressed in a field.
    """

    changed = Signal()
    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.advanced = QCheckBox(self.tr("&Advanced: use a client id of my own"))
        self.id = QLineEdit()
        self.secret = PasswordField()
        self.secret.setAccessibleName(self.tr("Client secret"))
        self.secret.setPlaceholderText(self.tr("Only where the provider gave one out"))
        self._fields = QWidget()
        form = QFormLayout(self._fields)
        form.setContentsMargins(26, 0, 0, 0)
        form.addRow(
            paragraph(
                self.tr(
                    "Register a desktop application with your provider; it tells you the client id. Allow it "
                    "the redirect to http://127.0.0.1."
                ),
                muted=True,
            )
        )
        form.addRow(self.tr("Client &id"), self.id)
        form.addRow(self.tr("Client s&ecret"), self.secret)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.advanced)
        layout.addWidget(self._fields)
        self._fields.hide()
        self.advanced.toggled.connect(self._fields.setVisible)
        self.advanced.toggled.connect(lambda _on: self.changed.emit())
        for field in (self.id, self.secret):
            field.textChanged.connect(lambda _text: self.changed.emit())
            field.returnPressed.connect(self.accepted)

    def show_client(self, client_id: str, client_secret: str) -> None:
        self.id.setText(client_id)
        self.secret.setText(client_secret)
        self.advanced.setChecked(bool(client_id))

    def ask(self) -> None:
        """Open the fields, because there is no way without them."""
        self.advanced.setChecked(True)
        self.id.setFocus()

    def client_id(self) -> str:
        """The user's own, or "" for the one this program has."""
        return self.id.text().strip() if self.advanced.isChecked() else ""

    def client_secret(self) -> str:
        return self.secret.text().strip() if self.client_id() else ""
