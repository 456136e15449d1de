"""The outbox as a Qt model: every message that is not yet delivered or filed, the oldest first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.models.value_list import ValueListModel

Read = Callable[[Callable[[list[OutboxItem]], None]], None]
"""Reads the outbox in the background and hands it to the callback, on the GUI thread."""


def needs_attention(item: OutboxItem) -> bool:
    """Whether only the user can say how this message goes on."""
    unseen_refusal = bool(item.refused) and not item.acknowledged
    return item.state in (OutboxState.FAILED, OutboxState.UNCERTAIN) or unseen_refusal


class OutboxModel(ValueListModel[OutboxItem]):
    """The items of the outbox; follows the store.

    Signals:
        followed: the rows are in step with a reading of the store that has just come.
    """

    followed = Signal()

    def __init__(
        self, read: Read, describe: Callable[[OutboxItem], str], parent: QObject | None = None
    ) -> None:
        super().__init__(describe, parent)
        self._read = read

    def load(self) -> None:
        """Read the outbox; the rows change when the answer comes."""
        self._read(self._follow)

    def apply(self, change: StoreChange) -> None:
        """Follow a committed change."""
        if ChangeKind.OUTBOX in change.kinds:
            self.load()

    @property
    def alarming(self) -> bool:
        """Whether a message waits for a decision of the user's."""
        return any(needs_attention(item) for item in self.values)

    def _follow(self, items: list[OutboxItem]) -> None:
        self.show_values(items)
        self.followed.emit()
