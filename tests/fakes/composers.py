"""Composers as the main window sees them: what is to be opened is kept, and no window is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from qtmail.domain.composition import AnswerKind, Composition, Draft
from qtmail.domain.message import MessageRow
from qtmail.mime.message import ParsedMessage
from qtmail.ui.composer.habits import Habits, RemembersHabits


class FakeComposers(QObject):
    """Stands where `ui.composer.Composers` stands.

    Attributes:
        opened, restored, begun: the drafts and compositions a window was wanted for.
        answered: (kind, row, message, selected text) of each answer.
        closed: whether all were closed.
        habits: what the windows would take up.
    """

    sent = Signal(object)
    discarded = Signal(int)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Draft] = []
        self.restored: list[Draft] = []
        self.begun: list[Composition] = []
        self.answered: list[tuple[AnswerKind, MessageRow | None, ParsedMessage, str]] = []
        self.closed = False
        self.habits: RemembersHabits = Habits()

    def open(self, draft: Draft, *, restored: bool = False) -> None:
        (self.restored if restored else self.opened).append(draft)

    def new(self, composition: Composition) -> None:
        self.begun.append(composition)

    def answer(
        self,
        kind: AnswerKind,
        row: MessageRow | None,
        message: ParsedMessage,
        selection: str = "",
        selection_html: str = "",
    ) -> None:
        self.answered.append((kind, row, message, selection))

    def close_all(self) -> None:
        self.closed = True
