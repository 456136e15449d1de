"""A window for one message: one of the list, opened by itself, or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from qtmail.domain.message import MessageRow
from qtmail.mime.message import ParsedMessage
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.window.message_channel import MessageChannel

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class MessageWindow(QMainWindow):
    """Shows a message and nothing else; closes on Escape.

    Signals:
        closed: the window was closed and is about to be deleted.
    """

    closed = Signal()

    def __init__(
        self,
        view: MessageView,
        service: MailService,
        message: ParsedMessage,
        row: MessageRow | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = view
        self._channel = MessageChannel(view, service)
        self._channel.message_id = row.id if row else None
        self.setCentralWidget(view)
        self.setWindowTitle(message.envelope.subject or self.tr("(no subject)"))
        self.resize(860, 720)
        menu = QMenu(self.tr("&Message"), self)
        menu.addActions(view.actions_.all())
        menu.addSeparator()
        menu.addAction(self._close_action())
        self.menuBar().addMenu(menu)
        view.show_message(message, row=row)
        view.body.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _close_action(self) -> QAction:
        action = QAction(self.tr("&Close"), self)
        action.setShortcuts([QKeySequence(Qt.Key.Key_Escape), QKeySequence(QKeySequence.StandardKey.Close)])
        action.triggered.connect(lambda _checked: self.close())
        return action
