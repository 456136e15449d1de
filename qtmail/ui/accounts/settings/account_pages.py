"""The pages of one account, as tabs; those that say nothing about it are left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from qtmail.domain.account import Account
from qtmail.domain.account_settings import Exemption
from qtmail.domain.folder import Folder, FolderSettings
from qtmail.ui.accounts.settings.account_edit import AccountEdit, Fault, Page, has_servers
from qtmail.ui.accounts.settings.general_page import GeneralPage
from qtmail.ui.accounts.settings.identities_page import IdentitiesPage
from qtmail.ui.accounts.settings.server_mail_page import ServerMailPage
from qtmail.ui.accounts.settings.servers_page import ServersPage
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.accounts.settings.sign_in_page import SignInPage
from qtmail.ui.accounts.settings.special_folders_page import SpecialFoldersPage
from qtmail.ui.accounts.settings.sync_page import SyncPage
from qtmail.ui.shared.scrolled import scrolled
from qtmail.ui.shared.theme import Theme


class AccountPages(QTabWidget):
    """Shows the account that is edited.

    Args:
        folders: those of all accounts.

    Signals:
        changed: the user changed something.
    """

    changed = Signal()

    def __init__(self, folders: Sequence[Folder], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit: AccountEdit | None = None
        self.general = GeneralPage()
        self.identities = IdentitiesPage(list(folders), theme)
        self.servers = ServersPage(theme)
        self.sign_in = SignInPage()
        self.sync = SyncPage()
        self.server_mail = ServerMailPage(theme)
        self.special = SpecialFoldersPage()
        self.setUsesScrollButtons(True)
        titles: dict[Page, tuple[SettingsPage, str]] = {
            Page.GENERAL: (self.general, self.tr("General")),
            Page.IDENTITIES: (self.identities, self.tr("Identities")),
            Page.SERVERS: (self.servers, self.tr("Servers")),
            Page.SIGN_IN: (self.sign_in, self.tr("Sign-in")),
            Page.SYNC: (self.sync, self.tr("Synchronisation")),
            Page.SERVER_MAIL: (self.server_mail, self.tr("Mail on the server")),
            Page.FOLDERS: (self.special, self.tr("Folders")),
        }
        self._pages = {page: widget for page, (widget, _) in titles.items()}
        for widget, title in titles.values():
            self.addTab(scrolled(widget), title)
            widget.changed.connect(self.changed)
        self.currentChanged.connect(lambda _tab: self._fill_current())

    def show_edit(self, edit: AccountEdit) -> None:
        """Show this account, on the page that is open if it has it, else on the first."""
        if edit is not self._edit:
            self.show_folders(())  # those of the account shown before
        self._edit = edit
        pages = list(self._pages.values())
        if not pages[self.currentIndex()].fits(edit.account):
            self.setCurrentIndex(0)
        for tab, page in enumerate(pages):
            self.setTabVisible(tab, page.fits(edit.account))
        for page in pages:
            if page.fits(edit.account):
                page.show_edit(edit)

    def show_page(self, page: Page) -> None:
        """Open a page, if the account has it."""
        tab = list(self._pages).index(page)
        if self.isTabVisible(tab):
            self.setCurrentIndex(tab)

    def show_fault(self, fault: Fault) -> None:
        """Open the page on which something is to be mended."""
        self.show_page(fault.page)
        if fault.page is Page.IDENTITIES:
            self.identities.choose(fault.identity)

    def show_folders(self, folders: Sequence[FolderSettings]) -> None:
        self.sync.show_folders(folders)
        self.special.show_folders(folders)

    def show_exemptions(self, exemptions: Collection[Exemption]) -> None:
        if self._edit is not None:
            self.sign_in.exemptions.show_exemptions(exemptions, self._edit.withdrawn)

    def show_places(self, accounts: Sequence[Account]) -> None:
        """Offer the accounts without a server as places for new mail."""
        self.server_mail.show_places([one for one in accounts if not has_servers(one)])

    def _fill_current(self) -> None:
        """Fill a page when it is opened: what was changed on another may show on it."""
        page = list(self._pages.values())[self.currentIndex()]
        if self._edit is not None and page.fits(self._edit.account):
            page.show_edit(self._edit)
