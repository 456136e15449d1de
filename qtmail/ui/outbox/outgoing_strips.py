"""Strips about messages that were just sent, with *Undo*, and about those that only the user can help on."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.models.outbox import OutboxModel
from qtmail.ui.outbox.outbox_commands import OutboxCommand, OutboxCommands, command_text, possible_commands
from qtmail.ui.outbox.outbox_texts import SOON, item_recipients, item_subject, result_sentence, state_sentence
from qtmail.ui.shared.notice_strip import NoticeAction, NoticeArea, Tone
from qtmail.ui.shared.passing_notice import show_passing_notice
from qtmail.ui.shared.subjects import short_subject

_GRACE_MS = 2000
"""How long *Undo* stays beyond its time, if nothing was heard of the item by then."""
_MOST_RESULTS = 3
"""Strips about results; of more messages only the number is told."""
_MANY = "outbox/many"
_SCHEDULED_MS = 15_000
"""How long it is said that a message will be sent later."""


class OutgoingStrips(QObject):
    """Keeps the strips in step with the outbox.

    Signals:
        item_wanted(int): the user wants to see this item in the outbox.
    """

    item_wanted = Signal(int)

    def __init__(
        self,
        model: OutboxModel,
        commands: OutboxCommands,
        area: NoticeArea,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._commands = commands
        self._area = area
        self._clock = clock
        self._undoable: dict[int, bool] = {}
        """The items that can be undone, and whether the model has shown them yet."""
        self._told: dict[int, tuple[str, Tone]] = {}
        self._many: frozenset[int] = frozenset()
        model.followed.connect(self._follow)

    def note_sent(self, item: OutboxItem) -> None:
        """The user sent this message; it is held for a while."""
        left = item.not_before - self._clock()
        undo = (self.tr("Undo"), lambda: self._end_undo(item, OutboxCommand.EDIT))
        if left > SOON:
            words = self.tr("“{subject}”: {state}").format(
                subject=short_subject(item_subject(item)), state=state_sentence(item, self._clock())
            )
            duration, other = _SCHEDULED_MS, self._show_action(item)
        else:
            words = self.tr("Sending “{subject}” to {names}…").format(
                subject=short_subject(item_subject(item)), names=item_recipients(item)
            )
            duration = round(left * 1000) + _GRACE_MS
            other = (self.tr("Send now"), lambda: self._end_undo(item, OutboxCommand.SEND_NOW))
        self._undoable[item.id] = self._model.find(item.id) is not None
        show_passing_notice(
            self._area, _undo_key(item.id), words, milliseconds=duration, actions=[undo, other]
        )

    def _end_undo(self, item: OutboxItem, command: OutboxCommand) -> None:
        self._drop_undo(item.id)
        self._commands.run(command, item)

    def _drop_undo(self, item_id: int) -> None:
        self._undoable.pop(item_id, None)
        self._area.remove(_undo_key(item_id))

    def _follow(self) -> None:
        for item_id in list(self._undoable):
            item = self._model.find(item_id)
            if item is not None:
                self._undoable[item_id] = True
            # A reading that was under way when the message was queued does not know it yet.
            if (item is None and self._undoable[item_id]) or (item and item.state is not OutboxState.HELD):
                self._drop_undo(item_id)
        self._tell_results()

    def _tell_results(self) -> None:
        """What is told stays as it is until it is another, so that a strip the user closed stays closed."""
        results = {item.id: result for item in self._model.values if (result := result_sentence(item))}
        many = frozenset(results) if len(results) > _MOST_RESULTS else frozenset()
        single = {} if many else results
        for item in self._model.values:
            if item.id in single and self._told.get(item.id) != single[item.id]:
                self._tell(item, *single[item.id])
        for item_id in self._told.keys() - single.keys():
            self._area.remove(_result_key(item_id))
        if not many:
            self._area.remove(_MANY)
        elif many != self._many:
            self._tell_many(many)
        self._told, self._many = single, many

    def _tell_many(self, item_ids: frozenset[int]) -> None:
        words = self.tr("{count:,} messages were refused or may not have been sent.")
        first = next(item for item in self._model.values if item.id in item_ids)
        actions = [self._show_action(first)]
        self._area.show_notice(_MANY, words.format(count=len(item_ids)), tone=Tone.WARNING, actions=actions)

    def _tell(self, item: OutboxItem, words: str, tone: Tone) -> None:
        actions = [self._show_action(item)]
        for command in (OutboxCommand.EDIT, OutboxCommand.ACKNOWLEDGE):
            if command in possible_commands(item) and item.state is not OutboxState.UNCERTAIN:
                actions.append(self._command_action(item, command))
        self._area.show_notice(_result_key(item.id), words, tone=tone, actions=actions)

    def _show_action(self, item: OutboxItem) -> NoticeAction:
        return self.tr("Show in Outbox"), lambda: self.item_wanted.emit(item.id)

    def _command_action(self, item: OutboxItem, command: OutboxCommand) -> NoticeAction:
        return command_text(command), lambda: self._commands.run(command, item)


def _undo_key(item_id: int) -> str:
    return f"sent/{item_id}"


def _result_key(item_id: int) -> str:
    return f"outbox/{item_id}"
