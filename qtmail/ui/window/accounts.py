"""The accounts in the main window: how each of them stands, its strip, and the dialogs about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Problem
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.accounts.account_prompts import AccountPrompts
from qtmail.ui.accounts.settings.settings_prompts import SettingsPrompts
from qtmail.ui.accounts.sign_in_prompts import SignInPrompts
from qtmail.ui.activity.problem_bar import ProblemBar
from qtmail.ui.activity.work_log import WorkLog
from qtmail.ui.folders.folder_delegate import WORKING
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.mail_service import MailService


class Accounts(QObject):
    """Follows what the engine tells about accounts, and opens the dialogs that the strips offer.

    Args:
        preferences: tells how the window is set up, for an export of the settings.

    Attributes:
        work: what the accounts are doing; tells of each change.
        prompts, sign_ins, settings: the dialogs.
    """

    def __init__(
        self,
        service: MailService,
        compose: ComposeService,
        folders: FolderTreeModel,
        problems: ProblemBar,
        preferences: Callable[[], Mapping[str, str]],
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._service = service
        self._folders = folders
        self._problems = problems
        self.work = WorkLog(parent=self)
        self.prompts = AccountPrompts(service, theme, window)
        self.sign_ins = SignInPrompts(service, theme, window)
        self.settings = SettingsPrompts(service, compose, folders, self.prompts, preferences, theme, window)
        self.prompts.follow(problems)
        self.sign_ins.follow(problems)
        problems.settings_requested.connect(self.settings.open_servers)
        self.settings.sign_in_requested.connect(self.sign_ins.sign_in)
        service.bridge.account_changed.connect(self._note_state)
        service.bridge.progress.connect(self.work.note_progress)
        service.bridge.problem.connect(self.show_problem)

    @property
    def busy(self) -> bool:
        """Whether any of them is connecting or fetching."""
        return any(state.connection in WORKING for state in self.work.states.values())

    def refresh(self) -> list[Account]:
        """There are others now, or one has other settings; returns all, in their order."""
        before = {account.id for account in self.work.accounts}
        accounts = self._service.accounts()
        self.work.set_accounts(accounts)
        for gone in before - {account.id for account in accounts}:
            self._problems.forget_account(gone)
        for state in self._service.states().values():
            self._note_state(state)
        return accounts

    def show_problem(self, problem: Problem) -> None:
        """Say what is wrong, where that belongs to no account's state."""
        self.work.note_problem(problem)
        self._problems.show_problem(problem)

    def _note_state(self, state: AccountState) -> None:
        self.work.note_state(state)
        self._folders.set_state(state)
        account = next((one for one in self.work.accounts if one.id == state.account_id), None)
        if account is not None:
            self._problems.show_state(account, state)
