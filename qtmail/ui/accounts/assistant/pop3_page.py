"""The step only POP3 has: what stays on the server, and for how long."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QWidget,
)

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.shared.labels import heading
from qtmail.ui.shared.number_box import NumberBox

_MEGABYTE = 1024 * 1024
"""Bytes, as sizes are shown everywhere."""


class Pop3Page(Page):
    """One choice of five in plain words, what to do about large messages, and where mail goes."""

    def __init__(self) -> None:
        super().__init__()
        self.title = self.tr("What stays on the server?")
        self.hint = self.tr(
            "POP3 fetches your mail to this computer. Nothing is removed from the server before it is "
            "safely stored here."
        )
        self._group = QButtonGroup(self)
        self._buttons: dict[Pop3Keep, QRadioButton] = {}
        self.days = _number(14, 1, 3650, self.tr("days"))
        self.newest = _number(500, 1, 1_000_000, self.tr("how many"))
        self.newest_unit = QComboBox()
        self.newest_unit.addItems([self.tr("messages"), self.tr("MB")])
        self.newest_unit.setAccessibleName(self.tr("counted in"))
        self.large = QCheckBox(self.tr("Fetch only the header of messages larger than"))
        self.large_size = _number(5, 1, 10_000, self.tr("megabytes"))
        self.own_folders = QRadioButton(self.tr("Into folders of this account"))
        self.local_folders = QRadioButton(self.tr("Into Local folders, together with other accounts"))
        self._lay_out()
        self.show_policy(Pop3Policy())

    @property
    def wants_local_folders(self) -> bool:
        """Whether new mail goes into the folders all accounts share."""
        return self.local_folders.isChecked()

    def policy(self) -> Pop3Policy:
        """What is chosen; `deliver_to` is 0, for who stores the account knows the local folders' id."""
        keep = next(keep for keep, button in self._buttons.items() if button.isChecked())
        by_size = self.newest_unit.currentIndex() == 1
        newest = self.newest.value() if keep is Pop3Keep.NEWEST else 0
        return Pop3Policy(
            keep,
            days=self.days.value(),
            newest_count=0 if by_size else newest,
            newest_bytes=newest * _MEGABYTE if by_size else 0,
            headers_only_over=self.large_size.value() * _MEGABYTE if self.large.isChecked() else 0,
        )

    def show_policy(self, policy: Pop3Policy) -> None:
        self._buttons[policy.keep].setChecked(True)
        self.days.setValue(policy.days)
        self.own_folders.setChecked(True)

    def enter(self) -> None:
        checked = self._group.checkedButton()
        if checked is not None:
            checked.setFocus()

    def _lay_out(self) -> None:
        self._choice(Pop3Keep.KEEP, self.tr("Everything stays there, for other devices"))
        self._choice(Pop3Keep.UNTIL_DELETED, self.tr("It stays until I delete it here"))
        self._choice(
            Pop3Keep.DAYS, self.tr("It stays for"), self.days, QLabel(self.tr("days after it was fetched"))
        )
        self._choice(Pop3Keep.NEWEST, self.tr("Only the newest"), self.newest, self.newest_unit)
        self._choice(Pop3Keep.DELETE, self.tr("Nothing: it is removed once it is safely here"))
        self.rows.addSpacing(6)
        self.rows.addWidget(heading(self.tr("Large messages")))
        self.rows.addLayout(
            _row(self.large, self.large_size, QLabel(self.tr("MB, and ask me about the rest")))
        )
        self.large_size.valueChanged.connect(lambda _value: self.large.setChecked(True))
        self.rows.addSpacing(6)
        self.rows.addWidget(heading(self.tr("New mail goes")))
        places = QButtonGroup(self)
        for button in (self.own_folders, self.local_folders):
            places.addButton(button)
            self.rows.addWidget(button)
        self.rows.addStretch(1)

    def _choice(self, keep: Pop3Keep, text: str, *beside: QWidget) -> None:
        button = QRadioButton(text)
        self._group.addButton(button)
        self._buttons[keep] = button
        self.rows.addLayout(_row(button, *beside))
        # Who sets the number means the choice it belongs to.
        for widget in beside:
            if isinstance(widget, NumberBox):
                widget.valueChanged.connect(lambda _value: button.setChecked(True))
            elif isinstance(widget, QComboBox):
                widget.activated.connect(lambda _row: button.setChecked(True))


def _number(value: int, least: int, most: int, name: str) -> NumberBox:
    box = NumberBox(least, most, name)
    box.setValue(value)
    box.setFixedWidth(96)
    return box


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
