"""The tree of the folder pane: its arrows, its keys, and messages that are dropped on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QStyleOptionViewItem, QTreeView, QWidget

from qtmail.models.folder_nodes import FolderNode
from qtmail.models.roles import FolderRole
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.message_drag import dragged_messages
from qtmail.ui.shared.theme import Theme

_ARROW = 12
_RADIUS = 7.0
_INSET = 6
_UNFOLD_MS = 600
"""A branch unfolds when a drag rests on it so long."""
_Index = QModelIndex | QPersistentModelIndex


class FolderTree(QTreeView):
    """The tree itself, with arrows of its own in place of the style's branch lines.

    Attributes:
        takes: whether the messages being dragged may be dropped on a folder; asked as the pointer moves.

    Signals:
        dropped(array, FolderNode): messages (their ids) were dropped on a folder.
        delete_pressed: the Delete key; it is about the folder here, not about messages.
    """

    dropped = Signal(object, object)
    delete_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.takes: Callable[[FolderNode], bool] = lambda _node: False
        self._target = QPersistentModelIndex()
        self._unfold = QTimer(self, singleShot=True, interval=_UNFOLD_MS)
        self._unfold.timeout.connect(lambda: self.expand(self._target))
        self.setAcceptDrops(True)
        # The delegate paints what is selected, over the whole width.
        self.setStyleSheet(
            "QTreeView { background: transparent; selection-background-color: transparent; }"
            "QTreeView::item:selected, QTreeView::item:selected:!active { background: transparent; }"
        )

    def drop_target(self) -> FolderNode | None:
        """The folder that would take what is being dragged."""
        node = self._target.data(FolderRole.NODE) if self._target.isValid() else None
        return node if isinstance(node, FolderNode) and self.takes(node) else None

    def drawBranches(self, painter: QPainter, rect: QRect, index: _Index) -> None:
        node = index.data(FolderRole.NODE)
        if not isinstance(node, FolderNode) or not node.children:
            return
        arrow = QRect(0, 0, _ARROW, _ARROW)
        arrow.moveCenter(QPoint(rect.right() - self.indentation() // 2 + 1, rect.center().y() + 1))
        name = IconName.EXPAND if self.isExpanded(index) else IconName.COLLAPSED
        icon(name, self._theme.colors().muted).paint(painter, arrow)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().drawRow(painter, option, index)
        target = self.drop_target()
        if target is not None and index.data(FolderRole.NODE) is target:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.colors().accent, 2))
            frame = QRectF(self.visualRect(index)).adjusted(_INSET, 1, -_INSET, -1)
            painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
            painter.restore()

    def visualRect(self, index: _Index) -> QRect:
        """The whole width of a row: its ground is painted under the indentation too, and must be repainted
        there.
        """
        rect = super().visualRect(index)
        rect.setLeft(0)
        return rect

    # Keys

    def event(self, event: QEvent) -> bool:
        """Delete is a command about messages in the rest of the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and _is_delete(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_delete(event):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    # Messages that are dragged here

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_messages(event.mimeData()):
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        node = index.data(FolderRole.NODE)
        self._aim_at(index)
        if isinstance(node, FolderNode) and dragged_messages(event.mimeData()) and self.takes(node):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._aim_at(QModelIndex())

    def dropEvent(self, event: QDropEvent) -> None:
        node = self.indexAt(event.position().toPoint()).data(FolderRole.NODE)
        self._aim_at(QModelIndex())
        ids = dragged_messages(event.mimeData())
        if ids and isinstance(node, FolderNode) and self.takes(node):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            self.dropped.emit(ids, node)

    def _aim_at(self, index: QModelIndex) -> None:
        if self._target == index:
            return
        self._target = QPersistentModelIndex(index)
        self._unfold.stop()
        if index.isValid() and not self.isExpanded(index):
            self._unfold.start()
        self.viewport().update()


def _is_delete(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Delete
