"""How an account signs in, and what the user allowed its servers beyond the usual."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qtmail.domain.account import Account
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.assistant.sign_in_form import SignInForm
from qtmail.ui.accounts.settings.account_edit import AccountEdit, has_servers
from qtmail.ui.accounts.settings.exemption_list import ExemptionList
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.shared.forms import hint
from qtmail.ui.shared.labels import heading


class SignInPage(SettingsPage):
    """The method with what it needs, then the exemptions.

    Signals:
        password_requested: the user wants to enter another password.
        browser_requested: the user wants to sign in in the browser.
    """

    password_requested = Signal()
    browser_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = SignInForm()
        self.apop = QCheckBox(self.tr("&Use APOP (only for old servers: it rests on MD5)"))
        self.password_button = QPushButton(self.tr("Change &password…"))
        self.browser_button = QPushButton(self.tr("Sign in a&gain…"))
        self.save_first = hint(self.tr("Save first; then you are asked to sign in this way."))
        self.exemptions = ExemptionList()
        self._lay_out()
        self.form.changed.connect(self._take)
        self.apop.toggled.connect(lambda _checked: self._take())
        self.exemptions.withdrawn.connect(self._withdraw)
        self.password_button.clicked.connect(lambda _checked: self.password_requested.emit())
        self.browser_button.clicked.connect(lambda _checked: self.browser_requested.emit())

    def fits(self, account: Account) -> bool:
        return has_servers(account)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self.password_button, self.browser_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self.form)
        layout.addWidget(self.apop)
        layout.addLayout(buttons)
        layout.addWidget(self.save_first)
        layout.addSpacing(10)
        layout.addWidget(heading(self.tr("What you allowed these servers")))
        layout.addWidget(self.exemptions, 1)

    def _fill(self, edit: AccountEdit) -> None:
        self.form.show_sign_in(edit.account.sign_in, "")
        self.apop.setChecked(edit.account.pop3_policy.apop)

    def _read(self, edit: AccountEdit) -> None:
        # What is not complete keeps its method, and is said to be a fault on saving.
        sign_in = self.form.sign_in() or SignIn(SignInMethod(self.form.method.currentData()))
        policy = replace(edit.account.pop3_policy, apop=self.apop.isChecked())
        edit.account = replace(edit.account, sign_in=sign_in, pop3_policy=policy)

    def _refresh(self, edit: AccountEdit) -> None:
        account = edit.account
        method, other = account.sign_in.method, account.sign_in != edit.stored.sign_in
        self.apop.setVisible(account.pop3 is not None and method is SignInMethod.PASSWORD)
        self.password_button.setVisible(method is SignInMethod.PASSWORD and not other)
        self.browser_button.setVisible(method is SignInMethod.OAUTH and not other)
        self.save_first.setVisible(other and method is not SignInMethod.CERTIFICATE)

    def _withdraw(self) -> None:
        if self._edit is not None:
            self._edit.withdrawn = self.exemptions.withdrawn_ones()
            self.changed.emit()
