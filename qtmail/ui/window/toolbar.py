"""The toolbar of the main window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from qtmail.ui.window.actions import TOOLBAR, TOOLBAR_RIGHT, Actions, plain_text

_ICON = QSize(20, 20)


class MainToolBar(QToolBar):
    """What is done to mail on the left, with words; how it is shown on the right, with icons alone."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setWindowTitle(self.tr("Toolbar"))
        self.setMovable(False)
        self.setIconSize(_ICON)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        actions.fill(self, TOOLBAR)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        actions.fill(self, TOOLBAR_RIGHT)
        for action_id in (*TOOLBAR, *TOOLBAR_RIGHT):
            button = self.widgetForAction(actions[action_id]) if action_id else None
            if isinstance(button, QToolButton):
                self._dress(button, worded=action_id in TOOLBAR)

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

    def _dress(self, button: QToolButton, *, worded: bool) -> None:
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(style.ToolButtonTextBesideIcon if worded else style.ToolButtonIconOnly)
        # Reachable with Tab like everything else.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        action = button.defaultAction()
        if action is not None:
            button.setAccessibleName(plain_text(action))
