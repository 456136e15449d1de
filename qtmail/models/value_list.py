"""A short list of values with ids as a Qt model: what is read anew is applied as few row changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from qtmail.models.roles import ValueRole

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Identified(Protocol):
    """A value that keeps its id while its other fields change."""

    @property
    def id(self) -> int: ...


Value = TypeVar("Value", bound=Identified)


class ValueListModel(QAbstractListModel, Generic[Value]):
    """Values in the order in which they were given, one column; each under `ValueRole.VALUE`.

    For lists of what a person writes, which are short; what came or moved is looked for row by row.

    Args:
        describe: a value in words, for screen readers and as the text of its row.
    """

    def __init__(self, describe: Callable[[Value], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._describe = describe
        self._values: list[Value] = []

    @property
    def values(self) -> tuple[Value, ...]:
        return tuple(self._values)

    def value(self, index: _Index) -> Value | None:
        row = index.row()
        return self._values[row] if 0 <= row < len(self._values) else None

    def find(self, value_id: int) -> Value | None:
        return next((value for value in self._values if value.id == value_id), None)

    def index_of(self, value_id: int) -> QModelIndex:
        """The index of the value with this id; invalid when there is none."""
        row = self._row_of(value_id)
        return self.index(row, 0) if row is not None else QModelIndex()

    def show_values(self, values: Sequence[Value]) -> None:
        """Bring the rows in step with `values`; a value that stays keeps its row's identity."""
        wanted = {value.id for value in values}
        for row in range(len(self._values) - 1, -1, -1):
            if self._values[row].id not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._values[row]
                self.endRemoveRows()
        for row, value in enumerate(values):
            self._place(row, value)

    def refresh(self) -> None:
        """What the rows say has changed with time, though the values have not."""
        if self._values:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._values) - 1, 0))

    def _row_of(self, value_id: int) -> int | None:
        return next((row for row, value in enumerate(self._values) if value.id == value_id), None)

    def _place(self, row: int, value: Value) -> None:
        """Put a value into its row; rows are placed from the first on, so they only ever move up."""
        in_place = row < len(self._values) and self._values[row].id == value.id
        at = row if in_place else self._row_of(value.id)
        if at is None:
            self.beginInsertRows(QModelIndex(), row, row)
            self._values.insert(row, value)
            self.endInsertRows()
            return
        if at != row:
            self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), row)
            self._values.insert(row, self._values.pop(at))
            self.endMoveRows()
        if self._values[row] != value:
            self._values[row] = value
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    # QAbstractListModel

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._values)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = self.value(index)
        if value is None:
            return None
        match role:
            case ValueRole.VALUE:
                return value
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._describe(value)
            case _:
                return None
