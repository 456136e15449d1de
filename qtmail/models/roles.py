"""The columns and the data roles of the item models: what a delegate or a pane may ask an index for."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt

_FIRST = int(Qt.ItemDataRole.UserRole) + 1


class MessageColumn(IntEnum):
    """The columns of a message list. The card view shows everything in SUBJECT and hides the others."""

    FLAGGED = 0
    ATTACHMENT = 1
    SUBJECT = 2
    CORRESPONDENT = 3
    DATE = 4
    SIZE = 5


class MessageRole(IntEnum):
    """Roles of `MessageListModel`."""

    ROW = _FIRST
    """The `MessageRow`, or None when the message has gone from the store meanwhile."""


class FolderRole(IntEnum):
    """Roles of `FolderTreeModel`."""

    NODE = _FIRST
    """The `FolderNode` (models.folder_nodes)."""
    STATE = _FIRST + 1
    """The `AccountState` of an account's node, else None."""


class ValueRole(IntEnum):
    """Roles of `ValueListModel`."""

    VALUE = _FIRST
    """The value itself: an `OutboxItem`, a `Draft`."""
