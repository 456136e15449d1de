"""Opens what is needed to sign in again: the provider's page, or the file with the passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from qtmail.domain.account import Account
from qtmail.domain.events import Problem
from qtmail.domain.oauth import Permission
from qtmail.ui.activity.problem_bar import ProblemBar
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class SignInPrompts(QObject):
    """Opens the dialogs over the window, none of them stopping the program."""

    def __init__(self, service: MailService, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._service = service
        self._theme = theme
        self._window = window

    def follow(self, problems: ProblemBar) -> None:
        """Answer the buttons of a problem bar."""
        problems.sign_in_requested.connect(self.sign_in)
        problems.unlock_requested.connect(self.unlock)

    # The panels of the assistant take 40 ms to import: not before the window is shown.

    def sign_in(self, problem: Problem) -> None:
        from qtmail.ui.accounts.sign_in_dialog import SignInDialog  # noqa: PLC0415  # see above
        from qtmail.ui.shared.desktop import SystemDesktop  # noqa: PLC0415  # see above

        accounts = self._service.accounts()
        account = next((one for one in accounts if one.id == problem.account_id), None)
        if account is None:
            return
        dialog = SignInDialog(account, problem, self._service, self._theme, SystemDesktop(), self._window)
        dialog.permitted.connect(self._permitted)
        self._open(dialog)

    def unlock(self, problem: Problem) -> None:
        from qtmail.ui.accounts.unlock_dialog import UnlockDialog  # noqa: PLC0415  # see above

        dialog = UnlockDialog(problem, self._service, self._theme, self._window)
        dialog.unlocked.connect(self._service.sync_now)  # in all accounts: they wait for the same file
        self._open(dialog)

    def change_master_password(self) -> None:
        from qtmail.ui.accounts.master_password_dialog import MasterPasswordDialog  # noqa: PLC0415  # see above

        self._open(MasterPasswordDialog(self._service, self._theme, self._window))

    def _permitted(self, account: Account, permission: Permission, remember: bool) -> None:
        """Use the permission, with the client id it was given to."""
        stored = next((one for one in self._service.accounts() if one.id == account.id), None)
        if stored is not None and stored.sign_in != account.sign_in:
            self._service.update_account(account)
        self._service.keep_permission(account.id, permission, remember=remember)

    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
