"""What is done from the account settings at once, whatever is saved: each has a dialog of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from qtmail.domain.removal import Removal
from qtmail.ui.accounts.connection_check import ConnectionCheck
from qtmail.ui.accounts.settings.account_edit import AccountEdit
from qtmail.ui.accounts.settings.export_dialog import SUFFIX, ExportDialog
from qtmail.ui.accounts.settings.import_dialog import ImportDialog
from qtmail.ui.accounts.settings.removal_dialog import RemovalDialog
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class AccountTasks(QObject):
    """Removing an account, checking its servers, and settings in a file.

    Args:
        preferences: how the window is set up, for an export.
        window: what the dialogs stand over.

    Signals:
        preferences_taken: an import brought these preferences.
    """

    preferences_taken = Signal(dict)

    def __init__(
        self, service: MailService, preferences: Mapping[str, str], theme: Theme, window: QWidget
    ) -> None:
        super().__init__(window)
        self._service = service
        self._preferences = dict(preferences)
        self._theme = theme
        self._window = window

    def check_connection(self, edit: AccountEdit) -> None:
        """Ask the servers, as they stand in the fields, whether they answer."""
        saved = edit.account == edit.stored
        self._open(ConnectionCheck(self._service, edit.account, self._theme, self._window, saved=saved))

    def remove(self, account_id: int) -> None:
        """Remove an account, after a question."""
        self._service.removal(account_id, self._ask_removal)

    def _ask_removal(self, removal: Removal) -> None:
        dialog = RemovalDialog(removal, self._window)
        dialog.confirmed.connect(partial(self._remove, removal.account.id))
        self._open(dialog)

    def _remove(self, account_id: int, keep_mail: bool, drop_unsent: bool) -> None:
        self._service.remove_account(account_id, keep_mail=keep_mail, drop_unsent=drop_unsent)

    def export(self) -> None:
        """Put all settings into a file."""
        self._open(ExportDialog(self._service, self._preferences, self._theme, self._window))

    def choose_import(self) -> None:
        """Ask for a file with settings."""
        names = self.tr("Settings (*{0});;All files (*)").format(SUFFIX)
        dialog = QFileDialog(self._window, self.tr("Import settings"), "", names)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.import_from(Path(name)))
        self._open(dialog)

    def import_from(self, path: Path) -> None:
        """Show what a file with settings would add."""
        dialog = ImportDialog(self._service, path, self._theme, self._window)
        dialog.preferences_taken.connect(self.preferences_taken)
        self._open(dialog)

    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
