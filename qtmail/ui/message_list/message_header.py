"""The titles of the message list's columns: their widths, their order, and sorting by a click."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from qtmail.domain.message import SortKey
from qtmail.models.message_list import MessageListModel
from qtmail.models.roles import MessageColumn

_KEYS = {
    MessageColumn.FLAGGED: SortKey.FLAGGED,
    MessageColumn.ATTACHMENT: SortKey.ATTACHMENT,
    MessageColumn.SUBJECT: SortKey.SUBJECT,
    MessageColumn.CORRESPONDENT: SortKey.SENDER,
    MessageColumn.DATE: SortKey.DATE,
    MessageColumn.SIZE: SortKey.SIZE,
}
_WIDTHS = {
    MessageColumn.FLAGGED: 30,
    MessageColumn.ATTACHMENT: 30,
    MessageColumn.CORRESPONDENT: 150,
    MessageColumn.DATE: 96,
    MessageColumn.SIZE: 76,
}
_WORDS = frozenset({SortKey.SENDER, SortKey.RECIPIENT, SortKey.SUBJECT})
_SMALLEST = 28
_SUBJECT_LEAST = 180


class MessageHeader(QHeaderView):
    """The header of a table over a `MessageListModel`; the subject takes the room the other columns leave.

    Signals:
        sort_requested: a title was clicked; carries the SortKey and whether descending.
    """

    sort_requested = Signal(object, bool)

    def __init__(self, model: MessageListModel, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._list = model
        self._state = QByteArray()
        self._columns_shown = False
        self.setHighlightSections(False)
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(_SMALLEST)
        self.sectionClicked.connect(self._request_sort)
        self.sectionResized.connect(self._section_resized)

    def show_card(self) -> None:
        """One column over the whole width, without a title."""
        if self._columns_shown:
            self._state = self.saveState()
        self._columns_shown = False
        for column in MessageColumn:
            self.setSectionHidden(column, column != MessageColumn.SUBJECT)
        self.setSectionResizeMode(MessageColumn.SUBJECT, QHeaderView.ResizeMode.Stretch)
        self.hide()

    def show_columns(self) -> None:
        """All columns, as they were the last time."""
        self._columns_shown = True
        for column in MessageColumn:
            self.setSectionHidden(column, False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in _WIDTHS.items():
            self.resizeSection(column, width)
        if not self._state.isEmpty():
            self.restoreState(self._state)
        self.setSectionResizeMode(MessageColumn.SUBJECT, QHeaderView.ResizeMode.Fixed)
        self._fit_subject()
        self.show()
        self.show_sort()

    def column_state(self) -> QByteArray:
        """Order and widths of the columns, to be remembered."""
        return self.saveState() if self._columns_shown else self._state

    def set_column_state(self, state: QByteArray) -> None:
        """Take up what was remembered; to be called before the columns are shown."""
        self._state = state

    def show_sort(self) -> None:
        """Mark the column the list is sorted by."""
        query = self._list.query
        sort = SortKey.SENDER if query.sort == SortKey.RECIPIENT else query.sort
        column = next((column for column, key in _KEYS.items() if key == sort), None)
        self.setSortIndicatorShown(column is not None)
        if column is not None:
            order = Qt.SortOrder.DescendingOrder if query.descending else Qt.SortOrder.AscendingOrder
            self.setSortIndicator(column, order)

    def _section_resized(self, section: int, _before: int, _after: int) -> None:
        if section != MessageColumn.SUBJECT:
            self._fit_subject()

    def _fit_subject(self) -> None:
        """Give the subject what the others leave; never so little, as a stretched section would, that it
        says nothing.
        """
        if self._columns_shown:
            others = sum(self.sectionSize(column) for column in _WIDTHS)
            self.resizeSection(MessageColumn.SUBJECT, max(_SUBJECT_LEAST, self.width() - others))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_subject()

    def _request_sort(self, section: int) -> None:
        key = _KEYS[MessageColumn(section)]
        if key == SortKey.SENDER and self._list.show_recipients:
            key = SortKey.RECIPIENT
        query = self._list.query
        # A first click sorts words from A on, all else from the newest, the largest or the marked.
        self.sort_requested.emit(key, not query.descending if key == query.sort else key not in _WORDS)
