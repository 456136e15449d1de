"""A list of entries in the place of the message list: a title and the list, or why it is empty."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from qtmail.ui.shared.entry_list import EntryList
from qtmail.ui.shared.pane_title import PaneTitle
from qtmail.ui.shared.state_page import StatePage
from qtmail.ui.shared.theme import Theme


class EntryPlace(QWidget):
    """Lays out the title and the list that a pane makes, and shows a page instead of an empty list."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = StatePage(theme)
        self._stack = QStackedWidget()

    def lay_out(self, title: PaneTitle, entries: EntryList) -> None:
        self._title, self._entries = title, entries
        self._stack.addWidget(entries)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(title)
        layout.addWidget(self._stack, 1)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.setFocusProxy(entries)

    def show_count(self, count: int) -> None:
        """There are so many entries now."""
        self._title.show_count(count)
        self._stack.setCurrentWidget(self._entries if count else self.empty)
