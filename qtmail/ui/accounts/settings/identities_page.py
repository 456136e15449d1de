"""The names and addresses the user writes under on one account."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder
from qtmail.domain.identity import Identity
from qtmail.ui.accounts.identity_form import IdentityForm
from qtmail.ui.accounts.settings.account_edit import AccountEdit
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.shared.roomy import give_room
from qtmail.ui.shared.theme import Theme

_LIST_HEIGHT = 92


class IdentitiesPage(SettingsPage):
    """The identities above, the fields of the chosen one below.

    Args:
        folders: those of all accounts, for the choice of where sent mail is kept.
    """

    def __init__(self, folders: list[Folder], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folders = folders
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Identities"))
        self.list.setFixedHeight(_LIST_HEIGHT)
        give_room(self.list)
        self.form = IdentityForm(theme)
        self.add_button = QPushButton(self.tr("Add an&other"))
        self.remove_button = QPushButton(self.tr("Re&move"))
        self._lay_out()
        self.list.currentRowChanged.connect(lambda _row: self._show_current())
        self.form.changed.connect(self._take)
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.remove_button.clicked.connect(lambda _checked: self._remove())

    def choose(self, number: int) -> None:
        """Show the identity with this number."""
        self.list.setCurrentRow(number)

    def fits(self, account: Account) -> bool:
        return account.capabilities.sends

    def _lay_out(self) -> None:
        buttons = QVBoxLayout()
        for button in (self.add_button, self.remove_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(self.list, 1)
        top.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.form, 1)

    def _fill(self, edit: AccountEdit) -> None:
        self.list.clear()
        for identity in edit.identities:
            self.list.addItem(_title(identity))

    def _refresh(self, edit: AccountEdit) -> None:
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        several = len(edit.identities) > 1
        self.remove_button.setEnabled(several)
        self.remove_button.setToolTip("" if several else self.tr("An account keeps at least one identity."))

    def _read(self, edit: AccountEdit) -> None:
        identity, row = self.form.identity(), self.list.currentRow()
        edit.identities[row] = identity
        self.list.item(row).setText(_title(identity))

    def _show_current(self) -> None:
        row = self.list.currentRow()
        self.form.setEnabled(row >= 0)
        if self._edit is None or row < 0:
            return
        identity = self._edit.identities[row]
        folders = [folder for folder in self._folders if folder.account_id == identity.account_id]
        self.form.show_identity(identity, folders)

    def _add(self) -> None:
        """Begin another identity, with the user's name."""
        if self._edit is None:
            return
        account = self._edit.account
        self._edit.identities.append(Identity(0, account.id, account.full_name, ""))
        self.list.addItem(self.tr("New identity"))
        self.list.setCurrentRow(self.list.count() - 1)
        self._refresh(self._edit)
        self.form.address.setFocus()
        self.changed.emit()

    def _remove(self) -> None:
        row = self.list.currentRow()
        if self._edit is None or len(self._edit.identities) < 2:
            return
        del self._edit.identities[row]
        self.show_edit(self._edit)
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self.changed.emit()


def _title(identity: Identity) -> str:
    return str(identity.sender) if identity.address else identity.name
