"""What stays on a POP3 server, what is fetched of large messages, and where new mail is put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account, Pop3Keep
from qtmail.ui.accounts.settings.account_edit import AccountEdit, deletes_more
from qtmail.ui.accounts.settings.number_field import NumberField
from qtmail.ui.accounts.settings.settings_page import SettingsPage
from qtmail.ui.shared.forms import add_row, form_layout
from qtmail.ui.shared.labels import heading
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

LOCAL_FOLDERS = -1
"""Stands for the local folders of all accounts while there are none yet: they are made on saving."""

_MB = 1024 * 1024
_USUAL_COUNT = 500
_USUAL_LARGE = 5 * _MB
_DELETION = "deletion"


class ServerMailPage(SettingsPage):
    """Radio buttons in plain words, with the numbers in the lines they belong to.

    Signals:
        consequence_wanted: the rule as edited may delete mail on the server that the stored one keeps.
    """

    consequence_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices = {
            Pop3Keep.KEEP: QRadioButton(self.tr("Everything s&tays there, for other devices")),
            Pop3Keep.UNTIL_DELETED: QRadioButton(self.tr("It stays until I d&elete it here")),
            Pop3Keep.DAYS: QRadioButton(self.tr("It stays &for")),
            Pop3Keep.NEWEST: QRadioButton(self.tr("Only the &newest stays, at most")),
            Pop3Keep.DELETE: QRadioButton(self.tr("Nothin&g: it is removed once it is safely here")),
        }
        self._group = QButtonGroup(self)
        self.days = NumberField(
            1, 3650, self.tr(" days after it was fetched"), self.tr("Days that mail stays on the server")
        )
        self.count = NumberField(
            0, 1_000_000, self.tr(" messages"), self.tr("Messages that stay on the server")
        )
        self.count.setSpecialValueText(self.tr("any number"))
        self.megabytes = NumberField(
            0, 1_000_000, self.tr(" MB"), self.tr("MB that stay on the server"), unit=_MB
        )
        self.megabytes.setSpecialValueText(self.tr("any size"))
        self.headers_only = QCheckBox(self.tr("Fetch only the &header of messages larger than"))
        self.large = NumberField(
            1, 1000, self.tr(" MB"), self.tr("Size from which only the header is fetched"), unit=_MB
        )
        self.deliver_to = QComboBox()
        self.warning = NoticeArea(theme)
        self._lay_out()
        self._connect()

    def fits(self, account: Account) -> bool:
        return account.capabilities.downloads

    def show_places(self, places: Sequence[Account]) -> None:
        """The accounts without a server that new mail may be put into."""
        blocked = self.deliver_to.blockSignals(True)
        self.deliver_to.clear()
        self.deliver_to.addItem(self.tr("this account's own folders"), 0)
        for place in places:
            self.deliver_to.addItem(place.name, place.id)
        if not places:
            self.deliver_to.addItem(self.tr("Local folders"), LOCAL_FOLDERS)
        if self._edit is not None:
            self._choose_place(self._edit.account.pop3_policy.deliver_to)
        self.deliver_to.blockSignals(blocked)

    def show_consequence(self, messages: int | None) -> None:
        """Say what the rule deletes on the server at the next check; None: that is not known yet."""
        if self._edit is None or not deletes_more(self._edit.stored, self._edit.account):
            return
        if messages is None:
            text = self.tr(
                "With this, mail that is on the server now will be deleted there once it is safely on this "
                "computer."
            )
        elif messages == 0:
            text = self.tr(
                "Of the mail fetched so far, nothing will be deleted on the server at the next check."
            )
        elif messages == 1:
            text = self.tr(
                "At the next check 1 message will be deleted on the server. It stays on this computer."
            )
        else:
            text = self.tr(
                "At the next check {n:,} messages will be deleted on the server. They stay on this computer."
            ).format(n=messages)
        tone = Tone.INFO if messages == 0 else Tone.WARNING
        self.warning.show_notice(_DELETION, text, tone=tone, closable=False)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(heading(self.tr("What stays on the server")))
        fields = {Pop3Keep.DAYS: (self.days,), Pop3Keep.NEWEST: (self.count, self.megabytes)}
        for keep, choice in self.choices.items():
            self._group.addButton(choice)
            layout.addLayout(_row(choice, *fields.get(keep, ())))
        layout.addWidget(self.warning)
        layout.addSpacing(8)
        layout.addWidget(heading(self.tr("New mail")))
        layout.addLayout(_row(self.headers_only, self.large))
        form = form_layout()
        self.deliver_to.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        add_row(form, self.tr("&Put it into"), _row(self.deliver_to), self.deliver_to)
        layout.addLayout(form)
        layout.addStretch(1)

    def _connect(self) -> None:
        self.choices[Pop3Keep.NEWEST].toggled.connect(self._propose_number)
        self._group.buttonToggled.connect(lambda _button, checked: self._take() if checked else None)
        for spin in (self.days, self.count, self.megabytes, self.large):
            spin.valueChanged.connect(lambda _value: self._take())
        self.headers_only.toggled.connect(lambda _checked: self._take())
        self.deliver_to.currentIndexChanged.connect(lambda _index: self._take())

    def _fill(self, edit: AccountEdit) -> None:
        policy = edit.account.pop3_policy
        self.choices[policy.keep].setChecked(True)
        self.days.show_amount(policy.days)
        self.count.show_amount(policy.newest_count)
        self.megabytes.show_amount(policy.newest_bytes)
        self.headers_only.setChecked(policy.headers_only_over > 0)
        self.large.show_amount(policy.headers_only_over or _USUAL_LARGE)
        self._choose_place(policy.deliver_to)

    def _read(self, edit: AccountEdit) -> None:
        policy = replace(
            edit.account.pop3_policy,
            keep=next(keep for keep, choice in self.choices.items() if choice.isChecked()),
            days=self.days.amount(),
            newest_count=self.count.amount(),
            newest_bytes=self.megabytes.amount(),
            headers_only_over=self.large.amount() if self.headers_only.isChecked() else 0,
            deliver_to=int(self.deliver_to.currentData() or 0),
        )
        edit.account = replace(edit.account, pop3_policy=policy)

    def _propose_number(self, chosen: bool) -> None:
        """Only the newest is of no use without a number."""
        if chosen and not self.count.value() and not self.megabytes.value():
            self.count.setValue(_USUAL_COUNT)

    def _refresh(self, edit: AccountEdit) -> None:
        policy = edit.account.pop3_policy
        self.days.setEnabled(policy.keep is Pop3Keep.DAYS)
        for spin in (self.count, self.megabytes):
            spin.setEnabled(policy.keep is Pop3Keep.NEWEST)
        self.large.setEnabled(policy.headers_only_over > 0)
        self.warning.clear()
        if deletes_more(edit.stored, edit.account):
            self.show_consequence(None)
            self.consequence_wanted.emit()

    def _choose_place(self, account_id: int) -> None:
        if self.deliver_to.findData(account_id) < 0:
            self.deliver_to.addItem(self.tr("Local folders"), account_id)
        self.deliver_to.setCurrentIndex(self.deliver_to.findData(account_id))


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
