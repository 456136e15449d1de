"""A window for one message: one of the list, opened by itself, or a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from qtmail.domain.composition import AnswerKind
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import MessageRow
from qtmail.mime.message import ParsedMessage
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.window.action_table import ANSWER_ACTIONS, ANSWER_TOOLBAR, ANSWERS
from qtmail.ui.window.actions import Actions
from qtmail.ui.window.answer_commands import AnswerCommands
from qtmail.ui.window.message_channel import MessageChannel
from qtmail.ui.window.message_standing import MessageStanding
from qtmail.ui.window.remainder import Remainder
from qtmail.ui.window.toolbar import WordedToolBar

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.loaded import LoadedSource
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
        self._remainder = Remainder(view, service)
        self._service = service
        service.bridge.store_changed.connect(self._standing.apply)
        service.bridge.store_changed.connect(self._fetch_when_here)
        service.bridge.source_loaded.connect(self._take_rest)
        self._answers = AnswerCommands(self)
        self._answers.chosen.connect(self._answer)
        self.actions_ = Actions(self, ANSWER_ACTIONS, {"answer": self._answers}, {})
        self.setCentralWidget(view)
        self.setWindowTitle(message.envelope.subject or self.tr("(no subject)"))
        self.resize(860, 720)
        self._lay_out_actions()
        view.edit_wanted.connect(lambda: self._answer(AnswerKind.OPEN_DRAFT))
        self._show(row, message)
        view.body.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _show(self, row: MessageRow | None, message: ParsedMessage) -> None:
        self._row, self._message = row, message
        self.view.show_message(message, row=row)
        self._standing.show(row, message)
        self._remainder.show(row, message)

    def _fetch_when_here(self, change: StoreChange) -> None:
        """The rest of the message may have come."""
        row = self._row
        waiting = row is not None and row.header_only and ChangeKind.BODIES in change.kinds
        if row is not None and waiting and row.id in change.message_ids:
            self._service.load_source(row.id)

    def _take_rest(self, source: LoadedSource) -> None:
        row, raw = self._row, source.raw
        if row is None or not row.header_only or source.message_id != row.id or raw is None:
            return
        whole = replace(row, header_only=False)
        self._row = whole
        self._service.background.submit(lambda: _parse(raw), lambda message: self._show(whole, message))

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


def _parse(raw: bytes) -> ParsedMessage:
    # The parser and its libraries take 100 ms to import: not before the window is shown.
    from qtmail.mime.parser import parse  # noqa: PLC0415

    return parse(raw)
