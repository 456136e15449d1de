"""From the selection to the reading pane: loads the selected message, shows it, and marks it read after a
moment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import Flag, MessageRow
from qtmail.ui.window.message_channel import MessageChannel

if TYPE_CHECKING:
    from qtmail.mime.message import ParsedMessage
    from qtmail.ui.message_list.message_list_pane import MessageListPane
    from qtmail.ui.message_view.message_view import MessageView
    from qtmail.workers.loaded import LoadedMessage
    from qtmail.workers.mail_service import MailService

SETTLE_MS = 90
"""While a key is held down, messages that pass by faster than this are not loaded."""
PATIENCE_MS = 200
"""A message that comes sooner than this replaces the one before it without a notice in between."""


class Reading(QObject):
    """Keeps the reading pane in step with the selection of the list.

    Signals:
        shown: a message is on display; carries its `MessageRow` and the `ParsedMessage`.
    """

    shown = Signal(object, object)

    def __init__(
        self, messages: MessageListPane, view: MessageView, service: MailService, mark_read_after_ms: int
    ) -> None:
        super().__init__(view)
        self._messages = messages
        self._view = view
        self._service = service
        self._channel = MessageChannel(view, service)
        self._row: MessageRow | None = None
        self._message: ParsedMessage | None = None
        self._requested: int | None = None
        self._awaited: tuple[int, Callable[[MessageRow, ParsedMessage], None]] | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._mark_read = QTimer(self, singleShot=True, interval=max(0, mark_read_after_ms))
        self._marks_read = mark_read_after_ms >= 0
        self._settle.timeout.connect(self._load_if_passed_over)
        self._patience.timeout.connect(self._say_loading)
        self._mark_read.timeout.connect(self._set_read)
        messages.selection_changed.connect(self._follow)
        view.retry_wanted.connect(self._load)
        service.bridge.message_loaded.connect(self._loaded)

    @property
    def row(self) -> MessageRow | None:
        """The message that is shown or on its way."""
        return self._row

    @property
    def message(self) -> ParsedMessage | None:
        """The content of the message, once it is on display."""
        return self._message

    def with_message(self, row: MessageRow, act: Callable[[MessageRow, ParsedMessage], None]) -> None:
        """Do something with a message and its content: now if it is on display, else as soon as it is, unless
        another message is chosen before.
        """
        if self._row is not None and self._row.id == row.id and self._message is not None:
            act(self._row, self._message)
        else:
            self._awaited = (row.id, act)

    def keep_unread(self) -> None:
        """The user marked the message unread on purpose: leave it so while it stays on display."""
        self._mark_read.stop()

    def apply(self, change: StoreChange) -> None:
        """Follow a committed change; to be told after the list has followed it."""
        if self._row is None or self._row.id not in change.message_ids:
            return
        row = self._messages.selected_message()
        if row is None or row.id != self._row.id:
            return
        the_rest_came = self._row.header_only and not row.header_only
        self._row = row
        if ChangeKind.FLAGS in change.kinds:
            self._view.set_flags(row.flags)
        if the_rest_came:
            self._load()

    def _follow(self) -> None:
        row = self._messages.selected_message()
        if row is not None and self._row is not None and row.id == self._row.id:
            return
        self._row, self._message, self._requested = row, None, None
        if self._awaited is not None and (row is None or row.id != self._awaited[0]):
            self._awaited = None
        self._channel.message_id = row.id if row else None
        self._patience.stop()
        self._mark_read.stop()
        if row is None:
            self._say_why_nothing_is_shown()
        elif not self._settle.isActive():
            self._load()
        self._settle.start()

    def _load(self) -> None:
        if self._row is not None:
            self._requested = self._row.id
            self._patience.start()
            self._service.load_message(self._row.id)

    def _load_if_passed_over(self) -> None:
        if self._row is not None and self._requested != self._row.id:
            self._load()

    def _loaded(self, loaded: LoadedMessage) -> None:
        if self._row is None or loaded.message_id != self._row.id:
            return
        if loaded.message is not None:
            self._show(self._row, loaded.message)
        elif loaded.problem is not None:
            self._awaited = None
            self._say_loading()
            self._view.show_problem(loaded.problem.sentence, loaded.problem.advice)

    def _show(self, row: MessageRow, message: ParsedMessage) -> None:
        self._patience.stop()
        self._message = message
        self._view.show_message(message, row=row)
        self.shown.emit(row, message)
        if row.unread and self._marks_read:
            self._mark_read.start()
        if self._awaited is not None:
            act, self._awaited = self._awaited[1], None
            act(row, message)

    def _say_loading(self) -> None:
        self._patience.stop()
        if self._row is not None:
            self._view.show_loading(self._row)

    def _say_why_nothing_is_shown(self) -> None:
        count = self._messages.selected_count()
        if count > 1:
            text = self.tr("{count:,} messages are selected. What you do now is done to all of them.")
            self._view.show_empty(text.format(count=count))
        else:
            self._view.show_empty(self.tr("Choose a message to read it here."))

    def _set_read(self) -> None:
        if self._row is not None:
            self._service.set_flags([self._row.id], Flag.SEEN, Flag.NONE)
