"""Item views of dialogs with some room around their rows."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView


def give_room(view: QAbstractItemView) -> None:
    """Set the rows of a list or tree apart, so that they can be told and hit."""
    view.setStyleSheet("QAbstractItemView::item { padding: 4px 6px; }")
