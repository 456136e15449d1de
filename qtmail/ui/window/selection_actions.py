"""Keeps the actions in step with the selection: which make sense, and what the toggles would do."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from qtmail.domain.message import Flag
from qtmail.ui.activity.status_bar import StatusBar
from qtmail.ui.message_list.message_list_pane import MessageListPane
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.window.action_table import ANSWERS
from qtmail.ui.window.actions import Actions
from qtmail.ui.window.toolbar import MainToolBar

_ONE = ("message.open", *ANSWERS)
"""Actions on one message."""
_ANY = ("message.read", "message.unread", "message.toggle_read", "message.toggle_flag")
"""Actions on one message or several."""


class SelectionActions(QObject):
    """Follows the selection of the message list."""

    def __init__(
        self, actions: Actions, toolbar: MainToolBar, messages: MessageListPane, status: StatusBar
    ) -> None:
        super().__init__(messages)
        self._actions = actions
        self._messages = messages
        self._status = status
        self._read_texts = (_words("Mark as read"), _words("Mark as unread"))
        self._flag_texts = (_words("Flag"), _words("Unflag"))
        toolbar.reserve(actions["message.toggle_read"], self._read_texts)
        toolbar.reserve(actions["message.toggle_flag"], self._flag_texts)
        messages.selection_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Other messages are selected, or their flags are others."""
        count = self._messages.selected_count()
        self._status.show_hint(_words("{count:,} selected").format(count=count) if count > 1 else "")
        for action_id in _ANY:
            self._actions[action_id].setEnabled(count > 0)
        for action_id in _ONE:
            self._actions[action_id].setEnabled(count == 1)
        row = self._messages.current_message()
        if row is not None:
            self._word_toggles(unread=row.unread, flagged=bool(row.flags & Flag.FLAGGED))

    def _word_toggles(self, *, unread: bool, flagged: bool) -> None:
        """Let the toggles of the toolbar say what they would do."""
        read, flag = self._actions["message.toggle_read"], self._actions["message.toggle_flag"]
        read.setIconText(self._read_texts[0 if unread else 1])
        read.setIcon(icon(IconName.MARK_READ if unread else IconName.MARK_UNREAD))
        flag.setIconText(self._flag_texts[1 if flagged else 0])
        flag.setIcon(icon(IconName.FLAG_FILLED if flagged else IconName.FLAG))


def _words(text: str) -> str:
    return QCoreApplication.translate("SelectionActions", text)
