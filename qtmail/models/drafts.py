"""The drafts kept on this computer as a Qt model, the one saved last on top."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from qtmail.domain.composition import Draft
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.models.value_list import ValueListModel

Read = Callable[[Callable[[list[Draft]], None]], None]
"""Reads the drafts in the background and hands them to the callback, on the GUI thread."""


class DraftsModel(ValueListModel[Draft]):
    """The drafts that are not queued; follows the store.

    Signals:
        followed: the rows are in step with a reading of the store that has just come.
    """

    followed = Signal()

    def __init__(self, read: Read, describe: Callable[[Draft], str], parent: QObject | None = None) -> None:
        super().__init__(describe, parent)
        self._read = read

    def load(self) -> None:
        """Read the drafts; the rows change when the answer comes."""
        self._read(self._follow)

    def apply(self, change: StoreChange) -> None:
        """Follow a committed change."""
        if ChangeKind.DRAFTS in change.kinds:
            self.load()

    def _follow(self, drafts: list[Draft]) -> None:
        newest_first = sorted(drafts, key=lambda draft: (draft.saved_at, draft.id), reverse=True)
        self.show_values(newest_first)
        self.followed.emit()
