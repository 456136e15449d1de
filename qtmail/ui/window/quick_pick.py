"""A field and a list: a few letters find one thing among many, Enter takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.fuzzy import rank

_PICK = int(Qt.ItemDataRole.UserRole) + 1
_WIDTH = 560
_ROWS_SHOWN = 10
_ROW_HEIGHT = 34
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing that can be chosen.

    Attributes:
        text: what it is found by.
        note: what stands on the right: a key, an account.
        take: called when it is chosen.
    """

    text: str
    note: str
    icon: QIcon
    take: Callable[[], None]


class QuickPick(QDialog):
    """Enter takes what is selected in the list, Escape closes.

    Args:
        picks: in the order in which they stand while nothing is typed.
        prompt: what the empty field says.
        name: what a screen reader calls the field.
        nothing: what is said where nothing fits.
    """

    def __init__(
        self, picks: Iterable[Pick], theme: Theme, parent: QWidget, *, prompt: str, name: str, nothing: str
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._picks = list(picks)
        self.setObjectName("quickPick")
        self.setWindowTitle(name)
        self.field = QLineEdit()
        self.field.setPlaceholderText(prompt)
        self.field.setAccessibleName(name)
        self.field.textChanged.connect(lambda _text: self._fill())
        self.field.installEventFilter(self)
        self._model = QStandardItemModel(self)
        self.list = _list_view(self._model, _PickDelegate(theme, self))
        self.list.setAccessibleName(name)
        self.list.clicked.connect(lambda _index: self.accept())
        self._nothing = QLabel(nothing)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        for widget in (self.field, self._nothing, self.list):
            layout.addWidget(widget)
        self.setFixedWidth(_WIDTH)
        border, ground = theme.colors().border.name(), theme.colors().raised.name()
        self.setStyleSheet(
            f"#quickPick {{ background: {ground}; border: 1px solid {border}; }}"
            "QListView { background: transparent; }"
        )
        self._fill()

    def open_over(self, window: QWidget) -> None:
        """Show it in the upper middle of a window, and forget it once it is closed."""
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.adjustSize()
        top = window.mapToGlobal(window.rect().topLeft())
        self.move(top.x() + (window.width() - self.width()) // 2, top.y() + window.height() // 8)
        self.show()
        self.field.setFocus()

    def found(self) -> list[str]:
        """The texts listed, best first."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def accept(self) -> None:
        pick = self.list.currentIndex().data(_PICK)
        super().accept()
        if isinstance(pick, Pick):
            pick.take()

    def _fill(self) -> None:
        query = self.field.text()
        ranked = [(rank(query, pick.text), pick) for pick in self._picks]
        hits = [(place, pick) for place, pick in ranked if place is not None]
        if query.strip():
            hits.sort(key=lambda hit: hit[0])
        self._model.clear()
        for _, pick in hits:
            item = QStandardItem(pick.text)
            item.setData(pick, _PICK)
            item.setAccessibleText(f"{pick.text}, {pick.note}" if pick.note else pick.text)
            self._model.appendRow(item)
        self._nothing.setVisible(not hits)
        self.list.setVisible(bool(hits))
        self.list.setFixedHeight(min(len(hits), _ROWS_SHOWN) * _ROW_HEIGHT)
        self.adjustSize()
        self.list.setCurrentIndex(self._model.index(0, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys in the field move through the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: _ROWS_SHOWN,
                Qt.Key.Key_PageUp: -_ROWS_SHOWN,
            }
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self._move(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.accept()
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        row = self.list.currentIndex().row() + step
        self.list.setCurrentIndex(self._model.index(max(0, min(row, self._model.rowCount() - 1)), 0))


def _list_view(model: QStandardItemModel, delegate: QStyledItemDelegate) -> QListView:
    view = QListView()
    view.setModel(model)
    view.setItemDelegate(delegate)
    view.setUniformItemSizes(True)
    view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setFrameShape(QFrame.Shape.NoFrame)
    return view


class _PickDelegate(QStyledItemDelegate):
    """Icon and text on the left, the note on the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        pick = index.data(_PICK)
        if not isinstance(pick, Pick):
            return
        colors = self._theme.colors()
        painter.save()
        ink: QColor = colors.text
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.selection)
            painter.drawRoundedRect(option.rect, 6, 6)
            ink = colors.selection_text
        row = option.rect.adjusted(10, 0, -10, 0)
        pick.icon.paint(painter, QRect(row.left(), row.center().y() - 8, 17, 17))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        metrics = option.fontMetrics
        elide, room = Qt.TextElideMode.ElideMiddle, row.width() // 3
        note = metrics.elidedText(pick.note, elide, room)
        painter.setPen(colors.muted)
        painter.drawText(row, middle | int(Qt.AlignmentFlag.AlignRight), note)
        place = row.adjusted(28, 0, -metrics.horizontalAdvance(note) - 12, 0)
        painter.setPen(ink)
        painter.drawText(place, middle, metrics.elidedText(pick.text, elide, place.width()))
        painter.restore()
