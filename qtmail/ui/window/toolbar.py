"""The toolbars of the windows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from qtmail.ui.shared.tool_bar import ToolBar
from qtmail.ui.window.action_table import TOOLBAR, TOOLBAR_RIGHT
from qtmail.ui.window.actions import Actions, plain_text

_ICON = QSize(20, 20)


class WordedToolBar(ToolBar):
    """Buttons with icon and words."""

    def __init__(self, actions: Actions, ids: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._actions = actions
        self.setObjectName("toolbar")
        self.setWindowTitle(self.tr("Toolbar"))
        self.setIconSize(_ICON)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.add_buttons(ids, worded=True)

    def add_buttons(self, ids: Sequence[str], *, worded: bool) -> None:
        """Add these actions, as buttons with words or with icons alone."""
        self._actions.fill(self, ids)
        for action_id in ids:
            button = self.widgetForAction(self._actions[action_id]) if action_id else None
            if isinstance(button, QToolButton):
                _dress(button, worded=worded)


class MainToolBar(WordedToolBar):
    """What is done to mail on the left, with words; how it is shown on the right, with icons alone."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(actions, TOOLBAR, parent)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        self.add_buttons(TOOLBAR_RIGHT, worded=False)

    def reserve(self, action: QAction, texts: Sequence[str]) -> None:
        """Make a button as wide as the widest of the texts it may say, so that its neighbours stay in
        place.
        """
        button = self.widgetForAction(action)
        widths = []
        for text in texts:
            action.setIconText(text)
            button.ensurePolished()
            widths.append(button.sizeHint().width())
        button.setMinimumWidth(max(widths))
        action.setIconText(texts[0])


def _dress(button: QToolButton, *, worded: bool) -> None:
    style = Qt.ToolButtonStyle
    button.setToolButtonStyle(style.ToolButtonTextBesideIcon if worded else style.ToolButtonIconOnly)
    # Reachable with Tab like everything else.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    action = button.defaultAction()
    if action is not None:
        button.setAccessibleName(plain_text(action))
