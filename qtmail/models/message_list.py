"""The message list: a flat table over one array of message ids, as quick with 1,000,000 rows as with ten.

A query is opened in two steps: its first 200 ids are read at once, so that the list paints in the same
moment, and all of them in the background. From then on every change of the shown folders has the ids read
again (id_reading), and the difference is applied as row insertions and removals, so that the selection and
the place on screen survive.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import MessageQuery, MessageRow
from qtmail.errors import StoreFailed
from qtmail.models.background import Background, MessageReader
from qtmail.models.id_changes import Rearrangement, Splice
from qtmail.models.id_reading import REFRESH_MS, Change, IdReading
from qtmail.models.message_texts import MessageTexts
from qtmail.models.roles import MessageColumn, MessageRole
from qtmail.models.row_pages import RowPages

FIRST_ROWS = 200
"""Ids read at once when a query is opened: more than any screen shows."""
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class MessageListModel(QAbstractTableModel):
    """The messages of one `MessageQuery`; read-only, and all reads on the GUI thread are of at most 200 rows.

    Signals:
        opened: another query's first rows are in; the list was reset.
        completed: all ids are in.
        changing, changed: around a change of rows within the same query.
        failed: the store could not be read; carries the `StoreFailed`.
    """

    opened = Signal()
    completed = Signal()
    changing = Signal()
    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        messages: MessageReader,
        background: Background,
        texts: MessageTexts,
        parent: QObject | None = None,
        *,
        refresh_ms: int = REFRESH_MS,
    ) -> None:
        super().__init__(parent)
        self._messages = messages
        self._background = background
        self._texts = texts
        self._pages = RowPages(self._read_rows)
        self._query = MessageQuery(())
        self._show_recipients = False
        self._complete = True
        self._reading = IdReading(messages, background, lambda: self.ids, refresh_ms, self)
        self._reading.arrived.connect(self._take)
        self._reading.failed.connect(self.failed)

    # What is shown

    @property
    def query(self) -> MessageQuery:
        return self._query

    @property
    def ids(self) -> array[int]:
        """The ids in list order; never changed in place, so a caller may keep it."""
        return self._pages.ids

    @property
    def complete(self) -> bool:
        """False while only the first rows of the query are in."""
        return self._complete

    @property
    def refreshing(self) -> bool:
        """Whether a change of the store is still to be followed."""
        return self._reading.active

    @property
    def show_recipients(self) -> bool:
        """Whether the list names who a message went to instead of who it came from."""
        return self._show_recipients

    def open(self, query: MessageQuery, *, show_recipients: bool = False) -> None:
        """Show another query, or the same one anew."""
        self._reading.begin(query)
        self.beginResetModel()
        self._query, self._show_recipients = query, show_recipients
        ids = self._first_ids(query)
        self._replace(ids, first_changed=0)
        self._complete = len(ids) < FIRST_ROWS
        self.endResetModel()
        self.opened.emit()
        if self._complete:
            self.completed.emit()
        else:
            self._reading.read()

    def row(self, index: int) -> MessageRow | None:
        """The message at a row, or None when it has gone from the store meanwhile."""
        return self._pages.row(index) if 0 <= index < len(self.ids) else None

    def text(self, row: MessageRow, column: MessageColumn) -> str:
        """What a cell of a row says; "" where it shows a mark."""
        return self._texts.shown(row, column, recipients=self._show_recipients) or ""

    def row_of(self, message_id: int) -> int | None:
        """The row of a message, or None when the list does not hold it."""
        place = self._pages.place_of(message_id)
        if place is not None:
            return place
        try:
            return self.ids.index(message_id)
        except ValueError:
            return None

    def seek_unread(self, row: int, direction: int, found: Callable[[int], None]) -> None:
        """Call `found` with the row of the unread message nearest to `row`, from one end on from the other.

        `direction` is 1 for downwards, -1 for upwards. Nothing is called when every message is read.
        """
        ids, query = self.ids, replace(self._query, unread=True)

        def work() -> int | None:
            return _nearest(ids, frozenset(self._messages.ids(query)), row, direction)

        def done(message_id: int | None) -> None:
            place = self.row_of(message_id) if message_id is not None else None
            if place is not None:
                found(place)

        self._background.submit(work, done, self.failed.emit)

    # Changes of the store

    def apply(self, change: StoreChange) -> None:
        """Follow a committed change: flags and previews at once, arrivals and removals by the background."""
        shown = not change.folder_ids.isdisjoint(self._query.folder_ids)
        if change.kinds & {ChangeKind.FLAGS, ChangeKind.BODIES}:
            self._refresh_rows(change.message_ids)
        if shown and change.kinds & self._kinds_that_move_rows():
            # Without a filter none of them ceases to fit but by leaving the folder.
            query = self._query
            filtered = query.unread or query.flagged or query.attachment
            self._reading.note_change(change.message_ids if filtered else ())

    def _kinds_that_move_rows(self) -> set[ChangeKind]:
        kinds = {ChangeKind.ADDED, ChangeKind.REMOVED}
        if self._query.unread or self._query.flagged:
            kinds.add(ChangeKind.FLAGS)
        if self._query.attachment:
            kinds.add(ChangeKind.BODIES)
        return kinds

    def _refresh_rows(self, message_ids: Iterable[int]) -> None:
        for first, last in _ranges(self._pages.reread(frozenset(message_ids))):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(MessageColumn) - 1))

    def _take(self, new: array[int], change: Change) -> None:
        """All ids are in: apply how they differ from those shown."""
        if change:
            self.changing.emit()
            if isinstance(change, Rearrangement):
                self._rearrange(new, change)
            else:
                self._splice(change)
            self.changed.emit()
        if not self._complete:
            self._complete = True
            self.completed.emit()

    # Reading on the GUI thread

    def _first_ids(self, query: MessageQuery) -> array[int]:
        try:
            return self._messages.ids(query, FIRST_ROWS) if query.folder_ids else array("q")
        except StoreFailed as error:
            self.failed.emit(error)
            return array("q")

    def _read_rows(self, ids: Iterable[int]) -> list[MessageRow]:
        try:
            return self._messages.rows(list(ids))
        except StoreFailed as error:
            failure = error
        # Not from here: a paint event is no place for whoever listens.
        QTimer.singleShot(0, self, lambda: self.failed.emit(failure))
        return []

    # Applying a difference

    def _splice(self, splices: list[Splice]) -> None:
        for splice in splices:
            row, ids = splice.row, self.ids
            if splice.removed:
                self.beginRemoveRows(_ROOT, row, row + splice.removed - 1)
                ids = ids[:row] + ids[row + splice.removed :]
                self._replace(ids, first_changed=row)
                self.endRemoveRows()
            if splice.inserted:
                self.beginInsertRows(_ROOT, row, row + len(splice.inserted) - 1)
                self._replace(ids[:row] + splice.inserted + ids[row:], first_changed=row)
                self.endInsertRows()

    def _rearrange(self, new: array[int], change: Rearrangement) -> None:
        """Reach `new` by steps a view can follow: sort those that stay, drop the gone, append the added,
        sort.
        """
        self._permute(change.kept + change.gone)
        kept = len(change.kept)
        self._splice([Splice(kept, len(change.gone), change.added)])
        self._permute(new)

    def _permute(self, ids: array[int]) -> None:
        if ids == self.ids:
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        wanted = {self.ids[index.row()] for index in old}
        rows = {id_: row for row, id_ in enumerate(ids) if id_ in wanted}
        moved = [self.index(rows[self.ids[index.row()]], index.column()) for index in old]
        self._replace(ids, first_changed=0)
        self.changePersistentIndexList(old, moved)
        self.layoutChanged.emit()

    def _replace(self, ids: array[int], *, first_changed: int) -> None:
        self._pages.forget_from(first_changed)
        self._pages.ids = ids

    # QAbstractTableModel

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(MessageColumn)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == MessageRole.ROW:
            return self.row(index.row())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENT[MessageColumn(index.column())]
        row = self.row(index.row()) if role in _TEXT_ROLES else None
        if row is None:
            return None
        column, recipients = MessageColumn(index.column()), self._show_recipients
        match role:
            case Qt.ItemDataRole.ToolTipRole:
                return self._texts.tool_tip(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._texts.spoken(row, column, recipients=recipients)
            case _:
                return self._texts.shown(row, column, recipients=recipients)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(MessageColumn):
            return None
        column = MessageColumn(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENT[column]
        title = self._texts.title(column, recipients=self._show_recipients)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return title
        narrow = column in (MessageColumn.FLAGGED, MessageColumn.ATTACHMENT)
        return title if role == Qt.ItemDataRole.DisplayRole and not narrow else None


_TEXT_ROLES = frozenset(
    {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}
)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ALIGNMENT = {column: _RIGHT if column == MessageColumn.SIZE else _LEFT for column in MessageColumn}


def _nearest(ids: array[int], wanted: frozenset[int], row: int, direction: int) -> int | None:
    before, after = ids[: max(row, 0)], ids[row + 1 :]
    order = after + before if direction > 0 else before[::-1] + after[::-1]
    return next((id_ for id_ in order if id_ in wanted), None)


def _ranges(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Ascending row numbers as (first, last) of stretches without a gap."""
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1:
            yield rows[start], rows[at - 1]
            start = at
