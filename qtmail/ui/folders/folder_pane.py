"""The left of the window: all inboxes, then every account with its folders."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QTimer, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeView, QVBoxLayout, QWidget

from qtmail.domain.folder import SpecialUse
from qtmail.models.folder_nodes import FolderNode, NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.roles import FolderRole
from qtmail.ui.folders.folder_delegate import WORKING, FolderDelegate
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

_SPIN_MS = 100
_ARROW = 12


class FolderPane(QFrame):
    """The folder tree.

    Signals:
        folder_opened: another folder or view is to be shown; carries the `FolderNode`.
    """

    folder_opened = Signal(object)

    def __init__(self, model: FolderTreeModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._toggled: set[str] = set()
        self._wanted = ""
        self._placing = False
        self.tree = FolderTree(theme)
        self._delegate = FolderDelegate(theme, self.tree)
        self._spin = QTimer(self, interval=_SPIN_MS)
        self._spin.timeout.connect(self._turn)
        self._configure()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self.tree)
        self.setFocusProxy(self.tree)
        self._connect()
        self._restyle()

    def _configure(self) -> None:
        tree = self.tree
        tree.setObjectName("folderTree")
        tree.setAccessibleName(self.tr("Folders"))
        tree.setHeaderHidden(True)
        tree.setModel(self._model)
        tree.setItemDelegate(self._delegate)
        tree.setUniformRowHeights(False)
        tree.setIndentation(18)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setMouseTracking(True)
        self.setAutoFillBackground(True)

    def _connect(self) -> None:
        self.tree.selectionModel().currentChanged.connect(self._current_changed)
        self.tree.expanded.connect(self._toggle)
        self.tree.collapsed.connect(self._toggle)
        self._model.rowsInserted.connect(self._place)
        self._model.dataChanged.connect(lambda *_: self._spin_while_working())
        self._theme.changed.connect(self._restyle)

    # What is open

    def current(self) -> FolderNode | None:
        return self._model.node(self.tree.currentIndex())

    def open(self, key: str) -> None:
        """Open the folder with this key, as soon as the tree has it."""
        self._wanted = key
        self._place()

    def open_first(self) -> None:
        """Open the inbox of the only account, once it is there, or all inboxes."""
        nodes = list(self._model.nodes())
        accounts = [node for node in nodes if node.kind == NodeKind.ACCOUNT]
        inbox = next((node for node in nodes if node.special_use == SpecialUse.INBOX), None)
        if len(accounts) > 1:
            self.open(nodes[0].key)
        elif inbox is not None:
            self.open(inbox.key)

    def restore(self, open_key: str, toggled: frozenset[str]) -> None:
        """Take up what was open and unfolded when the program last ran."""
        self._toggled = set(toggled)
        self._wanted = open_key
        self._place()

    @property
    def toggled(self) -> frozenset[str]:
        """The keys of branches that are not as they would be by default; to be remembered."""
        return frozenset(self._toggled)

    def _place(self) -> None:
        """Fold and unfold what came new, and open the folder that was waited for."""
        self._placing = True
        for node in self._model.nodes():
            index = self._model.index_for(node)
            unfolded = _unfolded_by_default(node) != (node.key in self._toggled)
            if node.children and self.tree.isExpanded(index) != unfolded:
                self.tree.setExpanded(index, unfolded)
        self._placing = False
        index = self._model.index_of(self._wanted) if self._wanted else QModelIndex()
        if index.isValid():
            self._wanted = ""
            self.tree.setCurrentIndex(index)

    def _toggle(self, index: QModelIndex) -> None:
        node = self._model.node(index)
        if node is not None and not self._placing:
            self._toggled ^= {node.key}

    def _current_changed(self, current: QModelIndex) -> None:
        node = self._model.node(current)
        if node is not None:
            self.folder_opened.emit(node)

    # Spinners and looks

    def _spin_while_working(self) -> None:
        working = self._working_indexes()
        if working and not self._spin.isActive():
            self._spin.start()
        elif not working:
            self._spin.stop()

    def _turn(self) -> None:
        self._delegate.turn()
        for index in self._working_indexes():
            self.tree.update(index)

    def _working_indexes(self) -> list[QModelIndex]:
        rows = (self._model.index(row, 0) for row in range(self._model.rowCount()))
        return [
            index
            for index in rows
            if (state := index.data(FolderRole.STATE)) is not None and state.connection in WORKING
        ]

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._theme.colors().sidebar)
        self.setPalette(palette)
        self.tree.viewport().update()


class FolderTree(QTreeView):
    """The tree itself, with arrows of its own in place of the style's branch lines."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        # The delegate paints what is selected, over the whole width.
        self.setStyleSheet(
            "QTreeView { background: transparent; selection-background-color: transparent; }"
            "QTreeView::item:selected, QTreeView::item:selected:!active { background: transparent; }"
        )

    def drawBranches(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        node = index.data(FolderRole.NODE)
        if not isinstance(node, FolderNode) or not node.children:
            return
        arrow = QRect(0, 0, _ARROW, _ARROW)
        arrow.moveCenter(QPoint(rect.right() - self.indentation() // 2 + 1, rect.center().y() + 1))
        name = IconName.EXPAND if self.isExpanded(index) else IconName.COLLAPSED
        icon(name, self._theme.colors().muted).paint(painter, arrow)

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """The whole width of a row: its ground is painted under the indentation too, and must be repainted
        there.
        """
        rect = super().visualRect(index)
        rect.setLeft(0)
        return rect


def _unfolded_by_default(node: FolderNode) -> bool:
    return node.kind in (NodeKind.ACCOUNT, NodeKind.CONTAINER) or node.special_use == SpecialUse.INBOX
