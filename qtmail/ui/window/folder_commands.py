"""What the user does to folders: make, rename, remove, and empty the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.models.folder_nodes import FolderNode, NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.folders.folder_name_dialog import FolderNameDialog
from qtmail.ui.folders.folder_pane import FolderPane
from qtmail.ui.shared.question import ask

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class FolderCommands(QObject):
    """Acts on the folder that is open."""

    def __init__(
        self, pane: FolderPane, folders: FolderTreeModel, service: MailService, window: QWidget
    ) -> None:
        super().__init__(window)
        self._pane = pane
        self._folders = folders
        self._service = service
        self._window = window

    # What is possible

    @property
    def account(self) -> Account | None:
        """The account of the open folder; in a view of all, the only one that can have own folders."""
        node = self._pane.current()
        if node is not None and node.account is not None:
            return node.account
        accounts = [one.account for one in self._folders.nodes() if one.kind is NodeKind.ACCOUNT]
        able = [one for one in accounts if one is not None and one.capabilities.own_folders] or accounts
        return able[0] if len(able) == 1 else None

    @property
    def can_make(self) -> bool:
        account = self.account
        return account is not None and account.capabilities.own_folders

    @property
    def own(self) -> FolderNode | None:
        """The open folder, if the user made it and may do so again."""
        node = self._pane.current()
        if node is None or node.folder is None or node.special_use is not None or not self.can_make:
            return None
        return node

    @property
    def trash(self) -> Folder | None:
        """The trash of the account, if something is in it that can be deleted."""
        account = self.account
        if account is None or not account.capabilities.moves:
            return None
        return next((one for one in self._listed(account) if _is_full_trash(one)), None)

    # The commands

    def create(self) -> None:
        """Ask for the name of a new folder, within the open one if that is the user's own."""
        account, above = self.account, self.own
        if account is None or not self.can_make:
            return
        prefix = _path(above) + "/" if above is not None else ""
        dialog = FolderNameDialog(self._taken(account), prefix, "", self._window)
        dialog.setWindowTitle(self.tr("New folder"))
        dialog.chosen.connect(lambda path: self._service.create_folder(account.id, path, self._show))
        dialog.open()

    def rename(self) -> None:
        node, account = self.own, self.account
        if node is None or node.folder is None or account is None:
            return
        folder, path = node.folder, _path(node)
        above = path[: len(path) - len(folder.name)]
        taken = [one for one in self._taken(account) if one != path]
        dialog = FolderNameDialog(taken, above, folder.name, self._window)
        dialog.setWindowTitle(self.tr("Rename folder"))
        dialog.chosen.connect(lambda chosen: self._rename(folder, chosen))
        dialog.open()

    def remove(self) -> None:
        """Remove the open folder; ask first, where messages or other folders are in it."""
        node = self.own
        if node is None or node.folder is None:
            return
        folder_id = node.folder.id
        count = sum(one.folder.message_count for one in _branch(node) if one.folder is not None)
        if not count and not node.children:
            self._service.remove_folder(folder_id)
            return
        question = self.tr("Remove the folder “{name}”?").format(name=node.title)
        words = {0: self.tr("The folders in it are removed, too."), 1: self.tr("Its message goes to Trash.")}
        many = self.tr("Its {n:,} messages, and those of the folders in it, go to Trash.")
        if not node.children:
            many = self.tr("Its {n:,} messages go to Trash.")
        consequence = words.get(count, many.format(n=count))
        ask(
            self._window,
            question,
            consequence,
            self.tr("&Remove"),
            lambda: self._service.remove_folder(folder_id),
        )

    def empty_trash(self) -> None:
        """Delete what is in the trash for good, once the user has agreed."""
        trash = self.trash
        if trash is None:
            return
        count = trash.message_count
        question = self.tr("Delete the message in Trash for good?")
        if count > 1:
            question = self.tr("Delete the {n:,} messages in Trash for good?").format(n=count)
        ask(
            self._window,
            question,
            self.tr("What is deleted cannot be brought back."),
            self.tr("&Empty Trash"),
            lambda: self._service.empty_trash(trash.account_id),
        )

    # Inside

    def _rename(self, folder: Folder, path: str) -> None:
        self._service.rename_folder(folder.id, path)
        # It is another node of the tree then, and stays the one that is open.
        self._pane.open(f"folder/{folder.account_id}/{path}")

    def _show(self, folder: Folder) -> None:
        self._pane.reveal(f"folder/{folder.account_id}/{folder.path}")

    def _listed(self, account: Account) -> list[Folder]:
        nodes = self._folders.nodes()
        return [one.folder for one in nodes if one.folder is not None and _is_of(one, account)]

    def _taken(self, account: Account) -> list[str]:
        return [folder.path for folder in self._listed(account)]


def _is_of(node: FolderNode, account: Account) -> bool:
    return node.account is not None and node.account.id == account.id


def _path(node: FolderNode) -> str:
    return node.folder.path if node.folder is not None else ""


def _branch(node: FolderNode) -> list[FolderNode]:
    return [node, *(below for child in node.children for below in _branch(child))]


def _is_full_trash(folder: Folder) -> bool:
    return folder.special_use is SpecialUse.TRASH and folder.message_count > 0
