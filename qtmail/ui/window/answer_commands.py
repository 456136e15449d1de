"""The commands that make a new message of the one a window shows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from qtmail.domain.composition import AnswerKind


class AnswerCommands(QObject):
    """Says which kind of answer the user chose; the window knows to which message.

    Signals:
        chosen(AnswerKind)
    """

    chosen = Signal(object)

    def reply(self) -> None:
        self.chosen.emit(AnswerKind.REPLY)

    def reply_all(self) -> None:
        self.chosen.emit(AnswerKind.REPLY_ALL)

    def reply_list(self) -> None:
        self.chosen.emit(AnswerKind.REPLY_LIST)

    def forward(self) -> None:
        self.chosen.emit(AnswerKind.FORWARD)

    def forward_attached(self) -> None:
        self.chosen.emit(AnswerKind.FORWARD_ATTACHED)

    def redirect(self) -> None:
        self.chosen.emit(AnswerKind.REDIRECT)

    def edit_as_new(self) -> None:
        self.chosen.emit(AnswerKind.EDIT_AS_NEW)
