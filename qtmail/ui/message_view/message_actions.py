"""What can be done with the message on display, as actions for the menu of the header card and the main
window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from qtmail.ui.shared.icons import IconName, icon


class MessageActions:
    """The actions of one reading pane; they belong to `owner`, and their keys work while it has the keyboard.

    Attributes:
        find, zoom_in, zoom_out, zoom_reset
        plain_text: checkable; show the text alternative instead of the HTML.
        dark_paper: checkable; darken a message made for white paper.
        print, save_pdf, save_message
        view_source, view_headers
    """

    def __init__(self, owner: QWidget) -> None:
        key = QKeySequence.StandardKey
        self.find = _action(owner, "Find in message…", IconName.FIND, key.Find)
        self.zoom_in = _action(owner, "Zoom in", IconName.ZOOM_IN, key.ZoomIn)
        self.zoom_out = _action(owner, "Zoom out", IconName.ZOOM_OUT, key.ZoomOut)
        self.zoom_reset = _action(owner, "Natural size", None, "Ctrl+0")
        self.plain_text = _action(owner, "Show as plain text", None, None, checkable=True)
        self.dark_paper = _action(owner, "Dark paper", IconName.DARK_MODE, None, checkable=True)
        self.print = _action(owner, "Print…", IconName.PRINT, key.Print)
        self.save_pdf = _action(owner, "Save as PDF…", IconName.FILE_PDF, None)
        self.save_message = _action(owner, "Save message…", IconName.SAVE, key.Save)
        self.view_source = _action(owner, "View source", IconName.SOURCE, "Ctrl+U")
        self.view_headers = _action(owner, "All header fields", None, None)
        # Ctrl with the plus key is Ctrl+= where plus needs Shift.
        self.zoom_in.setShortcuts([*QKeySequence.keyBindings(key.ZoomIn), QKeySequence("Ctrl+=")])

    def all(self) -> list[QAction]:
        return [value for value in vars(self).values() if isinstance(value, QAction)]

    def set_enabled(self, enabled: bool) -> None:
        """Whether there is a message on display."""
        for action in self.all():
            action.setEnabled(enabled)

    def menu(self, owner: QWidget) -> QMenu:
        """All of them in groups."""
        menu = QMenu(owner)
        groups = (
            (self.find, self.zoom_in, self.zoom_out, self.zoom_reset),
            (self.plain_text, self.dark_paper),
            (self.print, self.save_pdf, self.save_message),
            (self.view_source, self.view_headers),
        )
        for group in groups:
            menu.addActions(group)
            menu.addSeparator()
        return menu


def _action(
    owner: QWidget,
    text: str,
    name: IconName | None,
    key: QKeySequence.StandardKey | str | None,
    *,
    checkable: bool = False,
) -> QAction:
    action = QAction(QCoreApplication.translate("MessageActions", text), owner)
    if name is not None:
        action.setIcon(icon(name))
    if key is not None:
        action.setShortcut(QKeySequence(key))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.setCheckable(checkable)
    owner.addAction(action)
    return action
