"""The folder tree as a Qt model: follows the store with as few row changes as the difference needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, ChangeKind, StoreChange
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.errors import StoreFailed
from qtmail.models.folder_nodes import LOCAL_PLACES, FolderNode, LocalPlaces, NodeKind, build_nodes
from qtmail.models.roles import FolderRole

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class AccountReader(Protocol):
    """The reads of `store.Accounts` behind the folder tree."""

    def list(self) -> Sequence[Account]: ...


class FolderReader(Protocol):
    """The reads of `store.Folders` behind the folder tree."""

    def list(self, account_id: int | None = None) -> Sequence[Folder]: ...

    def get(self, folder_id: int) -> Folder | None: ...


class FolderTreeModel(QAbstractItemModel):
    """Unified views, accounts and folders; read-only.

    Signals:
        failed: the store could not be read; carries the `StoreFailed`.
    """

    failed = Signal(object)

    def __init__(self, accounts: AccountReader, folders: FolderReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._accounts = accounts
        self._folders = folders
        self._top = FolderNode("", NodeKind.CONTAINER, "")
        # Indexes carry a number and not the node: Qt would keep a bare pointer to an object Python may have
        # freed.
        self._nodes: dict[int, FolderNode] = {}
        self._last_number = 0
        self._states: dict[int, AccountState] = {}
        self._places = LocalPlaces()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.load)

    # What the panes ask

    def load(self) -> None:
        """Read accounts and folders and bring the tree in step with them."""
        try:
            top = build_nodes(self._accounts.list(), self._folders.list(), self._places)
        except StoreFailed as error:
            self.failed.emit(error)
            return
        self._merge(self._top, top)

    def apply(self, change: StoreChange) -> None:
        """Follow a committed change."""
        if change.kinds & {ChangeKind.ACCOUNTS, ChangeKind.FOLDERS}:
            self.load()
        elif ChangeKind.COUNTS in change.kinds:
            self._recount(change.folder_ids)

    def set_state(self, state: AccountState) -> None:
        """Show how an account stands to its server."""
        self._states[state.account_id] = state
        index = self.index_of(f"account/{state.account_id}")
        if index.isValid():
            self.dataChanged.emit(index, index)

    def set_local_drafts(self, count: int) -> None:
        """Show how many drafts there are on this computer."""
        self._set_places(replace(self._places, drafts=count))

    def set_outbox(self, count: int, *, alarming: bool) -> None:
        """Show how many messages are on their way out, and whether one waits for the user."""
        self._set_places(replace(self._places, outgoing=count, alarming=alarming))

    def reveal(self, kind: NodeKind) -> None:
        """Show the node of a local place though it may be empty, because it is about to be opened."""
        self._set_places(replace(self._places, open_key=kind))

    def note_open(self, key: str) -> None:
        """The user looks at this node; the empty place that was open before is no longer shown."""
        left = self._places.open_key
        self._places = replace(self._places, open_key=key)
        if left in LOCAL_PLACES and left != key:
            # Soon and not now: the view is in the middle of moving its selection.
            self._soon.start()

    def _set_places(self, places: LocalPlaces) -> None:
        if places != self._places:
            self._places = places
            self.load()

    def node(self, index: _Index) -> FolderNode | None:
        return self._nodes[index.internalId()] if index.isValid() else None

    def account(self, account_id: int) -> Account | None:
        node = self.node(self.index_of(f"account/{account_id}"))
        return node.account if node is not None else None

    def folder_node(self, folder_id: int) -> FolderNode | None:
        """The node of a folder."""
        found = (node for node in self.nodes() if node.folder is not None and node.folder.id == folder_id)
        return next(found, None)

    def special_use_of(self, folder_id: int) -> SpecialUse | None:
        """What a folder is for."""
        node = self.folder_node(folder_id)
        return node.special_use if node is not None else None

    def nodes(self) -> Iterator[FolderNode]:
        """Every node in the order of the tree."""
        waiting = list(reversed(self._top.children))
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def index_of(self, key: str) -> QModelIndex:
        """The index of the node with this key; invalid when there is none."""
        found = next((node for node in self.nodes() if node.key == key), None)
        return self.index_for(found) if found else QModelIndex()

    def index_for(self, node: FolderNode) -> QModelIndex:
        """The index of a node of this model."""
        if node is self._top or node.parent is None:
            return QModelIndex()
        return self.createIndex(node.parent.children.index(node), 0, node.number)

    # Following the store

    def _merge(self, parent: FolderNode, wanted: list[FolderNode]) -> None:
        """Make the children of `parent` those of `wanted`, keeping every node that stays."""
        keys = {node.key for node in wanted}
        for row in range(len(parent.children) - 1, -1, -1):
            if parent.children[row].key not in keys:
                self._remove(parent, row)
        for row, node in enumerate(wanted):
            at = next((at for at, old in enumerate(parent.children) if old.key == node.key), None)
            if at is None:
                self._insert(parent, row, node)
            else:
                self._move(parent, at, row)
                self._update(parent.children[row], node)

    def _remove(self, parent: FolderNode, row: int) -> None:
        self.beginRemoveRows(self.index_for(parent), row, row)
        self._forget(parent.children.pop(row))
        self.endRemoveRows()

    def _insert(self, parent: FolderNode, row: int, node: FolderNode) -> None:
        self.beginInsertRows(self.index_for(parent), row, row)
        node.parent = parent
        self._register(node)
        parent.children.insert(row, node)
        self.endInsertRows()

    def _move(self, parent: FolderNode, old: int, new: int) -> None:
        """Move a row up; rows are put in place from the first on, so they never move down."""
        if old == new:
            return
        index = self.index_for(parent)
        self.beginMoveRows(index, old, old, index, new)
        parent.children.insert(new, parent.children.pop(old))
        self.endMoveRows()

    def _update(self, old: FolderNode, new: FolderNode) -> None:
        self._merge(old, new.children)
        old.folder_ids = new.folder_ids
        if old.shown == new.shown:
            return
        old.kind, old.title, old.account = new.kind, new.title, new.account
        old.folder, old.unread = new.folder, new.unread
        old.count, old.alarming = new.count, new.alarming
        self._announce(old)

    def _recount(self, folder_ids: frozenset[int]) -> None:
        """Read only these folders again: counts change many times a second while a sync runs."""
        for node in list(self.nodes()):
            if node.folder is None or node.folder.id not in folder_ids:
                continue
            folder = self._fresh(node.folder)
            if folder == node.folder:
                continue
            before, node.folder, node.unread = node.folder, folder, folder.unread_count
            self._announce(node)
            for unified in self._top.children:
                if folder.id in unified.folder_ids and unified.recount(before, folder):
                    self._announce(unified)

    def _fresh(self, folder: Folder) -> Folder:
        try:
            return self._folders.get(folder.id) or folder
        except StoreFailed as error:
            self.failed.emit(error)
            return folder

    def _announce(self, node: FolderNode) -> None:
        """A node's text or count changed, and with it what the collapsed nodes above it show."""
        above: FolderNode | None = node
        while above is not None and above is not self._top:
            index = self.index_for(above)
            self.dataChanged.emit(index, index)
            above = above.parent

    def _register(self, node: FolderNode) -> None:
        self._last_number += 1
        node.number = self._last_number
        self._nodes[node.number] = node
        for child in node.children:
            self._register(child)

    def _forget(self, node: FolderNode) -> None:
        del self._nodes[node.number]
        for child in node.children:
            self._forget(child)

    # QAbstractItemModel

    def index(self, row: int, column: int, parent: _Index = _ROOT) -> QModelIndex:
        above = self.node(parent) or self._top
        if column != 0 or not 0 <= row < len(above.children):
            return QModelIndex()
        return self.createIndex(row, 0, above.children[row].number)

    def parent(self, index: _Index = _ROOT) -> Any:
        # Any: QObject.parent() has the same name.
        node = self.node(index)
        return self.index_for(node.parent) if node and node.parent else QModelIndex()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        node = self.node(parent) or self._top
        return len(node.children)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 1

    def flags(self, index: _Index) -> Qt.ItemFlag:
        node = self.node(index)
        if node is None:
            return Qt.ItemFlag.NoItemFlags
        if node.kind == NodeKind.CONTAINER:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        node = self.node(index)
        if node is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return node.title
            case Qt.ItemDataRole.ToolTipRole:
                return self._tool_tip(node)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(node)
            case FolderRole.NODE:
                return node
            case FolderRole.STATE if node.kind == NodeKind.ACCOUNT and node.account:
                return self._states.get(node.account.id)
            case _:
                return None

    def _tool_tip(self, node: FolderNode) -> str | None:
        if node.folder is not None:
            counts = self.tr("{total:,} messages, {unread:,} unread").format(
                total=node.folder.message_count, unread=node.folder.unread_count
            )
            return f"{node.folder.path}\n{counts}"
        if node.kind == NodeKind.ACCOUNT and node.account:
            state = self._states.get(node.account.id)
            problem = state.problem.sentence if state and state.problem else ""
            return "\n".join(part for part in (node.account.address, problem) if part)
        if node.alarming:
            return self.tr("A message could not be sent, or may not have been. Open the outbox to see why.")
        return None

    def _spoken(self, node: FolderNode) -> str:
        if node.alarming:
            return self.tr("{name}, {count:,} messages, one needs you").format(
                name=node.title, count=node.count
            )
        if node.count:
            return self.tr("{name}, {count:,} messages").format(name=node.title, count=node.count)
        if not node.unread:
            return node.title
        return self.tr("{name}, {count:,} unread").format(name=node.title, count=node.unread)
