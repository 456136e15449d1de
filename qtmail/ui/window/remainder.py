"""Messages of which only the header is on this computer: their strip, and what can be done about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from qtmail.domain.message import MessageRow
from qtmail.ui.shared.question import ask
from qtmail.ui.shared.sizes import format_size

if TYPE_CHECKING:
    from qtmail.mime.message import ParsedMessage
    from qtmail.ui.message_view.message_view import MessageView
    from qtmail.workers.mail_service import MailService


class Remainder(QObject):
    """Has the rest of messages fetched, or deleted on their server, unread; keeps the strip of one pane."""

    def __init__(self, view: MessageView, service: MailService) -> None:
        super().__init__(view)
        self._view = view
        self._service = service
        self._shown: int | None = None

    def show(self, row: MessageRow | None, _message: ParsedMessage) -> None:
        """Say of the message that was just shown that there is more of it; `row` is None for a file."""
        self._shown = row.id if row is not None and row.header_only else None
        if row is not None and row.header_only:
            self._view.notices.tell_header_only(
                format_size(row.size),
                lambda: self.download([row.id]),
                lambda: self.delete_on_server([row.id]),
            )

    def download(self, ids: Sequence[int]) -> None:
        """Fetch the rest of messages."""
        self._tell(ids, self.tr("The rest of this message is fetched as soon as its server answers."))
        self._service.download_rest(ids)

    def delete_on_server(self, ids: Sequence[int]) -> None:
        """Delete those messages of which only the header is here, once the user has agreed."""
        question = self.tr("Delete this message on its server, unread?")
        consequence = self.tr("It is nowhere else, and cannot be brought back.")
        if len(ids) > 1:
            question = self.tr("Delete the selected messages on their server, unread?")
            consequence = self.tr("Those of which only the header is here cannot be brought back.")
        verb = self.tr("&Delete on server")
        ask(self._view.window(), question, consequence, verb, lambda: self._delete(ids))

    def _delete(self, ids: Sequence[int]) -> None:
        self._tell(ids, self.tr("This message is deleted as soon as its server answers."))
        self._service.delete_on_server(ids)

    def _tell(self, ids: Sequence[int], words: str) -> None:
        if self._shown in ids:
            self._view.notices.tell_of_rest(words)
