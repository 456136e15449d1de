"""The dialogs about accounts: adding one, entering a password, looking at a certificate, checking servers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from qtmail.domain.account import Account, ServerSettings
from qtmail.domain.events import Problem
from qtmail.ui.activity.problem_bar import ProblemBar
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.ui.accounts.keyring_choice import KeyringChoice
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
        problems.connection_check_requested.connect(self.check_connection)

    # Dialogs take up to 70 ms to import: not before the window is shown.

    def add_account(self) -> None:
        from qtmail.ui.accounts.assistant.assistant import AccountAssistant  # noqa: PLC0415  # see above

        assistant = AccountAssistant(self._service, self._theme, parent=self._window)
        assistant.account_added.connect(
            lambda account, secret, keep: self._service.add_account(account, secret, remember=keep)
        )
        self._open(assistant)

    def ask_password(self, problem: Problem) -> None:
        account = self._account(problem)
        if account is None:
            return
        from qtmail.ui.accounts.password_prompt import PasswordPrompt  # noqa: PLC0415  # see above

        prompt = PasswordPrompt(account, problem, self._window)
        prompt.answered.connect(
            lambda password, keep: self._service.supply_password(
                account.id, password, remember=keep, sending=problem.sending
            )
        )
        self._service.background.submit(self._service.keyring_problem, prompt.keyring.show_problem)
        prompt.keyring.vault_requested.connect(partial(self._make_vault, prompt.keyring))
        self._open(prompt)

    def _make_vault(self, keyring: KeyringChoice, master_password: str) -> None:
        self._service.create_vault(master_password, keyring.show_vault, keyring.show_vault_fault)

    def show_certificate(self, problem: Problem) -> None:
        account = self._account(problem)
        if account is None:
            return
        server = account.server_for(sending=problem.sending)
        self._service.certificate_changes(
            server.host, server.port, problem.certificate, partial(self._open_certificate, problem, server)
        )

    def _open_certificate(self, problem: Problem, server: ServerSettings, changes: tuple[str, ...]) -> None:
        from qtmail.ui.accounts.certificate_dialog import CertificateDialog  # noqa: PLC0415  # see above

        place = f"{server.host}:{server.port}"
        dialog = CertificateDialog(problem, place, self._window, changes=changes)
        dialog.trusted.connect(self._service.trust_certificate)
        self._open(dialog)

    def check_connection(self, account_id: int) -> None:
        """Try the servers of an account step by step, and show how each step went."""
        from qtmail.ui.accounts.connection_check import ConnectionCheck  # noqa: PLC0415  # see above

        account = self._account_with(account_id)
        if account is not None:
            self._open(ConnectionCheck(self._service, account, self._theme, self._window))

    def _account(self, problem: Problem) -> Account | None:
        return self._account_with(problem.account_id)

    def _account_with(self, account_id: int) -> Account | None:
        accounts = self._service.accounts()
        return next((account for account in accounts if account.id == account_id), None)

    def _open(self, dialog: QDialog) -> None:
        # open() and not exec(): the window keeps working, and no second event loop is started.
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
