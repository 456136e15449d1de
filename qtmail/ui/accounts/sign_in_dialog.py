"""Signs in again at the provider of an account that is there, in the browser or by a code."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from qtmail.domain.account import Account
from qtmail.domain.discovery import ServerKind
from qtmail.domain.events import Problem
from qtmail.domain.oauth import Permission
from qtmail.ui.accounts.assistant.browser_panel import BrowserPanel
from qtmail.ui.accounts.assistant.choice import Choice
from qtmail.ui.accounts.keyring_choice import KeyringChoice
from qtmail.ui.shared.desktop import Desktop
from qtmail.ui.shared.labels import paragraph
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class SignInDialog(QDialog):
    """Says why, and waits for the provider's permission; closing it gives up.

    Signals:
        permitted: the account, with the client id it signed in with; the Permission; whether to keep it.
    """

    permitted = Signal(object, object, bool)

    def __init__(
        self,
        account: Account,
        problem: Problem,
        service: MailService,
        theme: Theme,
        desktop: Desktop,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._account = account
        self.setWindowTitle(self.tr("Sign in to {account}").format(account=account.name))
        self.panel = BrowserPanel(service, theme, desktop)
        kind = ServerKind.IMAP if account.pop3 is None else ServerKind.POP3
        choice = Choice(kind, account.incoming, account.smtp, account.sign_in)
        self.panel.show_choice(choice, account.address)
        self.keyring = KeyringChoice()
        self.keyring.vault_requested.connect(partial(_make_vault, service, self.keyring))
        service.background.submit(service.keyring_problem, self.keyring.show_problem)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        self.panel.permitted.connect(self._permitted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addWidget(paragraph(problem.sentence))
        layout.addWidget(self.panel)
        layout.addWidget(self.keyring)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(520)
        self.panel.focus_first()

    def _permitted(self, permission: Permission) -> None:
        account = replace(self._account, sign_in=self.panel.sign_in())
        self.permitted.emit(account, permission, self.keyring.remembers())
        self.accept()

    def done(self, result: int) -> None:
        # Whichever way it closes, nobody waits for the provider any more.
        self.panel.cancel()
        self.keyring.forget()
        super().done(result)


def _make_vault(service: MailService, keyring: KeyringChoice, master_password: str) -> None:
    service.create_vault(master_password, keyring.show_vault, keyring.show_vault_fault)
