"""The window around the steps of the assistant: title, one step at a time, buttons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.shared.labels import heading, paragraph
from qtmail.ui.shared.scrolled import scrolled

_WIDTH, _HEIGHT = 680, 640


class AssistantFrame(QDialog):
    """Shows one page of several; what leads from one to the other is not its business."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: Sequence[Page] = ()
        self.title = heading(scale=1.5)
        self.hint = paragraph(muted=True)
        self._stack = QStackedWidget()
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.by_hand_button = QPushButton(self.tr("Set up by &hand"))
        self.anyway_button = QPushButton(self.tr("Add any&way"))
        self.back_button = QPushButton(self.tr("&Back"))
        self.next_button = QPushButton(self.tr("&Continue"))
        self.setWindowTitle(self.tr("Add account"))
        self.resize(_WIDTH, _HEIGHT)
        self.setMinimumSize(460, 380)

    def add_pages(self, pages: Sequence[Page], below: QWidget) -> None:
        """The steps, once they are made, and a widget that stands between them and the buttons, where it
        cannot be scrolled away.
        """
        self._pages = pages
        for page in pages:
            self._stack.addWidget(scrolled(page))
            page.changed.connect(self.show_buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 18)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.hint)
        layout.addSpacing(12)
        layout.addWidget(self._stack, 1)
        layout.addWidget(below)
        layout.addSpacing(8)
        layout.addLayout(self._buttons())
        # Tab leads from the page to what goes on, not to what gives up.
        order = (self.next_button, self.back_button, self.by_hand_button, self.anyway_button)
        for one, following in pairwise((*order, self.cancel_button)):
            self.setTabOrder(one, following)

    @property
    def page(self) -> Page:
        """The step on display."""
        return self._pages[self._stack.currentIndex()]

    def show_page(self, page: Page) -> None:
        """Put a step on display, from its top, with the keyboard where it is wanted."""
        self._stack.setCurrentIndex(self._pages.index(page))
        area = self._stack.currentWidget()
        assert isinstance(area, QScrollArea)
        area.verticalScrollBar().setValue(0)
        self.show_buttons()
        (self.next_button if page.complete() else self.by_hand_button).setFocus()
        page.enter()

    def show_buttons(self) -> None:
        """Say where the user is; to be called again when that is another place or has another name."""
        self.title.setText(self.page.title)
        self.hint.setText(self.page.hint)
        self.page.setAccessibleName(self.page.title)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.cancel_button)
        row.addStretch(1)
        for button in (self.by_hand_button, self.anyway_button, self.back_button, self.next_button):
            row.addWidget(button)
        for button in (self.cancel_button, self.by_hand_button, self.anyway_button, self.back_button):
            button.setAutoDefault(False)
        self.next_button.setDefault(True)
        return row
