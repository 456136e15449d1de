"""The account assistant: who you are, where your mail is, what stays there, and a test of it all.

    who ──► search ──► settings ──► (POP3: what stays) ──► sign in and test ──► account added
             │  ▲          ▲                                      │
             └──┴─ by hand ┘◄────────── a server to mend ─────────┘

The password stays in this window until the user has confirmed the servers by going on from *settings*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from qtmail.domain.account import ServerSettings
from qtmail.domain.discovery import Discovery, ServerKind
from qtmail.domain.oauth import Permission
from qtmail.errors import QtmailError
from qtmail.ui.accounts.assistant.choice import Choice, new_account
from qtmail.ui.accounts.assistant.frame import AssistantFrame
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.accounts.assistant.person import Person
from qtmail.ui.accounts.assistant.pop3_page import Pop3Page
from qtmail.ui.accounts.assistant.search_page import SearchPage
from qtmail.ui.accounts.assistant.settings_page import SettingsPage
from qtmail.ui.accounts.assistant.sign_in_page import SignInPage
from qtmail.ui.accounts.assistant.who_page import WhoPage
from qtmail.ui.shared.desktop import Desktop, SystemDesktop
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService
    from qtmail.workers.setup_requests import Search

SEARCH_SECONDS = 20
"""How long a search may take at most; it should end by itself before that."""


class AccountAssistant(AssistantFrame):
    """Leads from a mail address to an account that was tried out.

    Signals:
        account_added: carries the Account (without an id), the secret to keep (a password, a `Permission`
            or None), and whether to remember it.
    """

    account_added = Signal(object, object, bool)

    def __init__(
        self,
        service: MailService,
        theme: Theme,
        desktop: Desktop | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        desktop = desktop or SystemDesktop()
        self._service = service
        self._accounts = service.accounts()
        self._search: Search | None = None
        self._moves = 0
        self.who = WhoPage(self._accounts, theme)
        self.search = SearchPage(theme)
        self.settings = SettingsPage(theme, desktop)
        self.pop3 = Pop3Page()
        self.sign_in = SignInPage(service, theme, desktop)
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        pages = (self.who, self.search, self.settings, self.pop3, self.sign_in)
        self.add_pages(pages, self.settings.confirmations)
        self._connect()
        self._show(self.who)

    def done(self, result: int) -> None:
        """Close; nothing is waited for any more, and no secret stays in a field."""
        self._moves += 1
        self._stop_search()
        self.sign_in.leave()
        self.who.forget_password()
        self.sign_in.forget_secrets()
        super().done(result)

    # Going on

    def _go_on(self) -> None:
        """*Continue*, or Enter."""
        if self.page is self.who:
            self._begin_search()
        elif self.page is self.settings:
            self._confirm_servers()
        elif self.page is self.pop3:
            self._begin_sign_in()
        elif self.sign_in.trial.passed:
            self._add()
        else:
            self.sign_in.test()

    def _go_back(self) -> None:
        self._stop_search()
        self._leave_sign_in()
        if self.page is self.sign_in and self._choice().kind is ServerKind.POP3:
            self._show(self.pop3)
        elif self.page in (self.pop3, self.sign_in):
            self._show(self.settings)
        else:
            self._show(self.who)

    def _begin_search(self) -> None:
        person = self._person()
        self._stop_search()
        self.search.show_domain(person.domain)
        self._show(self.search)
        self._limit.start(SEARCH_SECONDS * 1000)
        self._search = self._service.discover(
            person.address, person.full_name, self._found, self._search_failed
        )

    def _found(self, discovery: Discovery) -> None:
        self._stop_search()
        self.settings.show_discovery(self._person(), discovery)
        self._show(self.settings)

    def _search_failed(self, error: QtmailError) -> None:
        self._set_up_by_hand(str(error))

    def _search_too_long(self) -> None:
        self._set_up_by_hand(self.tr("The search took too long. You can type the settings here."))

    def _set_up_by_hand(self, reason: str = "") -> None:
        self._stop_search()
        self.settings.show_fields(self._person(), reason)
        self._show(self.settings)

    def _stop_search(self) -> None:
        self._limit.stop()
        if self._search is not None:
            self._search.cancel()
            self._search = None

    def _confirm_servers(self) -> None:
        """The user saw the servers and went on: from here on they may be talked to."""
        if self._choice().kind is ServerKind.POP3:
            self._show(self.pop3)
        else:
            self._begin_sign_in()

    def _begin_sign_in(self) -> None:
        self.next_button.setEnabled(False)
        self._allow_clear(self._choice().clear_servers())

    def _allow_clear(self, servers: Sequence[ServerSettings]) -> None:
        """Note, one after the other, to which servers the user lets the password go unencrypted."""
        if servers:
            first, go_on = servers[0], partial(self._allowed, servers[1:], self._moves)
            self._service.allow_clear_password_at(first.host, first.port, go_on)
            return
        policy = self.pop3.policy()
        account = new_account(self._person(), self._choice(), policy, self._accounts)
        self.sign_in.show_account(account, self._choice(), self.who.password.text())
        self._show(self.sign_in)

    def _allowed(self, servers: Sequence[ServerSettings], moves: int) -> None:
        # Whoever went back, or closed the window, meanwhile is not to be led on.
        if moves == self._moves:
            self._allow_clear(servers)

    def _mend(self, server: ServerSettings, user: bool) -> None:
        self._leave_sign_in()
        self._show(self.settings)
        self.settings.mend(server, user=user)

    def _leave_sign_in(self) -> None:
        """Wait for nothing there; a password that was typed there is the one to come back with."""
        self.sign_in.leave()
        if self.page is self.sign_in and self.sign_in.password.text():
            self.who.password.setText(self.sign_in.password.text())

    def _add(self) -> None:
        """Hand the account over; first of all find the folders it shares, if it is to share them."""
        if self._choice().kind is ServerKind.POP3 and self.pop3.wants_local_folders:
            self._service.local_folders(partial(self._added_to, self._moves))
        else:
            self._added_to(self._moves, 0)

    def _added_to(self, moves: int, local_account_id: int) -> None:
        if moves != self._moves:
            return
        account = self.sign_in.account()
        policy = replace(account.pop3_policy, deliver_to=local_account_id)
        secret: str | Permission | None = self.sign_in.secret()
        self.account_added.emit(
            replace(account, pop3_policy=policy), secret, self.sign_in.keyring.remembers()
        )
        self.accept()

    def _person(self) -> Person:
        person = self.who.person()
        assert person is not None  # nobody gets past the first step without
        return person

    def _choice(self) -> Choice:
        choice = self.settings.choice()
        assert choice is not None
        return choice

    # What is on display

    def _show(self, page: Page) -> None:
        self._moves += 1
        self.show_page(page)

    def show_buttons(self) -> None:
        """Offer what the user can do here."""
        super().show_buttons()
        page, trial = self.page, self.sign_in.trial
        self.back_button.setVisible(page is not self.who)
        self.by_hand_button.setVisible(page is self.search)
        self.settings.confirmations.setVisible(page is self.settings)
        self.anyway_button.setVisible(page is self.sign_in and trial.may_add_anyway)
        self.anyway_button.setEnabled(self.sign_in.keyring.settled())
        self.next_button.setEnabled(self._may_go_on())
        self.next_button.setText(self._next_text())

    def _may_go_on(self) -> bool:
        if self.page is not self.sign_in:
            return self.page.complete()
        if self.sign_in.trial.passed:
            return self.sign_in.keyring.settled()
        return self.sign_in.complete() and not self.sign_in.trial.running

    def _next_text(self) -> str:
        if self.page is not self.sign_in:
            return self.tr("&Continue")
        return self.tr("&Add account") if self.sign_in.trial.passed else self.tr("&Test")

    def _connect(self) -> None:
        self._limit.timeout.connect(self._search_too_long)
        self.sign_in.mend_requested.connect(self._mend)
        self.next_button.clicked.connect(lambda _checked: self._go_on())
        self.back_button.clicked.connect(lambda _checked: self._go_back())
        self.by_hand_button.clicked.connect(lambda _checked: self._set_up_by_hand())
        self.anyway_button.clicked.connect(lambda _checked: self._add())
        self.cancel_button.clicked.connect(lambda _checked: self.reject())
