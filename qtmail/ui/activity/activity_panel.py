"""What is going on, account by account: work under way, changes that wait, faults, and the protocol."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPalette, QPixmap
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account
from qtmail.ui.activity.protocol_log_view import ProtocolLogView
from qtmail.ui.activity.work_log import Fault, WorkLog
from qtmail.ui.activity.work_sentences import heard_sentence, progress_sentence, state_sentence
from qtmail.ui.shared.icons import IconName, icon

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService

REFRESH_MS = 1000
_FAULTS_SHOWN = 3


class ActivityPanel(QDockWidget):
    """A dock at the bottom of the window; asks for nothing while it is hidden.

    Signals:
        connection_check_requested: the servers of an account (its id) are to be tried step by step.
    """

    connection_check_requested = Signal(int)

    def __init__(self, service: MailService, work: WorkLog, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Activity"), parent)
        self.setObjectName("activity")
        self.setAllowedAreas(Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self.setTitleBarWidget(self._title_bar())
        self._service = service
        self._work = work
        self._cards: dict[int, AccountCard] = {}
        self._protocol = ProtocolLogView(service)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self.visibilityChanged.connect(self._run_while_visible)
        self._lay_out()

    def refresh(self) -> None:
        """Bring everything shown up to now."""
        self._protocol.set_accounts(self._work.accounts)
        self._protocol.refresh()
        known = {account.id for account in self._work.accounts}
        for gone in self._cards.keys() - known:
            self._cards.pop(gone).deleteLater()
        for account in self._work.accounts:
            card = self._cards.get(account.id) or self._add_card(account)
            card.refresh(account, self._work)
            self._count_pending(account.id)
        self._nothing.setVisible(not known)

    def card(self, account_id: int) -> AccountCard | None:
        return self._cards.get(account_id)

    def _count_pending(self, account_id: int) -> None:
        def counted(count: int) -> None:
            if card := self._cards.get(account_id):
                card.show_pending(count)

        self._service.background.submit(lambda: len(self._service.pending_operations(account_id)), counted)

    def _add_card(self, account: Account) -> AccountCard:
        card = self._cards[account.id] = AccountCard()
        card.check_requested.connect(partial(self.connection_check_requested.emit, account.id))
        self._list.insertWidget(self._list.count() - 1, card)
        return card

    def _run_while_visible(self, visible: bool) -> None:
        if visible:
            self.refresh()
            self._timer.start()
        else:
            self._timer.stop()

    def _lay_out(self) -> None:
        column = QWidget()
        self._list = QVBoxLayout(column)
        self._list.setContentsMargins(14, 8, 8, 8)
        self._list.setSpacing(14)
        self._nothing = QLabel(self.tr("There is no account yet."))
        self._list.addWidget(self._nothing)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setAccessibleName(self.tr("Work by account"))
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(column)
        split = QSplitter()
        split.addWidget(scroll)
        split.addWidget(self._protocol)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setChildrenCollapsible(False)
        self.setWidget(split)

    def _title_bar(self) -> QWidget:
        bar = QWidget()
        title = QLabel(self.windowTitle())
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        close = QToolButton()
        close.setIcon(icon(IconName.CLOSE))
        close.setIconSize(QSize(14, 14))
        close.setToolTip(self.tr("Close"))
        close.setAccessibleName(self.tr("Close the Activity panel"))
        close.clicked.connect(lambda _checked: self.close())
        row = QHBoxLayout(bar)
        row.setContentsMargins(14, 4, 8, 0)
        row.addWidget(title, 1)
        row.addWidget(close)
        return bar

    def sizeHint(self) -> QSize:
        return QSize(800, 260)


class AccountCard(QWidget):
    """One account: how it stands to its server, what runs, what waits, what went wrong.

    Signals:
        check_requested: the user wants to know how its servers do.
    """

    check_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dot = QLabel()
        self._name = QLabel()
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._state = _line()
        self._running = _line()
        self._pending = _line()
        self._heard = _line(muted=True)
        self._faults = _line(muted=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._dot)
        head.addWidget(self._name, 1)
        self.check_button = QToolButton()
        self.check_button.setText(self.tr("Check connection…"))
        self.check_button.setAutoRaise(True)
        self.check_button.clicked.connect(lambda _checked: self.check_requested.emit())
        head.addWidget(self.check_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        for line in (self._state, self._running, self._pending, self._heard, self._faults):
            line.setContentsMargins(20, 0, 0, 0)
            layout.addWidget(line)
        self._pending.hide()

    def refresh(self, account: Account, work: WorkLog) -> None:
        state = work.states.get(account.id)
        self._name.setText(account.name)
        self.check_button.setAccessibleName(self.tr("Check connection of {0}").format(account.name))
        self.check_button.setVisible(account.capabilities.receives or account.smtp is not None)
        self._dot.setPixmap(_dot(account.color, self.devicePixelRatioF()))
        running = work.running(account.id)
        self._say(self._state, state_sentence(state) if state else self.tr("Not started"))
        self._say(self._running, "\n".join(progress_sentence(progress, None) for progress in running))
        self._say(self._heard, heard_sentence(state.last_heard if state else None))
        faults = work.faults(account.id)[:_FAULTS_SHOWN]
        self._say(self._faults, "\n".join(_told(fault) for fault in faults))

    def show_pending(self, count: int) -> None:
        """Say how many of the user's changes the server has not confirmed yet."""
        text = self.tr("{count:,} changes wait to reach the server").format(count=count) if count else ""
        self._say(self._pending, text)

    def text(self) -> str:
        lines = (self._name, self._state, self._running, self._pending, self._heard, self._faults)
        return "\n".join(line.text() for line in lines if not line.isHidden())

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        if text != label.text():
            label.setText(text)
        label.setVisible(bool(text))


def _told(fault: Fault) -> str:
    when = time.strftime("%H:%M", time.localtime(fault.when))
    detail = f" ({fault.problem.detail})" if fault.problem.detail else ""
    return f"{when}  {fault.problem.sentence}{detail}"


def _line(*, muted: bool = False) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if muted:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def _dot(color: str, ratio: float) -> QPixmap:
    return icon(IconName.MARK_UNREAD_DOT, QColor(color)).pixmap(QSize(12, 12), ratio)
