"""One of several actions, in a field: the same choice as in the menu that has them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QWidget

from qtmail.ui.window.actions import plain_text


class ActionChoice(QComboBox):
    """Carries out the action that is chosen, and shows the one that is checked, wherever it was chosen.

    Args:
        actions: those of one group, of which one is checked.
        name: what is chosen, for those who cannot see what stands beside it.
    """

    def __init__(self, actions: Sequence[QAction], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = list(actions)
        self.setAccessibleName(name)
        for action in self._actions:
            self.addItem(plain_text(action))
            action.toggled.connect(self._follow)
        self.activated.connect(lambda number: self._actions[number].trigger())
        self._follow()

    def _follow(self) -> None:
        checked = (number for number, action in enumerate(self._actions) if action.isChecked())
        self.setCurrentIndex(next(checked, -1))
