"""How long a message that was sent can be taken back: the user's choice in the Account menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from qtmail.ui.composer.composers import Composers
    from qtmail.ui.window.actions import Actions
    from qtmail.ui.window.window_state import WindowState


class UndoChoice(QObject):
    """Sets the seconds for the composers, and remembers them."""

    def __init__(self, composers: Composers, state: WindowState, parent: QObject) -> None:
        super().__init__(parent)
        self._composers = composers
        self._state = state

    def restore(self, actions: Actions) -> None:
        """Take up what was chosen the last time."""
        self._composers.undo_seconds = self._state.undo_seconds
        actions[f"account.undo_{self._state.undo_seconds}"].setChecked(True)

    def at_once(self) -> None:
        self._choose(0)

    def five(self) -> None:
        self._choose(5)

    def ten(self) -> None:
        self._choose(10)

    def thirty(self) -> None:
        self._choose(30)

    def _choose(self, seconds: int) -> None:
        self._composers.undo_seconds = self._state.undo_seconds = seconds
