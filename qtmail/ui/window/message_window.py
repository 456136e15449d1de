"""A window for one message: one of the list, opened by itself, or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from qtmail.domain.composition import AnswerKind
from qtmail.domain.message import MessageRow
from qtmail.mime.message import ParsedMessage
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.window.action_table import ANSWER_ACTIONS, ANSWER_TOOLBAR, ANSWERS
from qtmail.ui.window.actions import Actions
from qtmail.ui.window.answer_commands import AnswerCommands
from qtmail.ui.window.message_channel import MessageChannel
from qtmail.ui.window.message_standing import MessageStanding
from qtmail.ui.window.toolbar import WordedToolBar

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.mail_service import MailService


class MessageWindow(QMainWindow):
    """Shows a message, and answers it; closes on Escape.

    Signals:
        answer_wanted(AnswerKind, MessageRow | None, ParsedMessage, str): the message is to be answered; the
            text is what is selected of it, or "".
        closed: the window was closed and is about to be deleted.
    """

    answer_wanted = Signal(object, object, object, str)
    closed = Signal()

    def __init__(
        self,
        view: MessageView,
        service: MailService,
        compose: ComposeService,
        message: ParsedMessage,
        row: MessageRow | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = view
        self._row = row
        self._message = message
        self._channel = MessageChannel(view, service)
        self._channel.message_id = row.id if row else None
        self._standing = MessageStanding(view, compose)
        service.bridge.store_changed.connect(self._standing.apply)
        self._answers = AnswerCommands(self)
        self._answers.chosen.connect(self._answer)
        self.actions_ = Actions(self, ANSWER_ACTIONS, {"answer": self._answers}, {})
        self.setCentralWidget(view)
        self.setWindowTitle(message.envelope.subject or self.tr("(no subject)"))
        self.resize(860, 720)
        self._lay_out_actions()
        view.edit_wanted.connect(lambda: self._answer(AnswerKind.OPEN_DRAFT))
        view.show_message(message, row=row)
        self._standing.show(row, message)
        view.body.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _answer(self, kind: AnswerKind) -> None:
        self.answer_wanted.emit(kind, self._row, self._message, self.view.selection())

    def _lay_out_actions(self) -> None:
        self.addToolBar(WordedToolBar(self.actions_, ANSWER_TOOLBAR))
        menu = QMenu(self.tr("&Message"), self)
        self.actions_.fill(menu, tuple(ANSWERS))
        menu.addSeparator()
        menu.addActions(self.view.actions_.all())
        menu.addSeparator()
        menu.addAction(self._close_action())
        self.menuBar().addMenu(menu)

    def _close_action(self) -> QAction:
        action = QAction(self.tr("&Close"), self)
        action.setShortcuts([QKeySequence(Qt.Key.Key_Escape), QKeySequence(QKeySequence.StandardKey.Close)])
        action.triggered.connect(lambda _checked: self.close())
        return action
