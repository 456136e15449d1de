"""The fields for one server: host, port, encryption, user name."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Security, ServerSettings
from qtmail.ui.shared.number_box import NumberBox

_LARGEST_PORT = 65535


class ServerForm(QGroupBox):
    """One server; the port follows the encryption until the user types another.

    Signals:
        changed: what stands in the fields is different now.
    """

    changed = Signal()

    def __init__(self, title: str, ports: Mapping[Security, int], parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._ports = ports
        self._typed = False
        self.host = QLineEdit()
        self.port = NumberBox(1, _LARGEST_PORT)
        self.security = QComboBox()
        self.user = QLineEdit()
        self._fill_fields(title)
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

    def begin(self) -> None:
        """Forget what was typed."""
        self._typed = False
        self.host.clear()
        self.user.clear()
        self.security.setCurrentIndex(self.security.findData(Security.TLS.value))
        self.port.setValue(self._ports[Security.TLS])

    def show_settings(self, settings: ServerSettings) -> None:
        """Fill in what is known, as if the user had typed it."""
        self.host.setText(settings.host)
        self.user.setText(settings.user)
        self.security.setCurrentIndex(self.security.findData(settings.security.value))
        self.port.setValue(settings.port)
        self._note_typing()

    def use_ports(self, title: str, ports: Mapping[Security, int]) -> None:
        """Be for a server of another kind from now on; a port the user chose stays."""
        self.setTitle(title)
        self._name(title)
        usual = self.port.value() in self._ports.values()
        self._ports = ports
        if usual:
            self.port.setValue(ports[Security(self.security.currentData())])

    def put_on_top(self, widget: QWidget) -> None:
        """Show a widget of the caller's above the fields."""
        self._rows.insertWidget(0, widget)
        for before, after in pairwise((widget, self.host, self.port, self.security, self.user)):
            self.setTabOrder(before, after)

    def show_fields(self, shown: bool) -> None:
        self._fields.setVisible(shown)

    def settings(self) -> ServerSettings | None:
        """What stands in the fields, or None while something is missing."""
        host, user = self.host.text().strip(), self.user.text().strip()
        if not host or not user:
            return None
        return ServerSettings(host, self.port.value(), Security(self.security.currentData()), user)

    def _fill_fields(self, title: str) -> None:
        self.port.setValue(self._ports[Security.TLS])
        self.security.addItem(self.tr("TLS"), Security.TLS.value)
        self.security.addItem(self.tr("STARTTLS"), Security.STARTTLS.value)
        self.security.addItem(self.tr("No encryption"), Security.NONE.value)
        self._name(title)

    def _name(self, title: str) -> None:
        for field, name in (
            (self.host, self.tr("server")),
            (self.port, self.tr("port")),
            (self.security, self.tr("encryption")),
            (self.user, self.tr("user name")),
        ):
            field.setAccessibleName(f"{title}, {name}")

    def _lay_out(self) -> None:
        self._fields = QWidget()
        first = QHBoxLayout()
        first.addWidget(self.host, 1)
        first.addWidget(QLabel(self.tr("Port")))
        first.addWidget(self.port)
        first.addWidget(self.security)
        fields = QFormLayout(self._fields)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(8)
        fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        fields.addRow(self.tr("Server"), first)
        fields.addRow(self.tr("User name"), self.user)
        self._rows = QVBoxLayout(self)
        self._rows.setSpacing(8)
        self._rows.addWidget(self._fields)

    def _follow_security(self) -> None:
        if self.port.value() in self._ports.values():
            self.port.setValue(self._ports[Security(self.security.currentData())])
        self.changed.emit()

    def _note_typing(self) -> None:
        self._typed = True
