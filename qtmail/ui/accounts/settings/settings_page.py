"""What all pages of the account settings have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtmail.domain.account import Account
from qtmail.ui.accounts.settings.account_edit import AccountEdit


class SettingsPage(QWidget):
    """Shows one side of an account that is edited, and writes into the edit what the user does.

    Signals:
        changed: the user changed something.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit: AccountEdit | None = None

    def fits(self, account: Account) -> bool:
        """Whether there is anything on this page to say about such an account."""
        return True

    def show_edit(self, edit: AccountEdit) -> None:
        """Show this account; what is filled in by it counts as nobody's change."""
        self._edit = None
        self._fill(edit)
        self._edit = edit
        self._refresh(edit)

    def _take(self) -> None:
        """Write what stands in the fields into the edit. Connected to every field."""
        if self._edit is not None:
            self._read(self._edit)
            self._refresh(self._edit)
            self.changed.emit()

    def _fill(self, edit: AccountEdit) -> None:
        """Put the account into the fields."""
        raise NotImplementedError

    def _read(self, edit: AccountEdit) -> None:
        """Put the fields into the account."""
        raise NotImplementedError

    def _refresh(self, edit: AccountEdit) -> None:
        """Show what follows from the account as it is now."""
