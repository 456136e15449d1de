"""The table that shows a message list, as cards or in columns.

A QTableView, because its cost does not grow with the number of rows as that of a list or tree view does.
What does grow with it is avoided here: selecting all cell by cell, searching as one types, asking for every
selected index.
"""

from __future__ import annotations

from array import array

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QDrag, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from qtmail.domain.message import SortKey
from qtmail.models.message_list import MessageListModel
from qtmail.models.roles import MessageColumn
from qtmail.ui.message_list.card_delegate import CardDelegate
from qtmail.ui.message_list.column_delegate import ColumnDelegate
from qtmail.ui.message_list.day_groups import DayGroups
from qtmail.ui.message_list.message_header import MessageHeader
from qtmail.ui.shared.message_drag import drag_tag, message_data
from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.window_state import ListView

_Select = QItemSelectionModel.SelectionFlag


class MessageTable(QTableView):
    """The messages of a `MessageListModel`.

    Attributes:
        header: the titles of the columns.

    Signals:
        top_changed: another row is the first on screen.
        selection_settled: the selection changed, by the user or because rows went.
        flag_clicked, unread_clicked: a click on a message's mark; carries its `MessageRow`.
        open_requested: a message is to be opened in its own window; carries its `MessageRow`.
        menu_requested: the context menu is wanted at a global QPoint.
    """

    top_changed = Signal()
    selection_settled = Signal()
    flag_clicked = Signal(object)
    unread_clicked = Signal(object)
    open_requested = Signal(object)
    menu_requested = Signal(QPoint)

    def __init__(self, model: MessageListModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = model
        self._theme = theme
        self._groups = DayGroups()
        self._cards = CardDelegate(model, theme, self)
        self._columns = ColumnDelegate(model, theme, self)
        self._list_view = ListView.CARDS
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._select_all_when_complete = False
        self._pressed: QPoint | None = None
        self.header = MessageHeader(model)
        self.setHorizontalHeader(self.header)
        self._configure()
        self.setModel(model)
        self._follow_model()
        self.set_list_view(ListView.CARDS)

    def _configure(self) -> None:
        self.setObjectName("messageTable")
        self.setAccessibleName(self.tr("Messages"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        # The delegates paint what is selected, cards with round corners; the style must not paint below them.
        self.setStyleSheet(
            "QTableView { selection-background-color: transparent; }"
            "QTableView::item:selected, QTableView::item:selected:!active { background: transparent; }"
        )
        self.setMouseTracking(True)
        # A style sheet takes the ground away, and only what has one is scrolled by copying instead of
        # painting.
        self.viewport().setAutoFillBackground(True)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalScrollBar().valueChanged.connect(lambda _: self.top_changed.emit())
        self._theme.changed.connect(self.viewport().update)

    def _follow_model(self) -> None:
        self._list.opened.connect(self._opened)
        self._list.completed.connect(self._completed)
        self._list.changing.connect(self._hold_place)
        self._list.changed.connect(self._restore_place)
        self._list.changed.connect(self.selection_settled)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_settled.emit())

    # Cards and columns

    @property
    def list_view(self) -> ListView:
        return self._list_view

    def set_list_view(self, view: ListView) -> None:
        """Show cards or columns; the selection and the first row on screen stay."""
        top = self.top_row()
        self._list_view = view
        cards = view == ListView.CARDS
        self.setItemDelegate(self._cards if cards else self._columns)
        if cards:
            self.header.show_card()
        else:
            self.header.show_columns()
        never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(never if cards else needed)
        self.apply_row_height()
        self.updateGeometries()
        self.verticalScrollBar().setValue(top * self.row_height())
        self.top_changed.emit()

    def row_height(self) -> int:
        """The height of every row, in pixels."""
        return self.verticalHeader().defaultSectionSize()

    def apply_row_height(self) -> None:
        """Make the rows as high as the font in use needs them."""
        delegate = self._cards if self._list_view == ListView.CARDS else self._columns
        delegate.set_font(self.font())
        height = delegate.row_height
        rows = self.verticalHeader()
        rows.setMinimumSectionSize(min(height, rows.minimumSectionSize()))
        rows.setDefaultSectionSize(height)
        self.verticalScrollBar().setSingleStep(max(1, height // 2))

    # Groups

    def top_row(self) -> int:
        """The first row on screen, even if only partly."""
        return max(0, self.rowAt(0))

    def top_group(self) -> str:
        """The group of the first row on screen, or "" when the list is not grouped."""
        row = self._list.row(self.top_row()) if self._grouped() else None
        return self._groups.name(row.date) if row else ""

    def _grouped(self) -> bool:
        return self._list_view == ListView.CARDS and self._list.query.sort == SortKey.DATE

    def _opened(self) -> None:
        self._select_all_when_complete = False
        self._cards.group_of = (lambda row: self._groups.name(row.date)) if self._grouped() else None
        self.header.show_sort()
        self.scrollToTop()
        self.top_changed.emit()
        self.selection_settled.emit()

    # Selection

    def selected_count(self) -> int:
        return sum(block.height() for block in self._selected_blocks())

    def selected_ids(self) -> array[int]:
        """The ids of the selected messages in list order."""
        ids = self._list.ids
        chosen = array("q")
        for block in sorted(self._selected_blocks(), key=lambda block: block.top()):
            chosen += ids[block.top() : block.bottom() + 1]
        return chosen

    def single_selection(self) -> int | None:
        """The id of the selected message, if it is the only one."""
        return self.selected_ids()[0] if self.selected_count() == 1 else None

    @property
    def selection_pending(self) -> bool:
        """Whether more is being selected than is known yet: all of a list that is still being read."""
        return self._select_all_when_complete

    def row_beyond_selection(self) -> int | None:
        """The row after the last one that is selected, or the nearest unselected one before it."""
        blocks = sorted(self._selected_blocks(), key=lambda block: block.top(), reverse=True)
        if not blocks:
            return None
        below = max(block.bottom() for block in blocks) + 1
        if below < self._list.rowCount():
            return below
        row = below - 1
        for block in blocks:
            if block.top() <= row <= block.bottom():
                row = block.top() - 1
        return row if row >= 0 else None

    def forget_selection(self) -> None:
        """Select nothing, also nothing that is still being read."""
        self._select_all_when_complete = False
        self.clearSelection()

    def select_row(self, row: int) -> None:
        """Select one message alone and bring it on screen."""
        index = self._list.index(row, MessageColumn.SUBJECT)
        if index.isValid():
            self._select_all_when_complete = False
            # The view's own setCurrentIndex adds to the selection while Ctrl is held, as in Ctrl+Z.
            self.selectionModel().setCurrentIndex(index, _Select.ClearAndSelect | _Select.Rows)

    def selectAll(self) -> None:
        """Select every message of the query, also those whose ids are still being read.

        As one range; Qt's own way takes seconds for a million rows.
        """
        self._select_all_when_complete = not self._list.complete
        last = self._list.index(self._list.rowCount() - 1, len(MessageColumn) - 1)
        everything = QItemSelection(self._list.index(0, 0), last)
        self.selectionModel().select(everything, _Select.ClearAndSelect)

    def _selected_blocks(self) -> list[QItemSelectionRange]:
        return self.selectionModel().selection().toList()

    def _completed(self) -> None:
        if self._select_all_when_complete:
            self.selectAll()
        self.top_changed.emit()

    # Place on screen

    def _hold_place(self) -> None:
        """Before rows come and go: remember what is on top, unless the list stands at its beginning."""
        bar = self.verticalScrollBar()
        self._anchor = None
        if bar.value() > 0:
            index = self._list.index(self.top_row(), MessageColumn.SUBJECT)
            self._anchor = QPersistentModelIndex(index), self.rowViewportPosition(index.row())

    def _restore_place(self) -> None:
        if self._anchor is not None and self._anchor[0].isValid():
            index, offset = self._anchor
            # The range of the scroll bar would otherwise follow the new rows only later.
            self.updateGeometries()
            self.verticalScrollBar().setValue(index.row() * self.row_height() - offset)
        self._anchor = None
        self.top_changed.emit()

    # QTableView

    def keyboardSearch(self, search: str) -> None:
        """Nothing: letters are commands here, and Qt would look through the whole list, row by row."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self._list.row(self.currentIndex().row())
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row is not None:
            self.open_requested.emit(row)
            return
        super().keyPressEvent(event)
        if event.text().strip():
            # Qt took it for a search; the window may know why it is no command now.
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._click_mark(place):
            return
        self._pressed = place if left and self.indexAt(place).isValid() else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
        elif (
            event.position().toPoint() - self._pressed
        ).manhattanLength() > QApplication.startDragDistance():
            self._pressed = None
            self.startDrag(Qt.DropAction.MoveAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        super().mouseReleaseEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag what is selected. Qt's own way would ask every cell whether it may be dragged."""
        ids = self.selected_ids()
        if not ids:
            return
        words = self.tr("1 message") if len(ids) == 1 else self.tr("{n:,} messages").format(n=len(ids))
        drag = QDrag(self)
        drag.setMimeData(message_data(ids))
        drag.setPixmap(drag_tag(words, self._theme.colors()))
        drag.setHotSpot(QPoint(-12, -8))
        drag.exec(actions)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        row = self._list.row(index.row())
        if event.button() == Qt.MouseButton.LeftButton and row is not None:
            self.open_requested.emit(row)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.selected_count():
            self.menu_requested.emit(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.top_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.apply_row_height()

    def _click_mark(self, place: QPoint) -> bool:
        """Whether a click hit a mark of a message; says so to whoever listens."""
        index = self.indexAt(place)
        row = self._list.row(index.row())
        if row is None:
            return False
        if self._list_view == ListView.CARDS:
            card = self.visualRect(index)
            on_flag = self._cards.flag_rect(card).adjusted(-4, -4, 4, 4).contains(place)
            on_dot = self._cards.unread_rect(card).contains(place)
        else:
            on_flag, on_dot = index.column() == MessageColumn.FLAGGED, False
        if on_flag:
            self.flag_clicked.emit(row)
        elif on_dot:
            self.unread_clicked.emit(row)
        return on_flag or on_dot
