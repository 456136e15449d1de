"""The small *Add account* dialog: name, address, password, two servers, and a test of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account, Security
from qtmail.domain.diagnosis import Verdict
from qtmail.ui.accounts.password_prompt import KeyringChoice, PasswordField
from qtmail.ui.accounts.server_form import ServerForm
from qtmail.ui.accounts.verdict_list import VerdictList
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService

IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
ACCOUNT_COLORS = ("#3b82f6", "#10b981", "#f59e0b", "#ec4899", "#8b5cf6", "#14b8a6", "#ef4444", "#64748b")


class AccountDialog(QDialog):
    """Asks for an account, tests it without blocking, and hands it over.

    Signals:
        account_added: carries the Account (without an id), the password, and whether to keep it.
    """

    account_added = Signal(object, str, bool)

    def __init__(self, service: MailService, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._test_number = 0
        self.setWindowTitle(self.tr("Add account"))
        self.full_name = QLineEdit()
        self.address = QLineEdit()
        self.address.setPlaceholderText(self.tr("you@example.org"))
        self.password = PasswordField()
        self.keyring = KeyringChoice()
        self.imap = ServerForm(self.tr("Incoming mail (IMAP)"), IMAP_PORTS)
        self.smtp = ServerForm(self.tr("Outgoing mail (SMTP)"), SMTP_PORTS)
        self.verdicts = VerdictList(theme)
        self.test_button = QPushButton(self.tr("&Test"))
        self.add_button = QPushButton(self.tr("&Add account"))
        self._lay_out()
        self._connect()
        self._check_complete()
        service.background.submit(service.keyring_problem, self.keyring.show_problem)

    def account(self) -> Account | None:
        """What stands in the fields, or None while something is missing."""
        address, imap = self.address.text().strip(), self.imap.settings()
        local, _, domain = address.rpartition("@")
        if not local or not domain or imap is None:
            return None
        used = len(self._service.accounts())
        return Account(
            id=0,
            name=domain,
            address=address,
            full_name=self.full_name.text().strip(),
            imap=imap,
            smtp=self.smtp.settings(),
            color=ACCOUNT_COLORS[used % len(ACCOUNT_COLORS)],
        )

    def accept(self) -> None:
        account = self.account()
        if account is not None:
            self.account_added.emit(account, self.password.text(), self.keyring.isChecked())
            super().accept()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow(self.tr("Your &name"), self.full_name)
        form.addRow(self.tr("Mail a&ddress"), self.address)
        form.addRow(self.tr("&Password"), self.password)
        form.addRow("", self.keyring)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.test_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.add_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.add_button.setDefault(True)
        self.test_button.setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.imap)
        layout.addWidget(self.smtp)
        layout.addWidget(self.verdicts)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(540)

    def _connect(self) -> None:
        self.address.textChanged.connect(lambda _text: self._suggest())
        self.address.textChanged.connect(lambda _text: self._check_complete())
        self.password.textChanged.connect(lambda _text: self._check_complete())
        self.imap.changed.connect(self._check_complete)
        self.test_button.clicked.connect(lambda _checked: self._test())

    def _suggest(self) -> None:
        address = self.address.text().strip()
        _, _, domain = address.rpartition("@")
        if "." in domain:
            self.imap.suggest(f"imap.{domain}", address)
            self.smtp.suggest(f"smtp.{domain}", address)

    def _check_complete(self) -> None:
        complete = self.account() is not None and bool(self.password.text())
        self.test_button.setEnabled(complete)
        self.add_button.setEnabled(complete)

    def _test(self) -> None:
        account = self.account()
        if account is None:
            return
        self._test_number += 1
        number = self._test_number
        self.test_button.setEnabled(False)
        self.verdicts.show_text(self.tr("Asking {server}…").format(server=account.server.host))
        # A method of the dialog, not a lambda: then nobody calls it once the dialog is deleted.
        self._service.test_account(account, self.password.text(), partial(self._tested, number))

    def _tested(self, number: int, verdicts: list[Verdict]) -> None:
        # A test that ends after the dialog was closed, or after a later one began, has nobody to tell.
        if number == self._test_number and self.isVisible():
            self.verdicts.show_verdicts(verdicts)
            self._check_complete()
