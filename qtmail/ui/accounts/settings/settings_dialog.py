"""Account settings: all accounts on the left, the pages of the chosen one on the right.

What is changed on the pages, and the order of the accounts, are stored by *Save*, all together, and not at
all while something is wrong. Accounts that come or go meanwhile are followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account
from qtmail.domain.account_settings import Exemption
from qtmail.domain.events import ChangeKind, Problem, StoreChange
from qtmail.domain.folder import Folder, FolderSettings
from qtmail.domain.identity import Identity
from qtmail.errors import Layer, Retry
from qtmail.ui.accounts.settings.account_edit import AccountEdit, Fault, Page
from qtmail.ui.accounts.settings.account_list import AccountList
from qtmail.ui.accounts.settings.account_pages import AccountPages
from qtmail.ui.accounts.settings.account_tasks import AccountTasks
from qtmail.ui.accounts.settings.saving import save_edit
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.state_page import StatePage
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.mail_service import MailService

_LIST_WIDTH = 220
_SIZE = (960, 640)
_FAULT = "fault"
_UNSAVED = "unsaved"


class SettingsDialog(QDialog):
    """Edits all accounts.

    Args:
        folders: those of all accounts.
        preferences: how the window is set up, for an export.

    Signals:
        add_requested: the user wants another account.
        password_requested, sign_in_requested: the user wants to enter another password, or to sign in in the
        browser; carries a Problem that says for which account.
        preferences_taken: an import brought these preferences.
    """

    add_requested = Signal()
    password_requested = Signal(object)
    sign_in_requested = Signal(object)
    preferences_taken = Signal(dict)

    def __init__(
        self,
        service: MailService,
        compose: ComposeService,
        folders: Sequence[Folder],
        theme: Theme,
        *,
        preferences: Mapping[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._compose = compose
        self._edits: dict[int, AccountEdit] = {}
        self._order: list[int] = []
        self.setWindowTitle(self.tr("Account settings"))
        self.list = AccountList(theme)
        self.pages = AccountPages(folders, theme)
        self.nothing = StatePage(theme)
        self.notices = NoticeArea(theme)
        self.tasks = AccountTasks(service, preferences or {}, theme, self)
        self.add_button = QPushButton(self.tr("&Add…"))
        self.remove_button = QPushButton(self.tr("&Remove…"))
        self.export_button = QPushButton(self.tr("E&xport…"))
        self.import_button = QPushButton(self.tr("&Import…"))
        self.save_button = QPushButton(self.tr("&Save"))
        self._lay_out()
        self._connect()
        self._follow_accounts()

    def choose(self, account_id: int, page: Page | None = None) -> None:
        """Show an account, on a certain page."""
        self.list.choose(account_id)
        if page is not None:
            self.pages.show_page(page)

    # What the user does

    def accept(self) -> None:
        """Store what changed, unless something is wrong: then show where."""
        for account_id in self.list.ids():
            edit = self._edits[account_id]
            fault = edit.fault(self._addresses_beside(account_id)) if edit.changed else None
            if fault is not None:
                self._show_fault(account_id, fault)
                return
        # What is stored from here on is no news.
        self._service.bridge.store_changed.disconnect(self._store_changed)
        if self.list.ids() != self._order:
            self._service.arrange_accounts(self.list.ids())
        for edit in self._edits.values():
            save_edit(edit, self._service, self._compose)
        super().accept()

    def discard(self) -> None:
        """Close, and store nothing."""
        super().reject()

    def reject(self) -> None:
        """Escape, or the window was closed: that must not lose what was typed."""
        if not self._changed() or self.notices.notice(_UNSAVED) is not None:
            super().reject()
            return
        self.notices.clear()
        self.notices.show_notice(
            _UNSAVED,
            self.tr("What you changed is not saved yet."),
            tone=Tone.WARNING,
            actions=[(self.tr("Discard"), self.discard)],
        )

    def _changed(self) -> bool:
        return self.list.ids() != self._order or any(edit.changed for edit in self._edits.values())

    def _addresses_beside(self, account_id: int) -> list[str]:
        return [edit.account.address for id_, edit in self._edits.items() if id_ != account_id]

    def _show_fault(self, account_id: int, fault: Fault) -> None:
        self.list.choose(account_id)
        self.pages.show_fault(fault)
        self.notices.show_notice(_FAULT, fault.sentence, tone=Tone.DANGER)

    def _edited(self) -> None:
        edit = self._current()
        if edit is not None:
            self.list.show_account(edit.account)
        self.notices.clear()

    def _set_enabled(self, account_id: int, enabled: bool) -> None:
        edit = self._edits[account_id]
        edit.account = replace(edit.account, enabled=enabled)
        if edit is self._current():
            self.pages.show_edit(edit)

    def _check_connection(self) -> None:
        edit = self._current()
        if edit is not None:
            self.tasks.check_connection(edit)

    def _remove(self) -> None:
        if self.list.chosen():
            self.tasks.remove(self.list.chosen())

    def _ask_password(self) -> None:
        sentence = self.tr("Enter the password that is to be used from now on.")
        self.password_requested.emit(self._problem(sentence))

    def _ask_sign_in(self) -> None:
        sentence = self.tr("Sign in on your provider's page, in the browser.")
        self.sign_in_requested.emit(replace(self._problem(sentence), sign_in_again=True))

    def _problem(self, sentence: str) -> Problem:
        return Problem(self.list.chosen(), sentence, layer=Layer.SIGN_IN, retry=Retry.ASK_USER)

    # What is shown

    def _current(self) -> AccountEdit | None:
        return self._edits.get(self.list.chosen())

    def _show_account(self, account_id: int) -> None:
        edit = self._edits.get(account_id)
        if edit is None:
            return
        self.pages.show_edit(edit)
        self.pages.show_places(self._service.accounts())
        capabilities = edit.account.capabilities
        if capabilities.folder_policies or capabilities.special_folders:
            self._service.folder_settings(account_id, partial(self._folders_known, account_id))
        if capabilities.receives or capabilities.sends:
            self.pages.show_exemptions(())
            self._service.exemptions(account_id, partial(self._exemptions_known, account_id))

    def _folders_known(self, account_id: int, folders: list[FolderSettings]) -> None:
        if account_id == self.list.chosen():
            self.pages.show_folders(folders)

    def _exemptions_known(self, account_id: int, exemptions: list[Exemption]) -> None:
        if account_id == self.list.chosen():
            self.pages.show_exemptions(exemptions)

    def _ask_consequence(self) -> None:
        edit = self._current()
        if edit is not None:
            policy = edit.account.pop3_policy
            self._service.server_deletions(edit.account.id, policy, self.pages.server_mail.show_consequence)

    def _store_changed(self, change: StoreChange) -> None:
        if change.kinds & {ChangeKind.ACCOUNTS, ChangeKind.IDENTITIES}:
            self._follow_accounts()

    def _follow_accounts(self) -> None:
        """Bring the list in step with the accounts there are; what is being edited stays as edited."""
        accounts = self._service.accounts()
        known = {identity.id: identity for identity in self._compose.identities()}
        first, arranged_here = not self._edits, self.list.ids() != self._order
        for gone in self._edits.keys() - {account.id for account in accounts}:
            del self._edits[gone]
            self.list.forget(gone)
        for account in accounts:
            identities = tuple(one for one in known.values() if one.account_id == account.id)
            self._follow_account(account, identities, choose=not first)
        self._order = [account.id for account in accounts]
        if not arranged_here:
            self.list.arrange(self._order)
        if first or not self.list.chosen():
            self.list.setCurrentRow(0)
        self.pages.setVisible(bool(accounts))
        self.nothing.setVisible(not accounts)
        self.remove_button.setEnabled(bool(accounts))

    def _follow_account(self, account: Account, identities: tuple[Identity, ...], *, choose: bool) -> None:
        edit = self._edits.get(account.id)
        if edit is None:
            self._edits[account.id] = AccountEdit(account, identities)
            self.list.show_account(account)
            if choose:
                self.list.choose(account.id)
            return
        before = (edit.account, list(edit.identities))
        edit.follow(account, identities)
        self.list.show_account(edit.account)
        if account.id == self.list.chosen() and before != (edit.account, edit.identities):
            self._show_account(account.id)

    # Building

    def _connect(self) -> None:
        self.list.account_chosen.connect(self._show_account)
        self.list.enabled_changed.connect(self._set_enabled)
        self.list.removal_wanted.connect(self._remove)
        pages = self.pages
        pages.changed.connect(self._edited)
        pages.servers.check_requested.connect(self._check_connection)
        pages.sign_in.password_requested.connect(self._ask_password)
        pages.sign_in.browser_requested.connect(self._ask_sign_in)
        pages.server_mail.consequence_wanted.connect(self._ask_consequence)
        self.add_button.clicked.connect(lambda _checked: self.add_requested.emit())
        self.remove_button.clicked.connect(lambda _checked: self._remove())
        self.export_button.clicked.connect(lambda _checked: self.tasks.export())
        self.import_button.clicked.connect(lambda _checked: self.tasks.choose_import())
        self.tasks.preferences_taken.connect(self.preferences_taken)
        self._service.bridge.store_changed.connect(self._store_changed)

    def _lay_out(self) -> None:
        for button in (self.add_button, self.remove_button, self.export_button, self.import_button):
            button.setAutoDefault(False)
        changes = QHBoxLayout()
        changes.addWidget(self.add_button)
        changes.addWidget(self.remove_button)
        self.list.setFixedWidth(_LIST_WIDTH)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(changes)
        right = QVBoxLayout()
        right.addWidget(self.pages, 1)
        right.addWidget(self.nothing, 1)
        advice = self.tr("Add one, or import the settings of another computer.")
        self.nothing.show_state(IconName.ADD_ACCOUNT, self.tr("There is no account yet."), advice)
        right.addWidget(self.notices)
        sides = QHBoxLayout()
        sides.setSpacing(18)
        sides.addLayout(left)
        sides.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(sides, 1)
        layout.addLayout(self._bottom())
        self.resize(*_SIZE)

    def _bottom(self) -> QHBoxLayout:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.save_button.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.discard)
        row = QHBoxLayout()
        row.addWidget(self.export_button)
        row.addWidget(self.import_button)
        row.addWidget(buttons, 1)
        return row
