"""The command palette: every action of the window, found by a few letters of its name."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
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
from qtmail.ui.window.actions import plain_text
from qtmail.ui.window.fuzzy import rank

_ACTION = int(Qt.ItemDataRole.UserRole) + 1
_WIDTH = 560
_ROWS_SHOWN = 10
_ROW_HEIGHT = 34
_Index = QModelIndex | QPersistentModelIndex


class CommandPalette(QDialog):
    """A field and a list; Enter carries out the command that is selected, Escape closes."""

    def __init__(self, actions: Iterable[QAction], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._actions = [action for action in actions if action.isEnabled() and action.isVisible()]
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("What do you want to do?"))
        self.field.setAccessibleName(self.tr("Find a command"))
        self.field.textChanged.connect(lambda _text: self._fill())
        self.field.installEventFilter(self)
        self._model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setModel(self._model)
        self.list.setItemDelegate(_CommandDelegate(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.clicked.connect(lambda _index: self.accept())
        self._nothing = QLabel(self.tr("No command is called that."))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self.field)
        layout.addWidget(self._nothing)
        layout.addWidget(self.list)
        self.setFixedWidth(_WIDTH)
        border, ground = theme.colors().border.name(), theme.colors().raised.name()
        self.setStyleSheet(
            f"CommandPalette {{ background: {ground}; border: 1px solid {border}; }}"
            "QListView { background: transparent; }"
        )
        self._fill()

    def open_over(self, window: QWidget) -> None:
        """Show the palette in the upper middle of a window."""
        self.adjustSize()
        top = window.mapToGlobal(window.rect().topLeft())
        self.move(top.x() + (window.width() - self.width()) // 2, top.y() + window.height() // 8)
        self.show()
        self.field.setFocus()

    def found(self) -> list[str]:
        """The names of the commands listed, best first."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def accept(self) -> None:
        action = self.list.currentIndex().data(_ACTION)
        super().accept()
        if isinstance(action, QAction):
            action.trigger()

    def _fill(self) -> None:
        query = self.field.text()
        ranked = [(rank(query, plain_text(action)), action) for action in self._actions]
        hits = [(place, action) for place, action in ranked if place is not None]
        if query.strip():
            hits.sort(key=lambda hit: hit[0])
        self._model.clear()
        for _, action in hits:
            item = QStandardItem(plain_text(action))
            item.setData(action, _ACTION)
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


class _CommandDelegate(QStyledItemDelegate):
    """A command's icon and name on the left, its key on the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        action = index.data(_ACTION)
        if not isinstance(action, QAction):
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
        glyph = QRect(row.left(), row.center().y() - 8, 17, 17)
        action.icon().paint(painter, glyph)
        painter.setPen(ink)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(row.adjusted(28, 0, 0, 0), middle, plain_text(action))
        painter.setPen(colors.muted)
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        painter.drawText(row, middle | int(Qt.AlignmentFlag.AlignRight), key)
        painter.restore()
