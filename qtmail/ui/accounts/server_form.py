"""The fields for one server: host, port, encryption, user name."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGroupBox, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from qtmail.domain.account import Security, ServerSettings

_LARGEST_PORT = 65535


class ServerForm(QGroupBox):
    """One server; the port follows the encryption until the user types another.

    Signals:
        changed: what stands in the fields is different now.
    """

    changed = Signal()

    def __init__(self, title: str, ports: dict[Security, int], parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._ports = ports
        self._typed = False
        self.host = QLineEdit()
        self.port = QSpinBox()
        self.security = QComboBox()
        self.user = QLineEdit()
        self._name_fields(title)
        self._lay_out()
        self.security.currentIndexChanged.connect(lambda _index: self._follow_security())
        self.host.textEdited.connect(lambda _text: self._note_typing())
        self.user.textEdited.connect(lambda _text: self._note_typing())
        for signal in (self.host.textChanged, self.user.textChanged, self.port.valueChanged):
            signal.connect(lambda _value: self.changed.emit())

    def suggest(self, host: str, user: str) -> None:
        """Fill in a likely host and user name, unless the user typed something here."""
        if not self._typed:
            self.host.setText(host)
            self.user.setText(user)

    def settings(self) -> ServerSettings | None:
        """What stands in the fields, or None while something is missing."""
        host, user = self.host.text().strip(), self.user.text().strip()
        if not host or not user:
            return None
        return ServerSettings(host, self.port.value(), Security(self.security.currentData()), user)

    def _name_fields(self, title: str) -> None:
        self.port.setRange(1, _LARGEST_PORT)
        # Qt leaves the padding of a style sheet out when it places the text of a spin box.
        self.port.lineEdit().setTextMargins(8, 0, 0, 0)
        self.port.setFixedWidth(self.port.sizeHint().width() + 8)
        self.port.setValue(self._ports[Security.TLS])
        self.security.addItem(self.tr("TLS"), Security.TLS.value)
        self.security.addItem(self.tr("STARTTLS"), Security.STARTTLS.value)
        self.security.addItem(self.tr("No encryption"), Security.NONE.value)
        self.host.setPlaceholderText(self.tr("Server"))
        self.user.setPlaceholderText(self.tr("User name"))
        for field, name in (
            (self.host, self.tr("server")),
            (self.port, self.tr("port")),
            (self.security, self.tr("encryption")),
            (self.user, self.tr("user name")),
        ):
            field.setAccessibleName(f"{title}, {name}")

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.addWidget(self.host, 1)
        first.addWidget(self.port)
        first.addWidget(self.security)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addWidget(self.user)

    def _follow_security(self) -> None:
        if self.port.value() in self._ports.values():
            self.port.setValue(self._ports[Security(self.security.currentData())])
        self.changed.emit()

    def _note_typing(self) -> None:
        self._typed = True
