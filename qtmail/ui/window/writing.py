"""From the window to the composer: new messages, answers to the one on display, drafts, `mailto:` links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from qtmail.domain.composition import AnswerKind, Composition
from qtmail.domain.message import MessageRow
from qtmail.ui.window.answer_commands import AnswerCommands

if TYPE_CHECKING:
    from qtmail.mime.message import ParsedMessage
    from qtmail.ui.composer.composers import Composers
    from qtmail.ui.message_list.message_list_pane import MessageListPane
    from qtmail.ui.message_view.message_view import MessageView
    from qtmail.ui.window.reading import Reading


class Writing(QObject):
    """Opens composers for what the user chose in the main window.

    Attributes:
        answers: the commands that answer the message on display.
    """

    def __init__(
        self, composers: Composers, messages: MessageListPane, reading: Reading, view: MessageView
    ) -> None:
        super().__init__(view)
        self._composers = composers
        self._messages = messages
        self._reading = reading
        self._view = view
        self.answers = AnswerCommands(self)
        self.answers.chosen.connect(self.answer_selected)
        view.edit_wanted.connect(lambda: self.answer_selected(AnswerKind.OPEN_DRAFT))

    def write(self) -> None:
        """Begin a new message."""
        self._composers.new(Composition())

    def write_to(self, url: str) -> None:
        """Begin a message to whom a `mailto:` link names (RFC 6068)."""
        # The readers of addresses take 30 ms to import: not before the window is shown.
        from qtmail.mime.mailto import composition_from_mailto  # noqa: PLC0415

        self._composers.new(composition_from_mailto(url))

    def answer_selected(self, kind: AnswerKind) -> None:
        """Answer the one message that is selected, as soon as its content is there."""
        row = self._messages.selected_message()
        if row is None:
            return

        def answer(row: MessageRow, message: ParsedMessage) -> None:
            self._composers.answer(kind, row, message, selection=self._view.selection())

        self._reading.with_message(row, answer)

    def answer_message(
        self, kind: AnswerKind, row: MessageRow | None, message: ParsedMessage, selection: str
    ) -> None:
        """Answer a message of another window."""
        self._composers.answer(kind, row, message, selection=selection)
