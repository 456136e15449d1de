"""The command palette: every action of the window, found by a few letters of its name."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.actions import plain_text
from qtmail.ui.window.quick_pick import Pick, QuickPick


class CommandPalette(QuickPick):
    """Lists what can be done now, with its keys."""

    def __init__(self, actions: Iterable[QAction], theme: Theme, parent: QWidget) -> None:
        possible = (action for action in actions if action.isEnabled() and action.isVisible())
        super().__init__(
            map(_pick, possible),
            theme,
            parent,
            prompt=_words("What do you want to do?"),
            name=_words("Find a command"),
            nothing=_words("No command is called that."),
        )


def _pick(action: QAction) -> Pick:
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return Pick(plain_text(action), key, action.icon(), action.trigger)


def _words(text: str) -> str:
    return QCoreApplication.translate("CommandPalette", text)
