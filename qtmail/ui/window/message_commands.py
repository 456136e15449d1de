"""What the user does to messages where they are: read, unread, flagged, downloaded, opened in a window."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from qtmail.domain.message import Flag, MessageRow

if TYPE_CHECKING:
    from qtmail.ui.message_list.message_list_pane import MessageListPane
    from qtmail.ui.window.reading import Reading
    from qtmail.ui.window.remainder import Remainder
    from qtmail.workers.mail_service import MailService


class MessageCommands(QObject):
    """Acts on the selected messages, or on the one whose mark was clicked.

    Signals:
        window_wanted: a message is to be shown in its own window; carries its `MessageRow` and
        `ParsedMessage`.
    """

    window_wanted = Signal(object, object)

    def __init__(
        self, messages: MessageListPane, reading: Reading, service: MailService, remainder: Remainder
    ) -> None:
        super().__init__(messages)
        self._remainder = remainder
        self._messages = messages
        self._reading = reading
        self._service = service
        messages.table.flag_clicked.connect(self._toggle_flag_of)
        messages.table.unread_clicked.connect(self._toggle_read_of)
        messages.table.open_requested.connect(self.open)

    def mark_read(self) -> None:
        self._set(self._messages.selected_ids(), Flag.SEEN, on=True)

    def mark_unread(self) -> None:
        self._reading.keep_unread()
        self._set(self._messages.selected_ids(), Flag.SEEN, on=False)

    def toggle_read(self) -> None:
        """Mark as read if any selected message is unread, else as unread."""
        current = self._messages.current_message()
        if current is not None and current.unread:
            self.mark_read()
        else:
            self.mark_unread()

    def toggle_flag(self) -> None:
        """Flag all selected messages, or if the current one is flagged, take the flag from all."""
        current = self._messages.current_message()
        on = current is None or not current.flags & Flag.FLAGGED
        self._set(self._messages.selected_ids(), Flag.FLAGGED, on=on)

    def download(self) -> None:
        """Fetch the rest of the selected messages of which only the header is here."""
        self._messages.with_selection(self._remainder.download)

    def delete_on_server(self) -> None:
        """Delete the selected messages of which only the header is here, unread."""
        self._messages.with_selection(self._remainder.delete_on_server)

    def open_selected(self) -> None:
        row = self._messages.selected_message()
        if row is not None:
            self.open(row)

    def open(self, row: MessageRow) -> None:
        """Show a message in its own window, now or as soon as it has come."""
        self._reading.with_message(row, self.window_wanted.emit)

    def _toggle_flag_of(self, row: MessageRow) -> None:
        self._set(array("q", [row.id]), Flag.FLAGGED, on=not row.flags & Flag.FLAGGED)

    def _toggle_read_of(self, row: MessageRow) -> None:
        if not row.unread:
            self._reading.keep_unread()
        self._set(array("q", [row.id]), Flag.SEEN, on=row.unread)

    def _set(self, ids: array[int], flag: Flag, *, on: bool) -> None:
        if ids:
            self._service.set_flags(ids, flag if on else Flag.NONE, Flag.NONE if on else flag)
