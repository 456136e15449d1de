"""All there is to know of one outgoing message: how it stands, why, what each recipient's server said."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.outgoing import OutboxItem
from qtmail.ui.outbox.delivery_texts import answer_report, recipient_sentence
from qtmail.ui.outbox.outbox_commands import command_hint, command_text, possible_commands
from qtmail.ui.outbox.outbox_texts import (
    attempts_sentence,
    explanation,
    item_recipients,
    item_sign,
    item_subject,
    item_tone,
    moment,
    state_sentence,
)
from qtmail.ui.shared.flow_layout import FlowLayout
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.notice_strip import Tone
from qtmail.ui.shared.roomy import give_room
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.state_page import StatePage
from qtmail.ui.shared.theme import Theme

_SIGN = 22
_ANSWER_LINES = 4


class OutboxDetails(QStackedWidget):
    """Shows one `OutboxItem`, with a button for each thing that can be done to it.

    Args:
        clock: the present moment, in seconds since the epoch.

    Signals:
        command_chosen(OutboxCommand, OutboxItem): a button was clicked.
    """

    command_chosen = Signal(object, object)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self._item: OutboxItem | None = None
        self._subject = _label(selectable=True)
        self._to = _label(selectable=True)
        self._facts = _label(muted=True)
        self._sign = QLabel()
        self.state = _label()
        self.explanation = _label(muted=True)
        self._buttons = QWidget()
        self._button_flow = FlowLayout(self._buttons)
        self.recipients = QTreeWidget()
        self.answer = QPlainTextEdit()
        self.copy_button = QPushButton(self.tr("Copy all"))
        self._nothing = StatePage(theme)
        self._nothing.show_state(IconName.NO_SELECTION, self.tr("Choose a message to see how it stands."))
        self._configure()
        self._lay_out()
        theme.changed.connect(self._tint)
        self.show_item(None)

    def item(self) -> OutboxItem | None:
        """The item on display."""
        return self._item

    def show_item(self, item: OutboxItem | None) -> None:
        """Show an item, or that none is chosen."""
        before, self._item = self._item, item
        if item is None:
            self.setCurrentWidget(self._nothing)
            return
        self.setCurrentWidget(self._page)
        if item == before:
            self.refresh()
            return
        self._subject.setText(item_subject(item))
        self._to.setText(
            self.tr("From {sender} to {names}").format(sender=item.sender, names=item_recipients(item))
        )
        facts = [
            format_size(item.size),
            self.tr("queued {when}").format(when=moment(item.queued_at, self._clock())),
        ]
        self._facts.setText(" · ".join(part for part in (*facts, attempts_sentence(item)) if part))
        self._show_buttons(item)
        self._show_recipients(item)
        self.answer.setPlainText(item.last_answer)
        self._answer_box.setVisible(bool(item.last_answer))
        self.refresh()

    def refresh(self) -> None:
        """Say again how it stands: time has passed."""
        if self._item is None:
            return
        self.state.setText(state_sentence(self._item, self._clock()))
        words = explanation(self._item)
        self.explanation.setText(words)
        self.explanation.setVisible(bool(words))
        self._tint()

    def button(self, text: str) -> QPushButton | None:
        """The button that says `text`."""
        found = self._buttons.findChildren(QPushButton)
        return next((button for button in found if button.text() == text), None)

    def _show_buttons(self, item: OutboxItem) -> None:
        for old in self._buttons.findChildren(QPushButton):
            self._button_flow.removeWidget(old)
            old.setParent(None)
            old.deleteLater()
        for command in possible_commands(item):
            button = QPushButton(command_text(command))
            button.setToolTip(command_hint(command))
            button.clicked.connect(lambda _checked=False, chosen=command: self._choose(chosen))
            self._button_flow.addWidget(button)
            button.show()
        self._buttons.setVisible(bool(possible_commands(item)))

    def _choose(self, command: object) -> None:
        if self._item is not None:
            self.command_chosen.emit(command, self._item)

    def _show_recipients(self, item: OutboxItem) -> None:
        self.recipients.clear()
        for recipient in item.recipients:
            said = recipient_sentence(recipient)
            row = QTreeWidgetItem([recipient.address, said])
            row.setToolTip(1, said)
            self.recipients.addTopLevelItem(row)

    def _copy(self) -> None:
        if self._item is not None:
            QGuiApplication.clipboard().setText(answer_report(self._item))

    def _tint(self) -> None:
        if self._item is None:
            return
        colors, tone = self._theme.colors(), item_tone(self._item)
        loud = {Tone.WARNING: colors.warning, Tone.DANGER: colors.danger}
        ink = loud.get(tone, colors.text) if tone is not None else colors.text
        self._sign.setPixmap(icon(item_sign(self._item), ink).pixmap(QSize(_SIGN, _SIGN)))
        palette = self.state.palette()
        palette.setColor(QPalette.ColorRole.WindowText, ink)
        self.state.setPalette(palette)

    def _configure(self) -> None:
        for label, scale in ((self._subject, 1.3), (self.state, 1.1)):
            font = label.font()
            font.setPointSizeF(font.pointSizeF() * scale)
            font.setBold(True)
            label.setFont(font)
        self.recipients.setHeaderLabels([self.tr("Recipient"), self.tr("What became of it")])
        self.recipients.setRootIsDecorated(False)
        give_room(self.recipients)
        self.recipients.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.recipients.setAccessibleName(self.tr("Recipients"))
        self.recipients.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.answer.setReadOnly(True)
        self.answer.setAccessibleName(self.tr("Last answer of the server"))
        self.answer.setFixedHeight(self.answer.fontMetrics().lineSpacing() * _ANSWER_LINES)
        self.copy_button.setIcon(icon(IconName.COPY))
        self.copy_button.setToolTip(self.tr("Copies how the message stands and all the server said"))
        self.copy_button.clicked.connect(lambda _checked: self._copy())

    def _lay_out(self) -> None:
        state = QHBoxLayout()
        state.setSpacing(10)
        state.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.state)
        words.addWidget(self.explanation)
        state.addLayout(words, 1)
        self._answer_box = QWidget()
        answer = QVBoxLayout(self._answer_box)
        answer.setContentsMargins(0, 0, 0, 0)
        answer.addWidget(QLabel(self.tr("Last answer of the server")))
        answer.addWidget(self.answer)
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(20, 16, 20, 16)
        page.setSpacing(8)
        for label in (self._subject, self._to, self._facts):
            page.addWidget(label)
        page.addSpacing(8)
        page.addLayout(state)
        page.addWidget(self._buttons)
        page.addSpacing(8)
        page.addWidget(self._answer_box)
        page.addWidget(self.recipients, 1)
        page.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.addWidget(self._page)
        self.addWidget(self._nothing)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setFocusProxy(self.recipients)


def _label(*, muted: bool = False, selectable: bool = False) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if muted:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
