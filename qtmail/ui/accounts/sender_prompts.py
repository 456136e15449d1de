"""The dialogs about who writes and what is written often: identities, signatures, templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService


class SenderPrompts(QObject):
    """Opens them over the window, none of them stopping the program."""

    def __init__(
        self, service: ComposeService, folders: FolderTreeModel, theme: Theme, window: QWidget
    ) -> None:
        super().__init__(window)
        self._service = service
        self._folders = folders
        self._theme = theme
        self._window = window

    # Editor and address reader take 70 ms to import: not before the window is shown.

    def edit_identities(self) -> None:
        from qtmail.ui.accounts.identities_dialog import IdentitiesDialog  # noqa: PLC0415  # see above

        folders = [node.folder for node in self._folders.nodes() if node.folder is not None]
        self._open(IdentitiesDialog(self._service, folders, self._theme, self._window))

    def edit_templates(self) -> None:
        from qtmail.ui.composer.templates_dialog import TemplatesDialog  # noqa: PLC0415  # see above

        self._open(TemplatesDialog(self._service, self._theme, self._window))

    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
