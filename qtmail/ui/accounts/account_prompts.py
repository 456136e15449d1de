"""The small dialogs about accounts: adding one, entering a password, looking at a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from qtmail.domain.account import Account
from qtmail.domain.events import Problem
from qtmail.ui.accounts.account_dialog import AccountDialog
from qtmail.ui.accounts.certificate_dialog import CertificateDialog
from qtmail.ui.accounts.password_prompt import PasswordPrompt
from qtmail.ui.activity.problem_bar import ProblemBar
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class AccountPrompts(QObject):
    """Opens the dialogs over the window, none of them stopping the program, and passes on what the user
    decided.
    """

    def __init__(self, service: MailService, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._service = service
        self._theme = theme
        self._window = window

    def follow(self, problems: ProblemBar) -> None:
        """Answer the buttons of a problem bar."""
        problems.retry_requested.connect(self._service.sync_now)
        problems.password_requested.connect(self.ask_password)
        problems.certificate_requested.connect(self.show_certificate)
        problems.clear_password_allowed.connect(self._service.allow_clear_password)

    def add_account(self) -> None:
        dialog = AccountDialog(self._service, self._theme, self._window)
        dialog.account_added.connect(
            lambda account, password, keep: self._service.add_account(account, password, remember=keep)
        )
        self._open(dialog)

    def ask_password(self, problem: Problem) -> None:
        account = self._account(problem)
        if account is None:
            return
        prompt = PasswordPrompt(account, problem, self._window)
        prompt.answered.connect(
            lambda password, keep: self._service.supply_password(
                account.id, password, remember=keep, sending=problem.sending
            )
        )
        self._service.background.submit(self._service.keyring_problem, prompt.keyring.show_problem)
        self._open(prompt)

    def show_certificate(self, problem: Problem) -> None:
        account = self._account(problem)
        if account is None:
            return
        settings = account.server_for(sending=problem.sending)
        server = f"{settings.host}:{settings.port}"
        dialog = CertificateDialog(problem, server, self._window)
        dialog.trusted.connect(self._service.trust_certificate)
        self._open(dialog)

    def _account(self, problem: Problem) -> Account | None:
        accounts = self._service.accounts()
        return next((account for account in accounts if account.id == problem.account_id), None)

    def _open(self, dialog: QDialog) -> None:
        # open() and not exec(): the window keeps working, and no second event loop is started.
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
