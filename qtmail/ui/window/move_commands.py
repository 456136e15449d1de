"""What the user does to messages that changes where they are: archive, delete, junk, move; and undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from qtmail.domain.capabilities import Capabilities
from qtmail.domain.folder import SpecialUse
from qtmail.domain.moves import Moved
from qtmail.models.folder_nodes import FolderNode, NodeKind, special_name
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.shared.notice_strip import NoticeArea
from qtmail.ui.shared.passing_notice import show_passing_notice
from qtmail.ui.shared.question import ask
from qtmail.ui.shared.subjects import short_subject
from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.folder_chooser import FolderChooser, folder_title

if TYPE_CHECKING:
    from qtmail.ui.message_list.message_list_pane import MessageListPane
    from qtmail.workers.mail_service import MailService

_UNDO_MS = 10_000
_MOST_UNDONE = 20
_STRIP = "moved"
_NOTHING = Capabilities()
_SELDOM = frozenset({SpecialUse.DRAFTS, SpecialUse.SENT, SpecialUse.JUNK, SpecialUse.TRASH})
"""Folders that are seldom chosen by name."""


@dataclass(frozen=True, slots=True)
class _Act:
    """Something that was asked for.

    Attributes:
        subject: of the only message; "" for several.
        first: the id of the first message.
        where: what people call the place the messages go to.
    """

    subject: str
    first: int
    where: str


class MoveCommands(QObject):
    """Acts on the selected messages; the list goes on at the next one at once.

    Signals:
        undo_changed: there is a move now that can be undone, or no longer one.
    """

    undo_changed = Signal()

    def __init__(
        self,
        messages: MessageListPane,
        folders: FolderTreeModel,
        service: MailService,
        area: NoticeArea,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._messages = messages
        self._folders = folders
        self._service = service
        self._area = area
        self._theme = theme
        self._window = window
        self._undoable: list[tuple[Moved, _Act]] = []
        self._latest_targets: list[int] = []

    # What is possible

    @property
    def capabilities(self) -> Capabilities:
        """What can be done with the selected messages. In a view of several accounts the current one decides;
        where others cannot follow it, nothing is done, and that is said.
        """
        node = self._messages.node
        account = node.account if node is not None else None
        if account is None and (row := self._messages.current_message()) is not None:
            account = self._folders.account(row.account_id)
        return account.capabilities if account is not None else _NOTHING

    @property
    def in_junk(self) -> bool:
        node = self._messages.node
        return node is not None and node.special_use is SpecialUse.JUNK

    @property
    def can_undo(self) -> bool:
        return bool(self._undoable)

    def takes(self, node: FolderNode) -> bool:
        """Whether the selected messages can be put into a folder."""
        return self.capabilities.moves and node in self._targets()

    # The commands

    def archive(self) -> None:
        self._move_away(SpecialUse.ARCHIVE, self._service.archive_messages)

    def delete(self) -> None:
        """Put into the trash what is not in it; delete for good what is, once the user has agreed."""
        node = self._messages.node
        if node is not None and node.special_use is SpecialUse.TRASH:
            self.delete_for_good()
        else:
            self._move_away(SpecialUse.TRASH, self._service.delete_messages)

    def delete_for_good(self) -> None:
        self._messages.with_selection(self._ask_to_delete)

    def mark_junk(self) -> None:
        self._move_away(SpecialUse.JUNK, self._service.mark_junk)

    def mark_not_junk(self) -> None:
        self._move_away(SpecialUse.INBOX, lambda ids, done: self._service.mark_junk(ids, done, junk=False))

    def choose_folder(self) -> None:
        """Ask where to put the selected messages; where the last ones went is offered first."""
        targets = sorted(self._targets(), key=self._place_in_chooser)
        chooser = FolderChooser(targets, self._move_selected, self._theme, self._window)
        chooser.open_over(self._window)

    def drop(self, message_ids: Sequence[int], node: FolderNode) -> None:
        """Put messages into the folder they were dropped on."""
        self._move_to(message_ids, node)

    def undo(self) -> None:
        """Put back what was moved last."""
        if self._undoable:
            self._undo(*self._undoable[-1])

    # Inside

    def _targets(self) -> Iterator[FolderNode]:
        """The folders that messages can be put into, in the order of the tree."""
        here = self._messages.node
        for node in self._folders.nodes():
            able = node.account is not None and node.account.capabilities.moves
            if able and node.kind is NodeKind.FOLDER and (here is None or node.key != here.key):
                yield node

    def _place_in_chooser(self, node: FolderNode) -> tuple[int, bool]:
        latest, folder_id = self._latest_targets, _id(node)
        recency = latest.index(folder_id) if folder_id in latest else len(latest)
        return recency, node.special_use in _SELDOM

    def _move_selected(self, node: FolderNode) -> None:
        self._messages.with_selection(lambda ids: self._move_to(ids, node))

    def _move_to(self, ids: Sequence[int], node: FolderNode) -> None:
        folder_id = _id(node)
        self._latest_targets = [folder_id, *(one for one in self._latest_targets if one != folder_id)]
        self._run(
            ids, folder_title(node), lambda ids, done: self._service.move_messages(ids, folder_id, done)
        )

    def _move_away(
        self, use: SpecialUse, request: Callable[[Sequence[int], Callable[[Moved], None]], None]
    ) -> None:
        self._messages.with_selection(lambda ids: self._run(ids, special_name(use), request))

    def _ask_to_delete(self, ids: Sequence[int]) -> None:
        count = len(ids)
        question = self.tr("Delete this message for good?")
        if count > 1:
            question = self.tr("Delete {n:,} messages for good?").format(n=count)

        def delete() -> None:
            self._run(ids, "", lambda ids, done: self._service.delete_messages(ids, done, for_good=True))

        consequence = self.tr("It cannot be brought back.")
        if count > 1:
            consequence = self.tr("They cannot be brought back.")
        ask(self._window, question, consequence, self.tr("&Delete for good"), delete)

    def _run(
        self,
        ids: Sequence[int],
        where: str,
        request: Callable[[Sequence[int], Callable[[Moved], None]], None],
    ) -> None:
        row = self._messages.selected_message()
        act = _Act(row.subject if row is not None and len(ids) == 1 else "", ids[0], where)
        self._messages.leave_selection()
        request(ids, lambda moved: self._note(moved, act))

    def _note(self, moved: Moved, act: _Act) -> None:
        if not moved.count:
            return
        self._undoable = [*self._undoable, (moved, act)][-_MOST_UNDONE:]
        self.undo_changed.emit()
        undo = (self.tr("Undo"), lambda: self._undo(moved, act))
        show_passing_notice(
            self._area, _STRIP, self._sentence(moved, act), milliseconds=_UNDO_MS, actions=[undo]
        )

    def _sentence(self, moved: Moved, act: _Act) -> str:
        if moved.count > 1:
            words = self.tr("{n:,} messages were moved to {where}.")
            return words.format(n=moved.count, where=act.where)
        if not act.subject:
            return self.tr("The message was moved to {where}.").format(where=act.where)
        words = self.tr("“{subject}” was moved to {where}.")
        return words.format(subject=short_subject(act.subject), where=act.where)

    def _undo(self, moved: Moved, act: _Act) -> None:
        self._undoable = [one for one in self._undoable if one[0] is not moved]
        self._area.remove(_STRIP)
        self.undo_changed.emit()
        self._service.undo_move(moved)
        node = self._messages.node
        folder = node.folder if node is not None else None
        back = moved.lots[0]
        if folder is not None and (folder.account_id, folder.wire_name) == (back.account_id, back.folder):
            self._messages.select_when_back(act.first)


def _id(node: FolderNode) -> int:
    return node.folder.id if node.folder is not None else 0
