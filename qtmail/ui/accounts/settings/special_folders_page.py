"""Which folders of an account are for what, where the server's word is not the user's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from qtmail.domain.account import Account
from qtmail.domain.folder import FolderSettings, SpecialUse
from qtmail.models.folder_nodes import path_words, special_name
from qtmail.ui.accounts.settings.account_edit import AccountEdit
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.shared.forms import form_layout, hint

CHOOSABLE = (SpecialUse.ARCHIVE, SpecialUse.SENT, SpecialUse.DRAFTS, SpecialUse.TRASH, SpecialUse.JUNK)


class SpecialFoldersPage(SettingsPage):
    """A choice for each purpose: as the server says, or one of the folders."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folders: Sequence[FolderSettings] = ()
        self.choices = {use: QComboBox() for use in CHOOSABLE}
        self.waiting = hint(self.tr("The folders of this account are not known yet."))
        form = form_layout()
        for use, combo in self.choices.items():
            combo.setAccessibleName(special_name(use))
            form.addRow(special_name(use), combo)
            combo.currentIndexChanged.connect(lambda _index: self._take())
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(
            hint(
                self.tr(
                    "Where the server says nothing, or something else than you want, choose the folder here."
                )
            )
        )
        layout.addLayout(form)
        layout.addWidget(self.waiting)
        layout.addStretch(1)

    def fits(self, account: Account) -> bool:
        return account.capabilities.special_folders

    def show_folders(self, folders: Sequence[FolderSettings]) -> None:
        """The folders of the account are known now."""
        self._folders = [settings for settings in folders if settings.folder.selectable]
        if self._edit is not None:
            self.show_edit(self._edit)

    def _fill(self, edit: AccountEdit) -> None:
        self.waiting.setVisible(not self._folders)
        for use, combo in self.choices.items():
            combo.setEnabled(bool(self._folders))
            combo.clear()
            combo.addItem(self._as_server_says(use), b"")
            for settings in self._folders:
                combo.addItem(path_words(settings.folder), settings.folder.wire_name)
            wanted = edit.special.get(use, self._stored(use))
            if wanted and wanted not in _data(combo):
                gone = wanted.decode("utf-8", "replace")
                combo.addItem(self.tr("{name} (no longer there)").format(name=gone), wanted)
            combo.setCurrentIndex(_data(combo).index(wanted))

    def _read(self, edit: AccountEdit) -> None:
        chosen = {use: bytes(combo.currentData() or b"") for use, combo in self.choices.items()}
        edit.special = {use: name for use, name in chosen.items() if name != self._stored(use)}

    def _stored(self, use: SpecialUse) -> bytes:
        """The folder the user chose for a purpose before, by wire name."""
        chosen = (one.folder.wire_name for one in self._folders if one.chosen_for is use)
        return next(chosen, b"")

    def _as_server_says(self, use: SpecialUse) -> str:
        if self._stored(use):
            return self.tr("As the server says")  # which cannot be told while the user's choice holds
        named = (path_words(one.folder) for one in self._folders if one.folder.special_use is use)
        name = next(named, self.tr("none"))
        return self.tr("As the server says ({name})").format(name=name)


def _data(combo: QComboBox) -> list[bytes]:
    return [bytes(combo.itemData(row) or b"") for row in range(combo.count())]
