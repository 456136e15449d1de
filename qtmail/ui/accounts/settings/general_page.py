"""What an account is called, how it is marked, who the user is on it, and how often it is asked for mail."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from qtmail.ui.accounts.settings.account_edit import AccountEdit, has_servers
from qtmail.ui.accounts.settings.color_choice import ColorChoice
from qtmail.ui.accounts.settings.number_field import NumberField
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.shared.forms import form_layout, hint

_MOST_MINUTES = 24 * 60


class GeneralPage(SettingsPage):
    """Name, colour, user, whether the account is used, and the interval of its checks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.color = ColorChoice()
        self.full_name = QLineEdit()
        self.address = QLineEdit()
        self.enabled = QCheckBox(self.tr("&Use this account"))
        self.minutes = NumberField(
            1, _MOST_MINUTES, self.tr(" min"), self.tr("Minutes between two checks for mail"), unit=60
        )
        self.minutes.setPrefix(self.tr("every "))
        self._identity_hint = hint(
            self.tr("Further addresses you write from, and signatures, are under Identities.")
        )
        self._off_hint = hint(
            self.tr("Switched off, it and its mail stay here, and no server is asked: no mail comes or goes.")
        )
        self._check_hint = hint()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._form = form_layout()
        self._form.addRow(self.tr("Account &name"), self.name)
        self._form.addRow(self.tr("Colour"), self.color)
        self._form.addRow(self.tr("&Your name"), self.full_name)
        self._form.addRow(self.tr("Mail a&ddress"), self.address)
        self._form.addRow("", self._identity_hint)
        self._form.addRow(self.tr("&Check for mail"), self.minutes)
        self._form.addRow("", self._check_hint)
        self._form.addRow("", self.enabled)
        self._form.addRow("", self._off_hint)
        self.minutes.setFixedWidth(self.minutes.sizeHint().width() + 24)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addStretch(1)

    def _connect(self) -> None:
        for field in (self.name, self.full_name, self.address):
            field.textChanged.connect(lambda _text: self._take())
        self.color.changed.connect(self._take)
        self.minutes.valueChanged.connect(lambda _value: self._take())
        self.enabled.toggled.connect(lambda _checked: self._take())

    def _fill(self, edit: AccountEdit) -> None:
        account = edit.account
        self.name.setText(account.name)
        self.color.set_color(account.color)
        self.full_name.setText(account.full_name)
        self.address.setText(account.address)
        self.enabled.setChecked(account.enabled)
        self.minutes.show_amount(account.sync.poll_seconds)
        person = (self.full_name, self.address, self._identity_hint)
        for rows, shown in (
            (person, has_servers(account)),
            ((self.minutes, self._check_hint), account.capabilities.receives),
            ((self.enabled, self._off_hint), has_servers(account)),
        ):
            for row in rows:
                self._form.setRowVisible(row, shown)
        self._check_hint.setText(
            self.tr("The server tells of new mail in the inbox at once; this is for the other folders.")
            if account.capabilities.announces
            else self.tr("The server cannot tell of new mail by itself, so it is asked.")
        )

    def _read(self, edit: AccountEdit) -> None:
        if has_servers(edit.account):
            edit.rename_user(" ".join(self.full_name.text().split()), self.address.text().strip())
        edit.account = replace(
            edit.account,
            name=" ".join(self.name.text().split()),
            color=self.color.color(),
            enabled=self.enabled.isChecked(),
            sync=replace(edit.account.sync, poll_seconds=self.minutes.amount()),
        )
