"""The toolbars of all windows."""

from __future__ import annotations

from PySide6.QtWidgets import QToolBar, QToolButton, QWidget

from qtmail.ui.shared.icons import IconName, icon


class ToolBar(QToolBar):
    """Stays in its place; where a window is narrow, a button at the end has what finds no room."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setMovable(False)
        # Qt's own picture is dark on dark, and has no words.
        rest = self.findChild(QToolButton, "qt_toolbar_ext_button")
        assert rest is not None
        rest.setIcon(icon(IconName.REST))
        rest.setToolTip(self.tr("More"))
        rest.setAccessibleName(self.tr("More"))
