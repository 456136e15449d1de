"""The first step: name, address, password."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFormLayout, QLineEdit

from qtmail.domain.account import Account
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.accounts.assistant.person import (
    Person,
    account_with,
    entry_fault,
    password_doubt,
    read_address,
)
from qtmail.ui.accounts.password_prompt import PasswordField
from qtmail.ui.shared.labels import paragraph
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme


class WhoPage(Page):
    """Asks who the user is; nothing of it is sent anywhere yet.

    Args:
        accounts: those that are there already.
    """

    def __init__(self, accounts: Sequence[Account], theme: Theme) -> None:
        super().__init__()
        self.title = self.tr("Add your mail account")
        self.hint = self.tr("qtmail finds the rest by itself, and shows it before using it.")
        self._accounts = accounts
        self.full_name = QLineEdit()
        self.full_name.setPlaceholderText(self.tr("As others shall see it"))
        self.address = QLineEdit()
        self.address.setPlaceholderText(self.tr("you@example.org"))
        self.password = PasswordField()
        self.notices = NoticeArea(theme)
        self._lay_out()
        self.address.textChanged.connect(lambda _text: self._address_changed())
        self.address.editingFinished.connect(self._tidy)
        self.password.textChanged.connect(lambda _text: self._doubt_password())

    def person(self) -> Person | None:
        """Who stands in the fields; None while the address is none."""
        read = read_address(self.address.text())
        if entry_fault(read):
            return None
        return Person(" ".join(self.full_name.text().split()) or read.name, read.address)

    def complete(self) -> bool:
        return self.person() is not None

    def enter(self) -> None:
        field = self.full_name if not self.full_name.text() else self.address
        field.setFocus()

    def forget_password(self) -> None:
        self.password.clear()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow(self.tr("Your &name"), self.full_name)
        form.addRow(self.tr("Mail a&ddress"), self.address)
        form.addRow(self.tr("&Password"), self.password)
        form.addRow(
            "",
            paragraph(
                self.tr(
                    "Nothing is sent yet: your password goes to your mail servers only, once you have seen "
                    "which they are. Leave it empty if you sign in through your browser, as with Gmail or "
                    "Outlook."
                ),
                muted=True,
            ),
        )
        self.rows.addLayout(form)
        self.rows.addWidget(self.notices)
        self.rows.addStretch(1)

    def _address_changed(self) -> None:
        self.notices.remove("fault")
        person = self.person()
        known = account_with(person.address, self._accounts) if person is not None else None
        if known is None:
            self.notices.remove("known")
        else:
            words = self.tr("{address} is here already, as the account “{name}”.")
            self.notices.show_notice(
                "known", words.format(address=known.address, name=known.name), closable=False
            )
        self.changed.emit()

    def _tidy(self) -> None:
        """The user left the field: show the address as it was understood, or what is wrong with it."""
        read = read_address(self.address.text())
        fault = entry_fault(read) if self.address.text().strip() else ""
        if fault:
            self.notices.show_notice("fault", fault, tone=Tone.WARNING, closable=False)
            return
        if read.name and not self.full_name.text().strip():
            self.full_name.setText(read.name)
        if read.address != self.address.text():
            self.address.setText(read.address)

    def _doubt_password(self) -> None:
        doubt = password_doubt(self.password.text())
        if doubt:
            self.notices.show_notice("password", doubt, tone=Tone.WARNING, closable=False)
        else:
            self.notices.remove("password")
        self.changed.emit()
