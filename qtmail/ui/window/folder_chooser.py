"""Chooses the folder that messages are moved to: a few letters of its name, and Enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from qtmail.models.folder_nodes import FolderNode
from qtmail.ui.folders.folder_delegate import node_icon
from qtmail.ui.shared.icons import icon
from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.quick_pick import Pick, QuickPick

_LEVEL = " › "


class FolderChooser(QuickPick):
    """Lists folders by their names, those above them first.

    Args:
        folders: in the order in which they are offered.
        chosen: called with the folder.
    """

    def __init__(
        self,
        folders: Iterable[FolderNode],
        chosen: Callable[[FolderNode], None],
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(
            [_pick(folder, chosen) for folder in folders],
            theme,
            parent,
            prompt=_words("Where to?"),
            name=_words("Move to folder"),
            nothing=_words("No folder is called that."),
        )


def folder_title(node: FolderNode) -> str:
    """What people call a folder, with the folders above it."""
    folder = node.folder
    if folder is None or node.special_use is not None or not folder.delimiter:
        return node.title
    return folder.path.replace(folder.delimiter, _LEVEL)


def _pick(node: FolderNode, chosen: Callable[[FolderNode], None]) -> Pick:
    account = node.account.name if node.account is not None else ""
    return Pick(folder_title(node), account, icon(node_icon(node)), lambda: chosen(node))


def _words(text: str) -> str:
    return QCoreApplication.translate("FolderChooser", text)
