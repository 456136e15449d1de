"""What the window asks for before it can be put in: links, pictures, files."""

from __future__ import annotations

import uuid
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from qtmail.ui.composer import text_commands
from qtmail.ui.composer.composer_form import ComposerForm
from qtmail.ui.composer.link_dialog import LinkDialog

_PICTURES = "*.png *.jpg *.jpeg *.gif *.webp *.bmp"


class Insertions(QObject):
    """Asks, and puts what was answered into the form."""

    def __init__(self, window: QWidget, form: ComposerForm) -> None:
        super().__init__(window)
        self._window = window
        self._form = form
        form.toolbar.link_wanted.connect(self.ask_for_link)
        form.toolbar.picture_wanted.connect(self.ask_for_picture)

    def ask_for_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self._window, self.tr("Attach files"))
        self._form.attachments.add_files([Path(name) for name in names])

    def ask_for_picture(self) -> None:
        kinds = self.tr("Pictures ({0})").format(_PICTURES)
        title = self.tr("Put a picture into the text")
        name, _ = QFileDialog.getOpenFileName(self._window, title, "", kinds)
        if name:
            identity = self._form.identity()
            domain = identity.address.rpartition("@")[2] if identity else "localhost"
            content_id = f"{uuid.uuid4().hex}@{domain}"
            self._form.attachments.add_picture_file(Path(name), content_id, self._form.insert_picture_file)

    def ask_for_link(self) -> None:
        """Ask for a link in place of the selection, or for another target of the link at the cursor."""
        editor = self._form.editor
        link = text_commands.link_at(editor.textCursor())
        editor.setTextCursor(link)
        dialog = LinkDialog(link.charFormat().anchorHref(), link.selectedText(), self._window)
        dialog.accepted.connect(lambda: self._set_link(dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _set_link(self, dialog: LinkDialog) -> None:
        editor = self._form.editor
        if dialog.removed:
            text_commands.remove_link(editor)
        else:
            text_commands.set_link(editor, dialog.href(), dialog.text(), editor.inks())
        editor.setFocus()
