"""The tree of the folder pane as plain values: which nodes there are, in which order, under which name.

On top the unified views and what is kept on this computer, then each account with its special folders first
and its own folders as a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.message import MessageQuery


class NodeKind(StrEnum):
    """What a node of the folder tree stands for."""

    ALL_INBOXES = "all-inboxes"
    ALL_UNREAD = "all-unread"
    ALL_FLAGGED = "all-flagged"
    ALL_DRAFTS = "all-drafts"
    """The Drafts folders of all accounts."""
    LOCAL_DRAFTS = "local-drafts"
    """What is being written on this computer."""
    OUTBOX = "outbox"
    ACCOUNT = "account"
    FOLDER = "folder"
    CONTAINER = "container"
    """A name that only holds other folders."""


LOCAL_PLACES = frozenset({NodeKind.LOCAL_DRAFTS, NodeKind.OUTBOX})
"""What is kept on this computer and not in folders; such a node is there only while it holds something."""


@dataclass(frozen=True, slots=True)
class LocalPlaces:
    """What the nodes of LOCAL_PLACES hold.

    Attributes:
        drafts, outgoing: how many messages.
        alarming: a message of the outbox waits for a decision of the user's.
        open_key: the key of the node the user looks at, which stays though it may be empty.
    """

    drafts: int = 0
    outgoing: int = 0
    alarming: bool = False
    open_key: str = ""


@dataclass(eq=False, slots=True)
class FolderNode:
    """One node of the folder tree.

    Attributes:
        key: what identifies it across rebuilds and restarts of the program.
        unread: unread messages in it (in all its folders, for a unified view).
        count: messages in it, where all of them matter and not only the unread: drafts, the outbox.
        alarming: something in it waits for a decision of the user's.
        folder_ids: the folders whose messages it shows; none for an account or a container.
        number: the identity the model gave it.
    """

    key: str
    kind: NodeKind
    title: str
    account: Account | None = None
    folder: Folder | None = None
    unread: int = 0
    count: int = 0
    alarming: bool = False
    folder_ids: tuple[int, ...] = ()
    children: list[FolderNode] = field(default_factory=list)
    parent: FolderNode | None = None
    number: int = 0

    @property
    def shown(self) -> tuple[object, ...]:
        """All that its row depends on."""
        return self.kind, self.title, self.account, self.folder, self.unread, self.count, self.alarming

    @property
    def special_use(self) -> SpecialUse | None:
        return self.folder.special_use if self.folder else None

    @property
    def query(self) -> MessageQuery | None:
        """What the message list shows for it, or None where there is nothing to show."""
        if self.kind in (NodeKind.ACCOUNT, NodeKind.CONTAINER) or self.kind in LOCAL_PLACES:
            return None
        return MessageQuery(
            self.folder_ids,
            unread=self.kind == NodeKind.ALL_UNREAD,
            flagged=self.kind == NodeKind.ALL_FLAGGED,
        )

    @property
    def shows_sent_mail(self) -> bool:
        """Whether its messages are told apart by their recipients."""
        return self.special_use in (SpecialUse.SENT, SpecialUse.DRAFTS) or self.kind == NodeKind.ALL_DRAFTS

    @property
    def counts_unread(self) -> bool:
        """Whether it is a unified view that sums the unread mail of its folders.

        *Flagged* does not: its mail is mostly read, and the number would be taken for that of flagged
        messages.
        """
        return self.kind in (NodeKind.ALL_INBOXES, NodeKind.ALL_UNREAD)

    def recount(self, before: Folder, after: Folder) -> bool:
        """One of the folders of this view has other counts than before; returns whether that shows."""
        shown = self.shown
        if self.counts_unread:
            self.unread += after.unread_count - before.unread_count
        elif self.kind == NodeKind.ALL_DRAFTS:
            self.count += after.message_count - before.message_count
        return self.shown != shown

    @property
    def unread_below(self) -> int:
        """Unread messages in the folders under this one, itself left out."""
        return sum(child.unread + child.unread_below for child in self.children)


_SPECIAL_ORDER = tuple(SpecialUse)
_NOT_UNIFIED = frozenset(
    {SpecialUse.JUNK, SpecialUse.TRASH, SpecialUse.DRAFTS, SpecialUse.ALL, SpecialUse.FLAGGED}
)
"""Folders left out of *Unread* and *Flagged*: what was thrown away, and views that show other folders' mail
again.
"""


_NOTHING_LOCAL = LocalPlaces()


def build_nodes(
    accounts: Sequence[Account], folders: Iterable[Folder], places: LocalPlaces = _NOTHING_LOCAL
) -> list[FolderNode]:
    """The top of the tree for these accounts; empty without any."""
    by_account: dict[int, list[Folder]] = {account.id: [] for account in accounts}
    for folder in folders:
        if folder.account_id in by_account:
            by_account[folder.account_id].append(folder)
    if not accounts:
        return []
    known = [folder for its_folders in by_account.values() for folder in its_folders]
    trees = [_account_node(account, by_account[account.id]) for account in accounts]
    return [*_unified(known), *_local(places), *trees]


def is_unified(folder: Folder) -> bool:
    """Whether a folder's mail counts in *Unread* and *Flagged*."""
    return folder.selectable and folder.special_use not in _NOT_UNIFIED


def _unified(folders: Sequence[Folder]) -> list[FolderNode]:
    inboxes = [folder for folder in folders if folder.special_use == SpecialUse.INBOX]
    ordinary = [folder for folder in folders if is_unified(folder)]
    drafts = [folder for folder in folders if folder.special_use == SpecialUse.DRAFTS and folder.selectable]
    nodes = [
        _unified_node(NodeKind.ALL_INBOXES, _words("All inboxes"), inboxes),
        _unified_node(NodeKind.ALL_UNREAD, _words("Unread"), ordinary),
        _unified_node(NodeKind.ALL_FLAGGED, _words("Flagged"), ordinary),
    ]
    if drafts:
        nodes.append(_unified_node(NodeKind.ALL_DRAFTS, _words("Drafts"), drafts))
    return nodes


def _local(places: LocalPlaces) -> list[FolderNode]:
    nodes = [
        FolderNode(
            NodeKind.LOCAL_DRAFTS,
            NodeKind.LOCAL_DRAFTS,
            _words("Drafts on this computer"),
            count=places.drafts,
        ),
        FolderNode(
            NodeKind.OUTBOX,
            NodeKind.OUTBOX,
            _words("Outbox"),
            count=places.outgoing,
            alarming=places.alarming,
        ),
    ]
    return [node for node in nodes if node.count or node.key == places.open_key]


def _unified_node(kind: NodeKind, title: str, folders: Sequence[Folder]) -> FolderNode:
    node = FolderNode(kind, kind, title, folder_ids=tuple(folder.id for folder in folders))
    if node.counts_unread:
        node.unread = sum(folder.unread_count for folder in folders)
    elif kind == NodeKind.ALL_DRAFTS:
        node.count = sum(folder.message_count for folder in folders)
    return node


def _account_node(account: Account, folders: Sequence[Folder]) -> FolderNode:
    top = FolderNode(f"account/{account.id}", NodeKind.ACCOUNT, account.name, account)
    nodes: dict[str, FolderNode] = {}
    for folder in sorted(folders, key=_order):
        node = _folder_node(account, folder)
        special = folder.special_use is not None
        parent = top if special else _parent(nodes, top, account, folder.path, folder.delimiter)
        _attach(node, parent)
        nodes[folder.path] = node
    _drop_empty_containers(top)
    return top


def _order(folder: Folder) -> tuple[int, list[str]]:
    """Special folders in the order of `SpecialUse`, then by name, each folder before those under it."""
    rank = _SPECIAL_ORDER.index(folder.special_use) if folder.special_use else len(_SPECIAL_ORDER)
    names = folder.path.split(folder.delimiter) if folder.delimiter else [folder.path]
    return rank, [name.casefold() for name in names]


def _folder_node(account: Account, folder: Folder) -> FolderNode:
    return FolderNode(
        _key(account, folder.path),
        NodeKind.FOLDER if folder.selectable else NodeKind.CONTAINER,
        special_name(folder.special_use) if folder.special_use else folder.name,
        account,
        folder,
        unread=folder.unread_count,
        folder_ids=(folder.id,) if folder.selectable else (),
    )


def _parent(
    nodes: dict[str, FolderNode], top: FolderNode, account: Account, path: str, delimiter: str
) -> FolderNode:
    """The node above `path`; made up where the server lists a folder but not the one that holds it."""
    above, _, _ = path.rpartition(delimiter) if delimiter else ("", "", "")
    if not above:
        return top
    if above not in nodes:
        name = above.rpartition(delimiter)[2]
        nodes[above] = FolderNode(_key(account, above), NodeKind.CONTAINER, name, account)
        _attach(nodes[above], _parent(nodes, top, account, above, delimiter))
    return nodes[above]


def _attach(node: FolderNode, parent: FolderNode) -> None:
    node.parent = parent
    parent.children.append(node)


def _drop_empty_containers(node: FolderNode) -> None:
    """Leave out names that hold nothing to show, such as "[Gmail]" once its special folders stand at the
    top.
    """
    for child in node.children:
        _drop_empty_containers(child)
    node.children = [child for child in node.children if child.kind != NodeKind.CONTAINER or child.children]


def _key(account: Account, path: str) -> str:
    return f"folder/{account.id}/{path}"


def path_words(folder: Folder) -> str:
    """The path of a folder as people read it: the inbox is INBOX on every server (RFC 3501, section 5.1)."""
    return special_name(SpecialUse.INBOX) if folder.special_use is SpecialUse.INBOX else folder.path


def special_name(use: SpecialUse) -> str:
    """What people call a special folder, whatever the server's name for it is."""
    match use:
        case SpecialUse.INBOX:
            return _words("Inbox")
        case SpecialUse.DRAFTS:
            return _words("Drafts")
        case SpecialUse.SENT:
            return _words("Sent")
        case SpecialUse.ARCHIVE:
            return _words("Archive")
        case SpecialUse.JUNK:
            return _words("Junk")
        case SpecialUse.TRASH:
            return _words("Trash")
        case SpecialUse.ALL:
            return _words("All mail")
        case SpecialUse.FLAGGED:
            return _words("Flagged")


def _words(text: str) -> str:
    return QCoreApplication.translate("FolderTree", text)
