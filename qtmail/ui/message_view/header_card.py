"""Who wrote what to whom, and when: the head of the reading pane."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from qtmail.domain.address import Address
from qtmail.domain.message import Envelope, Flag, MessageRow
from qtmail.ui.message_view.recipients_line import RecipientsLine, address_menu
from qtmail.ui.shared.avatar import Avatar
from qtmail.ui.shared.dates import full_date, long_date
from qtmail.ui.shared.elided_label import ElidedLabel
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

SUBJECT_SCALE = 1.45

LONGEST_SUBJECT = 250
"""Characters; the rest of a longer one is told on hover."""


class HeaderCard(QWidget):
    """Subject, sender, recipients, date, the flag, and a menu.

    Signals:
        flag_toggled(bool): the user flagged the message or took the flag away.
    """

    flag_toggled = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sender = Address("", "")
        self._subject = _subject_label()
        self._avatar = Avatar(theme)
        self._name = ElidedLabel()
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self._name.setFont(bold)
        self._address = ElidedLabel(muted=True, mode=Qt.TextElideMode.ElideMiddle)
        self._date = QLabel()
        self._date.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._recipients = RecipientsLine()
        self._flag = _tool_button()
        self._flag.setCheckable(True)
        # The flag's own colour says that it is set; the ground of a pressed button would say it twice.
        self._flag.setStyleSheet("QToolButton:checked { background: transparent; }")
        self._flag.clicked.connect(self.flag_toggled)
        self._more = _tool_button()
        self._more.setIcon(icon(IconName.MORE))
        self._more.setToolTip(self.tr("More"))
        self._more.setAccessibleName(self.tr("More"))
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._lay_out()
        theme.changed.connect(self._show_flag)
        self._show_flag()

    def set_menu(self, menu: QMenu) -> None:
        """What the button at the end offers."""
        self._more.setMenu(menu)

    def show_envelope(self, envelope: Envelope) -> None:
        subject = envelope.subject or self.tr("(no subject)")
        self._subject.setText(subject if len(subject) <= LONGEST_SUBJECT else subject[:LONGEST_SUBJECT] + "…")
        self._subject.setToolTip(subject if len(subject) > LONGEST_SUBJECT else "")
        self._show_sender(envelope.from_[0] if envelope.from_ else Address("", ""))
        self._date.setText(long_date(envelope.date) if envelope.date else "")
        self._date.setToolTip(full_date(envelope.date) if envelope.date else "")
        self._recipients.show_envelope(envelope)

    def show_row(self, row: MessageRow) -> None:
        """What the message list knows, while the message itself is on its way."""
        recipients = (Address(row.recipients, ""),) if row.recipients else ()
        sender = Address(row.sender_name, row.sender_address)
        self.show_envelope(Envelope(subject=row.subject, from_=(sender,), to=recipients, date=row.when))
        self.set_flags(row.flags)

    def set_flags(self, flags: Flag) -> None:
        self._flag.setChecked(bool(flags & Flag.FLAGGED))
        self._show_flag()

    def set_flaggable(self, flaggable: bool) -> None:
        """Whether the message is in a folder; one opened from a file has no flags."""
        self._flag.setVisible(flaggable)

    def subject(self) -> str:
        return self._subject.text()

    def recipients(self) -> RecipientsLine:
        return self._recipients

    def _show_sender(self, sender: Address) -> None:
        self._sender = sender
        self._avatar.show_person(sender.name, sender.address)
        self._name.setText(sender.label or self.tr("(unknown sender)"))
        self._address.setText(sender.address if sender.name else "")

    def _show_flag(self) -> None:
        flagged = self._flag.isChecked()
        color = self._theme.colors().flag if flagged else self._theme.colors().muted
        self._flag.setIcon(icon(IconName.FLAG_FILLED if flagged else IconName.FLAG, color))
        text = self.tr("Remove flag") if flagged else self.tr("Flag")
        self._flag.setToolTip(text)
        self._flag.setAccessibleName(text)

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(2)
        title.addWidget(self._subject, 1)
        title.addWidget(self._flag, 0, Qt.AlignmentFlag.AlignTop)
        title.addWidget(self._more, 0, Qt.AlignmentFlag.AlignTop)
        who = QHBoxLayout()
        who.setSpacing(8)
        who.addWidget(self._name)
        who.addWidget(self._address, 1)
        who.addWidget(self._date, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(who)
        words.addWidget(self._recipients)
        person = QHBoxLayout()
        person.setSpacing(12)
        person.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignTop)
        person.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 14, 12)
        layout.setSpacing(10)
        layout.addLayout(title)
        layout.addLayout(person)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        over = self.childAt(event.pos())
        if over in (self._name, self._address, self._avatar) and self._sender.address:
            address_menu(self, self._sender).popup(event.globalPos())


def _subject_label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * SUBJECT_SCALE)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def _tool_button() -> QToolButton:
    button = QToolButton()
    button.setIconSize(QSize(18, 18))
    return button
