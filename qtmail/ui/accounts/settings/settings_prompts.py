"""Opens the account settings over the window, and joins them to the other dialogs about accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.accounts.account_prompts import AccountPrompts
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.ui.accounts.settings.account_edit import Page
    from qtmail.ui.accounts.settings.settings_dialog import SettingsDialog
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.mail_service import MailService


class SettingsPrompts(QObject):
    """There is one such dialog at a time.

    Args:
        prompts: the dialogs that add an account and ask for a password.
        preferences: tells how the window is set up, for an export.

    Signals:
        sign_in_requested: the user wants to sign in in the browser; carries a Problem.
        preferences_taken: an import brought these preferences.
    """

    sign_in_requested = Signal(object)
    preferences_taken = Signal(dict)

    def __init__(
        self,
        service: MailService,
        compose: ComposeService,
        folders: FolderTreeModel,
        prompts: AccountPrompts,
        preferences: Callable[[], Mapping[str, str]],
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._service = service
        self._compose = compose
        self._folders = folders
        self._prompts = prompts
        self._preferences = preferences
        self._theme = theme
        self._window = window
        self.dialog: SettingsDialog | None = None

    def open(self) -> None:
        """Show the settings of all accounts."""
        self.open_account(0)

    def open_account(self, account_id: int, page: Page | None = None) -> None:
        """Show the settings, of this account first, on a certain page; 0: of the first one."""
        if self.dialog is None:
            self.dialog = self._make()
            self.dialog.open()
        if account_id:
            self.dialog.choose(account_id, page)
        self.dialog.raise_()
        self.dialog.activateWindow()

    def open_servers(self, account_id: int) -> None:
        """Show which servers this account asks."""
        from qtmail.ui.accounts.settings.account_edit import Page  # noqa: PLC0415  # as in _make

        self.open_account(account_id, Page.SERVERS)

    def _make(self) -> SettingsDialog:
        # The editor of signatures takes 70 ms to import: not before the window is shown.
        from qtmail.ui.accounts.settings.settings_dialog import SettingsDialog  # noqa: PLC0415  # see above

        folders = [node.folder for node in self._folders.nodes() if node.folder is not None]
        dialog = SettingsDialog(
            self._service,
            self._compose,
            folders,
            self._theme,
            preferences=self._preferences(),
            parent=self._window,
        )
        dialog.add_requested.connect(self._prompts.add_account)
        dialog.password_requested.connect(self._prompts.ask_password)
        dialog.sign_in_requested.connect(self.sign_in_requested)
        dialog.preferences_taken.connect(self.preferences_taken)
        dialog.finished.connect(self._closed)
        return dialog

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
