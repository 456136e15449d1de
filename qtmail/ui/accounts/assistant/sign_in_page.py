"""The last step: signing in, and a test of every server before the account is added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit

from qtmail.domain.account import Account
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret, SignIn, SignInMethod
from qtmail.ui.accounts.assistant.browser_panel import BrowserPanel
from qtmail.ui.accounts.assistant.choice import Choice
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.accounts.assistant.person import password_doubt
from qtmail.ui.accounts.assistant.server_trial import ServerTrial
from qtmail.ui.accounts.keyring_choice import KeyringChoice
from qtmail.ui.accounts.password_prompt import PasswordField
from qtmail.ui.shared.desktop import Desktop
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class SignInPage(Page):
    """Takes the secret, tries the servers with it, and gives both back.

    Signals:
        mend_requested: as `ServerTrial.mend_requested`.
    """

    mend_requested = Signal(object, bool)

    def __init__(self, service: MailService, theme: Theme, desktop: Desktop) -> None:
        super().__init__()
        self.title = self.tr("Sign in and test")
        self.hint = self.tr("Each step is tried with your mail servers before the account is added.")
        self._service = service
        self._account: Account | None = None
        self._permission: Permission | None = None
        self._permitted_to: tuple[SignIn, str] | None = None
        self.name = QLineEdit()
        self.password = PasswordField()
        self.keyring = KeyringChoice()
        self.browser = BrowserPanel(service, theme, desktop)
        self.notices = NoticeArea(theme)
        self.trial = ServerTrial(service, theme)
        self._form = QFormLayout()
        self._lay_out()
        self._connect()
        service.background.submit(service.keyring_problem, self.keyring.show_problem)

    # What comes of it

    def account(self) -> Account:
        """The account under the name the user gave it."""
        assert self._account is not None
        sign_in = self.browser.sign_in() if self._method() is SignInMethod.OAUTH else self._account.sign_in
        return replace(self._account, name=self.name.text().strip() or self._account.name, sign_in=sign_in)

    def secret(self) -> str | Permission | None:
        """What to keep: the password or the key's passphrase, or the provider's permission."""
        if self._method() is SignInMethod.OAUTH:
            return self._permission
        return self.password.text() or None

    def complete(self) -> bool:
        """Whether everything is there to try the servers with."""
        if self._account is None:
            return False
        return self._method() is SignInMethod.CERTIFICATE or self.secret() is not None

    # What happens

    def show_account(self, account: Account, choice: Choice, password: str) -> None:
        """Begin with an account that is not stored yet, and try it if all is there for that."""
        self.leave()
        if not self.name.isModified() or account.address != self._address():
            self.name.setText(account.name)
        self._account = account
        method = account.sign_in.method
        self._form.setRowVisible(self.password, method is not SignInMethod.OAUTH)
        self._form.setRowVisible(self.browser, method is SignInMethod.OAUTH)
        self.notices.remove("app password")
        if method is SignInMethod.OAUTH:
            self._show_browser(choice)
        else:
            self._show_password(method, password, app_password=choice.app_password)

    def enter(self) -> None:
        if self._method() is not SignInMethod.OAUTH:
            self.password.setFocus()
        elif self._permission is None:
            self.browser.focus_first()

    def leave(self) -> None:
        """Wait for nothing any more."""
        self.browser.cancel()
        self.trial.forget()

    def forget_secrets(self) -> None:
        self.password.clear()
        self.keyring.forget()
        self._permission = None

    def test(self) -> None:
        """Try the servers with what stands in the fields."""
        if self.complete():
            self.trial.run(self.account(), self._try_with())

    # Inside

    def _method(self) -> SignInMethod:
        return self._account.sign_in.method if self._account is not None else SignInMethod.PASSWORD

    def _try_with(self) -> Secret | None:
        match self._method():
            case SignInMethod.OAUTH:
                return AccessToken(self._permission.access_token) if self._permission is not None else None
            case SignInMethod.CERTIFICATE:
                return ClientCertificate(self.account().sign_in.certificate_file, self.password.text())
            case _:
                return self.password.text()

    def _show_password(self, method: SignInMethod, password: str, *, app_password: bool) -> None:
        self._permission = None
        self._label_password(method, app_password=app_password)
        self.password.setText(password if method is SignInMethod.PASSWORD else "")
        if not self.password.text():
            return
        if app_password:
            # The password of the provider's website is none of the mail servers' business.
            words = self.tr("What you typed before stands here. Replace it if it is not the app password.")
            self.notices.show_notice("app password", words, closable=False)
        else:
            self.test()

    def _show_browser(self, choice: Choice) -> None:
        address = self._address()
        self.browser.show_choice(choice, address)
        if self._permission is not None and self._permitted_to == (self.browser.sign_in(), address):
            self.browser.show_permitted()  # only a server was changed: the permission still stands
            self.test()
        else:
            self._permission = None

    def _address(self) -> str:
        return self._account.address if self._account is not None else ""

    def _permitted(self, permission: Permission) -> None:
        self._permission = permission
        self._permitted_to = (self.browser.sign_in(), self._address())
        self.test()

    def _secret_changed(self) -> None:
        """What was tried is not what stands there now."""
        self.trial.forget()
        doubt = password_doubt(self.password.text())
        if doubt:
            self.notices.show_notice("doubt", doubt, tone=Tone.WARNING, closable=False)
        else:
            self.notices.remove("doubt")

    def _secret_refused(self) -> None:
        if self._method() is SignInMethod.OAUTH:
            self._permission = None
            self.browser.cancel()
        self.enter()
        self.password.selectAll()
        self.changed.emit()

    def _label_password(self, method: SignInMethod, *, app_password: bool) -> None:
        label = self._form.labelForField(self.password)
        assert isinstance(label, QLabel)
        if method is SignInMethod.CERTIFICATE:
            text, hint = self.tr("&Passphrase of the key"), self.tr("Empty if it has none")
        elif app_password:
            text, hint = self.tr("A&pp password"), self.tr("Not the password of the website")
        else:
            text, hint = self.tr("&Password"), ""
        label.setText(text)
        self.password.setPlaceholderText(hint)
        self.password.setAccessibleName(text.replace("&", ""))

    def _make_vault(self, master_password: str) -> None:
        self._service.create_vault(master_password, self.keyring.show_vault, self.keyring.show_vault_fault)

    def _connect(self) -> None:
        self.password.textChanged.connect(lambda _text: self._secret_changed())
        self.keyring.changed.connect(self.changed)
        self.keyring.vault_requested.connect(self._make_vault)
        self.browser.permitted.connect(self._permitted)
        self.trial.changed.connect(self.changed)
        self.trial.secret_refused.connect(self._secret_refused)
        self.trial.again_requested.connect(self.test)
        self.trial.mend_requested.connect(self.mend_requested)

    def _lay_out(self) -> None:
        self._form.setVerticalSpacing(10)
        self._form.setHorizontalSpacing(16)
        self._form.addRow(self.tr("Account &name"), self.name)
        self._form.addRow(self.tr("&Password"), self.password)
        self._form.addRow(self.browser)
        self._form.addRow("", self.keyring)
        self.rows.addLayout(self._form)
        self.rows.addWidget(self.notices)
        self.rows.addWidget(self.trial)
        self.rows.addStretch(1)
