"""Where an account's mail comes from, where it is handed in, and whether these servers answer."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.ports import IMAP_PORTS, POP3_PORTS, SMTP_PORTS
from qtmail.ui.accounts.assistant.choice import stays_here
from qtmail.ui.accounts.server_form import ServerForm
from qtmail.ui.accounts.settings.account_edit import AccountEdit, has_servers
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.shared.forms import hint
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme


class ServersPage(SettingsPage):
    """Incoming and outgoing server, and a check of both.

    Signals:
        check_requested: the user wants to know whether the servers answer.
    """

    check_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.imap = ServerForm(self.tr("Incoming mail (IMAP)"), IMAP_PORTS)
        self.pop3 = ServerForm(self.tr("Incoming mail (POP3)"), POP3_PORTS)
        self.sends = QCheckBox(self.tr("This account can s&end mail"))
        self.smtp = ServerForm(self.tr("Outgoing mail (SMTP)"), SMTP_PORTS)
        self.warning = NoticeArea(theme)
        self.note = hint()
        self.check_button = QPushButton(self.tr("Check &connection…"))
        self.check_button.setAutoDefault(False)
        self._lay_out()
        for form in (self.imap, self.pop3, self.smtp):
            form.changed.connect(self._take)
        self.sends.toggled.connect(lambda _checked: self._take())
        self.check_button.clicked.connect(lambda _checked: self.check_requested.emit())

    def fits(self, account: Account) -> bool:
        return has_servers(account)

    def _lay_out(self) -> None:
        check = QHBoxLayout()
        check.addWidget(self.check_button)
        check.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self.imap)
        layout.addWidget(self.pop3)
        layout.addSpacing(6)
        layout.addWidget(self.sends)
        layout.addWidget(self.smtp)
        layout.addWidget(self.warning)
        layout.addWidget(self.note)
        layout.addLayout(check)
        layout.addStretch(1)

    def _fill(self, edit: AccountEdit) -> None:
        account = edit.account
        for form, server in self._incoming_forms(account):
            form.setVisible(server is not None)
            form.show_settings(server or ServerSettings("", form.port.value(), Security.TLS, ""))
        # Where nothing comes in, sending is all there is.
        self.sends.setVisible(account.incoming is not None)
        self.sends.setChecked(account.smtp is not None)
        self.smtp.show_settings(account.smtp or _no_server(account))

    def _read(self, edit: AccountEdit) -> None:
        account = edit.account
        imap, pop3 = (
            typed_server(form) if server is not None else None
            for form, server in self._incoming_forms(account)
        )
        smtp = typed_server(self.smtp) if self.sends.isChecked() else None
        edit.account = replace(account, imap=imap, pop3=pop3, smtp=smtp)

    def _refresh(self, edit: AccountEdit) -> None:
        self.smtp.setVisible(self.sends.isChecked())
        self._warn_of_open_lines(edit.account)
        self.note.setText(self._what_follows(edit))
        self.note.setVisible(bool(self.note.text()))

    def _incoming_forms(self, account: Account) -> tuple[tuple[ServerForm, ServerSettings | None], ...]:
        return (self.imap, account.imap), (self.pop3, account.pop3)

    def _warn_of_open_lines(self, account: Account) -> None:
        """Say what it means that a line is not encrypted."""
        words = self.tr(
            "The line to {host} is not encrypted: anyone on the way can read it. Your password is sent over "
            "it only if you allow that."
        )
        self.warning.clear()
        for server in (account.incoming, account.smtp):
            if server is not None and server.security is Security.NONE and not stays_here(server.host):
                self.warning.show_notice(
                    server.host, words.format(host=server.host), tone=Tone.WARNING, closable=False
                )

    def _what_follows(self, edit: AccountEdit) -> str:
        """What another incoming server means for the mail that is here."""
        before, after = edit.stored.incoming, edit.account.incoming
        if before is None or after is None or (before.host, before.user) == (after.host, after.user):
            return ""
        if edit.account.keeps_mail_here:
            return self.tr(
                "What was fetched already stays on this computer. If the mailbox is the same, nothing is "
                "fetched a second time."
            )
        return self.tr(
            "From the next check on, the folders show what is on the new server. If the mailbox is the same, "
            "nothing is fetched a second time. Drafts and unsent mail stay."
        )


def typed_server(form: ServerForm) -> ServerSettings:
    """What stands in the fields of a form, also while something is missing."""
    security = Security(form.security.currentData())
    return ServerSettings(form.host.text().strip(), form.port.value(), security, form.user.text().strip())


def _no_server(account: Account) -> ServerSettings:
    """What the form of an account that cannot send begins with."""
    user = account.incoming.user if account.incoming is not None else account.address
    return ServerSettings("", SMTP_PORTS[Security.TLS], Security.TLS, user)
