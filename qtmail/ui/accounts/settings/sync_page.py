"""What of an account's mail is kept on this computer, and which folders do otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from qtmail.domain.account import Account, BodyPolicy
from qtmail.domain.folder import FolderSettings
from qtmail.ui.accounts.settings.account_edit import AccountEdit
from qtmail.ui.accounts.settings.folder_rule_table import FolderRuleTable
from qtmail.ui.accounts.settings.number_field import NumberField
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.shared.forms import add_row, form_layout, hint
from qtmail.ui.shared.labels import heading

_MOST_DAYS = 3650
_MOST_KB = 1024 * 1024


class SyncPage(SettingsPage):
    """The account's rule, then those of its folders."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folders: Sequence[FolderSettings] = ()
        self.bodies = QComboBox()
        self.bodies.addItem(
            self.tr("Headers only; a message is fetched when it is opened"), BodyPolicy.NONE.value
        )
        self.bodies.addItem(self.tr("The messages of the last days"), BodyPolicy.RECENT.value)
        self.bodies.addItem(self.tr("All messages"), BodyPolicy.ALL.value)
        self.days = NumberField(1, _MOST_DAYS, self.tr(" days"), self.tr("Age up to which messages are kept"))
        self.large = NumberField(
            1, _MOST_KB, self.tr(" KB"), self.tr("Size from which the text comes first"), unit=1024
        )
        self.large.setPrefix(self.tr("over "))
        self.large.setSingleStep(128)
        self.rules = FolderRuleTable()
        self._lay_out()
        self.bodies.currentIndexChanged.connect(lambda _index: self._take())
        self.days.valueChanged.connect(lambda _value: self._take())
        self.large.valueChanged.connect(lambda _value: self._take())
        self.rules.changed.connect(self._take)

    def fits(self, account: Account) -> bool:
        return account.capabilities.folder_policies

    def show_folders(self, folders: Sequence[FolderSettings]) -> None:
        """The folders of the account are known now."""
        self._folders = folders
        if self._edit is not None:
            self.rules.show_folders(folders, self._edit.policies)

    def _lay_out(self) -> None:
        kept = QHBoxLayout()
        kept.setSpacing(8)
        kept.addWidget(self.bodies, 1)
        kept.addWidget(self.days)
        large = QHBoxLayout()
        large.addWidget(self.large)
        large.addStretch(1)
        form = form_layout()
        add_row(form, self.tr("&Keep here"), kept, self.bodies)
        add_row(form, self.tr("&Large messages"), large, self.large)
        form.addRow("", hint(self.tr("Of these the text comes first; attachments when they are opened.")))
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addSpacing(6)
        layout.addWidget(heading(self.tr("Folders with a rule of their own")))
        layout.addWidget(self.rules, 1)

    def _fill(self, edit: AccountEdit) -> None:
        sync = edit.account.sync
        self.bodies.setCurrentIndex(self.bodies.findData(sync.bodies.value))
        self.days.show_amount(sync.recent_days)
        self.large.show_amount(sync.prefetch_bytes)
        self.rules.show_folders(self._folders, edit.policies)

    def _read(self, edit: AccountEdit) -> None:
        sync = replace(
            edit.account.sync,
            bodies=BodyPolicy(self.bodies.currentData()),
            recent_days=self.days.amount(),
            prefetch_bytes=self.large.amount(),
        )
        edit.account = replace(edit.account, sync=sync)
        edit.policies = self.rules.policies()

    def _refresh(self, edit: AccountEdit) -> None:
        self.days.setVisible(edit.account.sync.bodies is BodyPolicy.RECENT)
