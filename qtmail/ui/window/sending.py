"""The outbox and the drafts on this computer in the main window: their places, their counts, their strips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from qtmail.domain.events import StoreChange
from qtmail.models.drafts import DraftsModel
from qtmail.models.folder_nodes import FolderNode, NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.outbox import OutboxModel
from qtmail.ui.drafts.draft_strips import DraftStrips
from qtmail.ui.drafts.draft_texts import described as draft_described
from qtmail.ui.drafts.drafts_pane import DraftsPane
from qtmail.ui.outbox.outbox_commands import OutboxCommands
from qtmail.ui.outbox.outbox_pane import OutboxPane
from qtmail.ui.outbox.outbox_texts import described as item_described
from qtmail.ui.outbox.outgoing_strips import OutgoingStrips
from qtmail.ui.shared.notice_strip import NoticeArea
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from qtmail.workers.compose_service import ComposeService


class Sending(QObject):
    """Follows the outbox and the drafts, and keeps all that shows them in step.

    Attributes:
        outbox, drafts: the panes that take the place of the message list.

    Signals:
        draft_wanted: a draft is to be opened in a composer; carries the `Draft`.
        outbox_wanted: the outbox is to be shown; its item is chosen already.
        failed: carries the `QtmailError`.
    """

    draft_wanted = Signal(object)
    outbox_wanted = Signal()
    failed = Signal(object)

    def __init__(
        self,
        service: ComposeService,
        folders: FolderTreeModel,
        area: NoticeArea,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._folders = folders
        self._items = OutboxModel(service.outbox, item_described, self)
        self._drafts = DraftsModel(service.drafts, draft_described, self)
        self._commands = OutboxCommands(service, self)
        self.outbox = OutboxPane(self._items, self._commands, theme)
        self.drafts = DraftsPane(service, self._drafts, theme)
        self.strips = OutgoingStrips(self._items, self._commands, area, self)
        self.draft_strips = DraftStrips(service, self._drafts, area, self)
        self._connect()

    def load(self) -> None:
        """Read both for the first time, and offer what was being written when the program ended."""
        self._items.load()
        self._drafts.load()
        self.draft_strips.offer_recovery()

    def apply(self, change: StoreChange) -> None:
        """Follow a committed change."""
        self._items.apply(change)
        self._drafts.apply(change)

    def place_of(self, node: FolderNode) -> QWidget | None:
        """The pane that shows a node of the folder tree; None: the message list does."""
        return {NodeKind.OUTBOX: self.outbox, NodeKind.LOCAL_DRAFTS: self.drafts}.get(node.kind)

    def send_queued(self) -> None:
        self._commands.send_queued(self._items.values)

    def _show_item(self, item_id: int) -> None:
        self.outbox.show_item(item_id)
        self.outbox_wanted.emit()

    def _count_items(self) -> None:
        self._folders.set_outbox(self._items.rowCount(), alarming=self._items.alarming)

    def _count_drafts(self) -> None:
        self._folders.set_local_drafts(self._drafts.rowCount())

    def _connect(self) -> None:
        self._items.followed.connect(self._count_items)
        self._drafts.followed.connect(self._count_drafts)
        self.strips.item_wanted.connect(self._show_item)
        self.drafts.discarded.connect(self.draft_strips.note_discarded)
        for source in (self._commands, self.drafts, self.draft_strips):
            source.draft_wanted.connect(self.draft_wanted)
            source.failed.connect(self.failed)
