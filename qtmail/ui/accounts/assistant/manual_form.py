"""The settings typed by hand: two servers and how to sign in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from qtmail.domain.account import ServerSettings
from qtmail.domain.discovery import ServerKind
from qtmail.domain.ports import IMAP_PORTS, POP3_PORTS, SMTP_PORTS
from qtmail.domain.sign_in import SignIn
from qtmail.mime.sendable import domain_to_ascii
from qtmail.ui.accounts.assistant.choice import Choice
from qtmail.ui.accounts.assistant.person import Person
from qtmail.ui.accounts.assistant.sign_in_form import SignInForm
from qtmail.ui.accounts.server_form import ServerForm


class ManualForm(QWidget):
    """Incoming mail over IMAP or POP3, outgoing mail or none, and the sign-in.

    Signals:
        changed: what stands in the fields is different now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.kind.addItem(self.tr("IMAP: mail stays on the server"), ServerKind.IMAP.value)
        self.kind.addItem(self.tr("POP3: mail is fetched to this computer"), ServerKind.POP3.value)
        self.incoming = ServerForm(self.tr("Incoming mail (IMAP)"), IMAP_PORTS)
        self.sends = QCheckBox(self.tr("&Send mail with this account too"))
        self.sends.setChecked(True)
        self.outgoing = ServerForm(self.tr("Outgoing mail (SMTP)"), SMTP_PORTS)
        self.sign_in = SignInForm()
        self._lay_out()
        self.kind.currentIndexChanged.connect(lambda _index: self._follow_kind())
        self.sends.toggled.connect(self.outgoing.show_fields)
        self.sends.toggled.connect(lambda _on: self.changed.emit())
        for form in (self.incoming, self.outgoing, self.sign_in):
            form.changed.connect(self.changed)

    def begin(self, person: Person) -> None:
        """Forget what stands here, and fill in names that are likely for this address."""
        self.kind.setCurrentIndex(0)
        self.sends.setChecked(True)
        self.sign_in.show_sign_in(SignIn(), "")
        for form in (self.incoming, self.outgoing):
            form.begin()
        domain = domain_to_ascii(person.domain)
        self.incoming.suggest(f"imap.{domain}", person.address)
        self.outgoing.suggest(f"smtp.{domain}", person.address)

    def show_choice(self, choice: Choice) -> None:
        """Begin with what was found."""
        self.kind.setCurrentIndex(self.kind.findData(choice.kind.value))
        if choice.incoming is not None:
            self.incoming.show_settings(choice.incoming)
        if choice.outgoing is not None:
            self.outgoing.show_settings(choice.outgoing)
        self.sends.setChecked(choice.outgoing is not None)
        self.sign_in.show_sign_in(choice.sign_in, choice.client_secret)

    def choice(self) -> Choice | None:
        """What stands in the fields, or None while something is missing."""
        incoming, sign_in = self.incoming.settings(), self.sign_in.sign_in()
        outgoing = self.outgoing.settings() if self.sends.isChecked() else None
        if incoming is None or sign_in is None or (outgoing is None and self.sends.isChecked()):
            return None
        secret = self.sign_in.client_secret()
        return Choice(self._kind(), incoming, outgoing, sign_in, client_secret=secret)

    def focus_server(self, server: ServerSettings, *, user: bool = False) -> None:
        """Put the keyboard where this server's host, or its user name, is typed."""
        form = self.outgoing if server == self.outgoing.settings() else self.incoming
        field = form.user if user else form.host
        field.setFocus()
        field.selectAll()

    def _kind(self) -> ServerKind:
        return ServerKind(self.kind.currentData())

    def _follow_kind(self) -> None:
        if self._kind() is ServerKind.POP3:
            self.incoming.use_ports(self.tr("Incoming mail (POP3)"), POP3_PORTS)
            self._rename_host("imap.", "pop.")
        else:
            self.incoming.use_ports(self.tr("Incoming mail (IMAP)"), IMAP_PORTS)
            self._rename_host("pop.", "imap.")
        self.changed.emit()

    def _rename_host(self, old: str, new: str) -> None:
        """Most providers call their servers after the protocol."""
        host = self.incoming.host.text()
        if host.startswith(old):
            self.incoming.host.setText(new + host.removeprefix(old))

    def _lay_out(self) -> None:
        self.kind.setAccessibleName(self.tr("Incoming mail"))
        self.incoming.put_on_top(self.kind)
        self.outgoing.put_on_top(self.sends)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.incoming, self.outgoing, self.sign_in):
            layout.addWidget(widget)
