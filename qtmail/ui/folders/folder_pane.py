"""The left of the window: all inboxes, then every account with its folders."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QMenu, QVBoxLayout, QWidget

from qtmail.domain.folder import SpecialUse
from qtmail.models.folder_nodes import FolderNode, NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.roles import FolderRole
from qtmail.ui.folders.folder_delegate import WORKING, FolderDelegate
from qtmail.ui.folders.folder_tree_view import FolderTree
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

_SPIN_MS = 100


class FolderPane(QFrame):
    """The folder tree.

    Attributes:
        folder_actions: what the menu of a folder offers; each acts on the folder that is open.

    Signals:
        folder_opened: another folder or view is to be shown; carries the `FolderNode`.
        settings_requested: the settings of an account (its id) are wanted.
        check_requested: an account (its id) is to be checked for mail now.
        connection_check_requested: the servers of an account (its id) are to be tried step by step.
    """

    folder_opened = Signal(object)
    settings_requested = Signal(int)
    check_requested = Signal(int)
    connection_check_requested = Signal(int)

    def __init__(self, model: FolderTreeModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._toggled: set[str] = set()
        self._wanted = ""
        self._placing = False
        self.folder_actions: Sequence[QAction] = ()
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
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAutoFillBackground(True)

    def _connect(self) -> None:
        self.tree.selectionModel().currentChanged.connect(self._current_changed)
        self.tree.expanded.connect(self._toggle)
        self.tree.collapsed.connect(self._toggle)
        self.tree.customContextMenuRequested.connect(self._show_menu)
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

    def reveal(self, key: str) -> None:
        """Bring a folder on screen."""
        index = self._model.index_of(key)
        if index.isValid():
            self.tree.scrollTo(index)

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

    # The menus

    def context_menu(self, node: FolderNode | None) -> QMenu | None:
        """What can be done with a folder or an account; None for what belongs to no account."""
        if node is None or node.account is None:
            return None
        menu = self.account_menu(node) or QMenu(self)
        # What cannot be done says why.
        menu.setToolTipsVisible(True)
        if not menu.isEmpty() and self.folder_actions:
            menu.addSeparator()
        menu.addActions(self.folder_actions)
        return None if menu.isEmpty() else menu

    def account_menu(self, node: FolderNode | None) -> QMenu | None:
        """What can be done with an account; None for every other node."""
        if node is None or node.kind != NodeKind.ACCOUNT or node.account is None:
            return None
        account = node.account
        menu = QMenu(self)
        if account.enabled and account.capabilities.receives:
            check = menu.addAction(icon(IconName.SYNC), self.tr("&Check for mail"))
            check.triggered.connect(lambda: self.check_requested.emit(account.id))
        if account.capabilities.receives or account.smtp is not None:
            connection = menu.addAction(self.tr("Check co&nnection…"))
            connection.triggered.connect(lambda: self.connection_check_requested.emit(account.id))
        settings = menu.addAction(icon(IconName.SETTINGS), self.tr("Account &settings…"))
        settings.triggered.connect(lambda: self.settings_requested.emit(account.id))
        return menu

    def _show_menu(self, place: QPoint) -> None:
        menu = self.context_menu(self._model.node(self.tree.indexAt(place)))
        if menu is not None:
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.tree.viewport().mapToGlobal(place))

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


def _unfolded_by_default(node: FolderNode) -> bool:
    return node.kind in (NodeKind.ACCOUNT, NodeKind.CONTAINER) or node.special_use == SpecialUse.INBOX
