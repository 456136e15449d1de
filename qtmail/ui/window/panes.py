"""The three panes of the window and the lines between them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from qtmail.ui.window.window_state import Layout, ListView, WindowState

_FOLDERS_WIDTH = 230
_LIST_SIZES = {
    (Layout.RIGHT, ListView.CARDS): 420,
    (Layout.RIGHT, ListView.COLUMNS): 640,
    (Layout.BELOW, ListView.CARDS): 360,
    (Layout.BELOW, ListView.COLUMNS): 360,
}
"""Width, or height where the message is below, of the list at first."""
_REST = 2000
"""More than any pane needs: QSplitter shares out what there is in proportion beyond the fixed parts."""


class Panes(QSplitter):
    """Folders on the left; beside them the list, with the message on its right or below it.

    Other places (the outbox, the drafts) bring a list and a view that stand where list and message stood.
    """

    def __init__(
        self,
        folders: QWidget,
        messages: QWidget,
        message: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._arrangement = (Layout.RIGHT, ListView.CARDS)
        self._folders = folders
        self._lists, self._views = QStackedWidget(), QStackedWidget()
        self._inner = QSplitter(Qt.Orientation.Horizontal)
        self._inner.addWidget(self._lists)
        self._inner.addWidget(self._views)
        self.add_place(messages, message)
        self.addWidget(folders)
        mail = QWidget()
        self._mail = QVBoxLayout(mail)
        self._mail.setContentsMargins(0, 0, 0, 0)
        self._mail.setSpacing(0)
        self._mail.addWidget(self._inner, 1)
        self.addWidget(mail)
        for splitter in (self, self._inner):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(1)
            splitter.setStretchFactor(0, 0)
            splitter.setStretchFactor(1, 1)
        folders.setMinimumWidth(150)
        self._lists.setMinimumSize(280, 120)
        self._views.setMinimumSize(300, 160)

    def hold(self, notices: QWidget) -> None:
        """Have the strips above list and message."""
        self._mail.insertWidget(0, notices)

    def add_place(self, list_: QWidget, view: QWidget) -> None:
        """Add a list and the view of what is chosen in it."""
        self._lists.addWidget(list_)
        self._views.addWidget(view)

    def show_place(self, list_: QWidget) -> None:
        """Show the place with this list."""
        self._lists.setCurrentWidget(list_)
        self._views.setCurrentIndex(self._lists.currentIndex())

    @property
    def arrangement(self) -> tuple[Layout, ListView]:
        """Where the message stands, and what the list shows; each pair has sizes of its own."""
        return self._arrangement

    def arrange(self, layout: Layout, view: ListView, state: WindowState) -> None:
        """Put the message where `layout` says, with the sizes remembered for it and this view of the list."""
        self.remember(state)
        self._arrangement = (layout, view)
        right = layout == Layout.RIGHT
        self._inner.setOrientation(Qt.Orientation.Horizontal if right else Qt.Orientation.Vertical)
        sizes = state.layout_bytes(self._key())
        if sizes.isEmpty() or not self._inner.restoreState(sizes):
            self._inner.setSizes([_LIST_SIZES[self._arrangement], _REST])

    def restore(self, state: WindowState) -> None:
        """Take up the sizes of the last time."""
        sizes = state.layout_bytes("folders")
        if sizes.isEmpty() or not self.restoreState(sizes):
            self.setSizes([_FOLDERS_WIDTH, _REST])
        self.arrange(state.layout, state.list_view, state)

    def remember(self, state: WindowState) -> None:
        if self.isVisible():
            state.set_layout_bytes("folders", self.saveState())
            state.set_layout_bytes(self._key(), self._inner.saveState())

    def _key(self) -> str:
        layout, view = self._arrangement
        return f"panes-{layout}-{view}"

    def focus_step(self, step: int) -> None:
        """Move the keyboard to the next pane, or with -1 to the one before."""
        focus = QApplication.focusWidget()
        shown = (self._folders, self._lists.currentWidget(), self._views.currentWidget())
        panes = [pane for pane in shown if pane is not None]
        here = next((at for at, pane in enumerate(panes) if focus and _holds(pane, focus)), 0)
        pane = panes[(here + step) % len(panes)]
        target = pane.focusProxy() or pane
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)
