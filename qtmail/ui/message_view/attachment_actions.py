"""What a user does with attachments: open, save, save all, drag out. Files are written off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from qtmail.errors import FileFailed, QtmailError
from qtmail.mime.message import Attachment
from qtmail.models.background import Background
from qtmail.ui.message_view.attachment_files import (
    OpenedFiles,
    is_risky,
    numbered_names,
    safe_name,
    write_file,
)
from qtmail.ui.message_view.message_parts import MessageParts
from qtmail.ui.shared.desktop import Desktop

T = TypeVar("T")


class AttachmentActions(QObject):
    """Carries out what the user wants with the attachments of the message on display.

    Signals:
        busy(section, bool): the part is being fetched, or no longer.
        failed(sentence): something did not work; told in words.
        risky(attachment): the user wants to open what may be a program; `open(…, risky_too=True)` does it.
    """

    busy = Signal(str, bool)
    failed = Signal(str)
    risky = Signal(object)

    def __init__(
        self, window: QWidget, background: Background, desktop: Desktop, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._background = background
        self._desktop = desktop
        self._files = OpenedFiles()
        self._parts: MessageParts | None = None

    def set_parts(self, parts: MessageParts | None) -> None:
        """The parts of the message now on display."""
        self._parts = parts

    def open(self, attachment: Attachment, *, risky_too: bool = False) -> None:
        """Hand the attachment to the program that the system opens such files with."""
        if is_risky(attachment.filename) and not risky_too:
            self.risky.emit(attachment)
            return

        def keep(content: bytes) -> None:
            self._in_background(lambda: self._files.write(attachment.filename, content), self._open_file)

        self.with_content(attachment, keep)

    def save(self, attachment: Attachment) -> None:
        """Ask where, and save the attachment there."""
        name = safe_name(attachment.filename, attachment.content_type)
        path = self._desktop.choose_file(self._window, self.tr("Save attachment"), name)
        if path is not None:
            self._save_to(path, attachment)

    def save_all(self, attachments: Sequence[Attachment]) -> None:
        """Ask for a directory, and save the attachments in it; a file that is there already is never
        replaced.
        """
        directory = self._desktop.choose_directory(self._window, self.tr("Save all attachments in"))
        if directory is None:
            return
        try:
            taken = [path.name for path in directory.iterdir()]
        except OSError as error:
            self.failed.emit(self.tr("The folder cannot be read: {0}.").format(error.strerror))
            return
        names = [safe_name(attachment.filename, attachment.content_type) for attachment in attachments]
        for attachment, name in zip(attachments, numbered_names(names, taken), strict=True):
            self._save_to(directory / name, attachment)

    def file_for_drag(self, attachment: Attachment) -> Path | None:
        """A file to drag out; None while the content is not here: it is then asked for."""
        content = self._parts.content(attachment.section) if self._parts else None
        if content is None:
            self.with_content(attachment, lambda _content: None)
            return None
        try:
            return self._files.write(attachment.filename, content)
        except FileFailed as error:
            self.failed.emit(str(error))
            return None

    def with_content(self, attachment: Attachment, use: Callable[[bytes], None]) -> None:
        """Call `use` with the attachment's bytes, at once or when they have come."""
        if self._parts is None:
            return
        section = attachment.section

        def arrived(content: bytes | None) -> None:
            self.busy.emit(section, False)
            if content is not None:
                use(content)

        self.busy.emit(section, self._parts.content(section) is None)
        self._parts.request(section, arrived)

    def _save_to(self, path: Path, attachment: Attachment) -> None:
        self.with_content(
            attachment,
            lambda content: self._in_background(lambda: write_file(path, content), lambda _none: None),
        )

    def _open_file(self, path: Path) -> None:
        if not self._desktop.open_file(path):
            self.failed.emit(self.tr("No program is known that opens “{0}”.").format(path.name))

    def _in_background(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        def failed(error: QtmailError) -> None:
            self.failed.emit(str(error))

        self._background.submit(work, done, failed)
