"""Keeps the actions that move messages and change folders in step with what can be done, and says of the
others why not.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from qtmail.ui.message_list.message_list_pane import MessageListPane
from qtmail.ui.window.actions import Actions
from qtmail.ui.window.folder_commands import FolderCommands
from qtmail.ui.window.move_commands import MoveCommands

_MOVES = (
    "message.archive",
    "message.delete",
    "message.delete_for_good",
    "message.junk",
    "message.not_junk",
    "message.move",
)
_REMAINDERS = ("message.download", "message.delete_on_server")


class MoveActions(QObject):
    """Follows the selection, the open folder and what can be undone."""

    def __init__(
        self, actions: Actions, messages: MessageListPane, moves: MoveCommands, folders: FolderCommands
    ) -> None:
        super().__init__(messages)
        self._actions = actions
        self._messages = messages
        self._moves = moves
        self._folders = folders
        messages.selection_changed.connect(self.refresh)
        moves.undo_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Something else is selected, another folder is open, or what is in the folders changed."""
        self._follow_selection()
        self._follow_folder()
        self._actions["edit.undo_move"].setEnabled(self._moves.can_undo)

    def _follow_selection(self) -> None:
        selected = self._messages.selected_count() > 0
        able = self._moves.capabilities.moves
        # Without a selection there is nobody's account to ask, and nothing to explain.
        why = _words("Moving and deleting mail on IMAP servers is not there yet.") if selected else ""
        for action_id in _MOVES:
            self._actions.allow(action_id, selected and able, "" if able else why)
        self._actions["message.junk"].setVisible(not self._moves.in_junk)
        self._actions["message.not_junk"].setVisible(self._moves.in_junk)
        row = self._messages.current_message()
        for action_id in _REMAINDERS:
            self._actions[action_id].setEnabled(row is not None and row.header_only)

    def _follow_folder(self) -> None:
        folders = self._folders
        why = ""
        if folders.account is not None and not folders.can_make:
            why = _words("Changing folders on IMAP servers is not there yet.")
        self._actions.allow("folder.new", folders.can_make, why)
        for action_id in ("folder.rename", "folder.remove"):
            self._actions.allow(action_id, folders.own is not None, why)
        self._actions.allow("folder.empty_trash", folders.trash is not None, why)


def _words(text: str) -> str:
    return QCoreApplication.translate("MoveActions", text)
