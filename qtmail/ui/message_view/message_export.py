"""A message on paper, as PDF, as a file of its own, and its source on the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from qtmail.errors import QtmailError
from qtmail.mime.message import ParsedMessage
from qtmail.models.background import Background
from qtmail.ui.message_view.attachment_files import safe_name, write_file
from qtmail.ui.message_view.message_body import MessageBody
from qtmail.ui.message_view.source_window import SourceWindow
from qtmail.ui.shared.desktop import Desktop
from qtmail.ui.shared.theme import Theme

UseSource = Callable[[bytes], None]


class MessageExport(QObject):
    """Carries out printing, saving and viewing of the message on display.

    Signals:
        source_wanted: the message's raw bytes are needed; answer with `source_ready` or `source_failed`.
        done(sentence), failed(sentence): told in words.
    """

    source_wanted = Signal()
    done = Signal(str)
    failed = Signal(str)

    def __init__(
        self, window: QWidget, body: MessageBody, theme: Theme, background: Background, desktop: Desktop
    ) -> None:
        super().__init__(window)
        self._window = window
        self._body = body
        self._theme = theme
        self._background = background
        self._desktop = desktop
        self._message: ParsedMessage | None = None
        self._source: bytes | None = None
        self._waiting: list[UseSource] = []

    def set_message(self, message: ParsedMessage | None) -> None:
        """The message now on display; what still waits for the source of another is forgotten."""
        self._message = message
        self._source = message.raw if message is not None else None
        self._waiting.clear()

    def source_ready(self, source: bytes) -> None:
        self._source = source
        waiting, self._waiting = self._waiting, []
        for use in waiting:
            use(source)

    def source_failed(self, sentence: str) -> None:
        if self._waiting:
            self._waiting.clear()
            self.failed.emit(sentence)

    def print_message(self) -> None:
        if self._message is None:
            return
        printer = self._desktop.choose_printer(self._window, self._title())
        if printer is None:
            return

        def finished(worked: bool) -> None:
            if not worked:
                self.failed.emit(self.tr("The message could not be printed."))

        self._body.print_on(printer, finished)

    def save_pdf(self) -> None:
        if self._message is None:
            return
        path = self._desktop.choose_file(self._window, self.tr("Save as PDF"), self._file_name("pdf"))
        if path is None:
            return

        def finished(worked: bool) -> None:
            if worked:
                self.done.emit(self.tr("The message was saved as “{0}”.").format(path.name))
            else:
                self.failed.emit(self.tr("“{0}” could not be written.").format(path.name))

        self._body.save_pdf(str(path), finished)

    def save_message(self) -> None:
        """Save the message as it is on the wire (an .eml file)."""
        if self._message is None:
            return
        path = self._desktop.choose_file(self._window, self.tr("Save message"), self._file_name("eml"))
        if path is None:
            return

        def written(_none: None) -> None:
            self.done.emit(self.tr("The message was saved as “{0}”.").format(path.name))

        def failed(error: QtmailError) -> None:
            self.failed.emit(str(error))

        self.with_source(lambda source: self._submit(lambda: write_file(path, source), written, failed))

    def view_source(self) -> None:
        self.with_source(lambda source: self._open(self.tr("Source of “{0}”"), source))

    def view_headers(self) -> None:
        if self._message is not None:
            fields = "\n".join(f"{name}: {value}" for name, value in self._message.headers)
            self._open(self.tr("Header fields of “{0}”"), fields.encode("utf-8", "replace"))

    def with_source(self, use: UseSource) -> None:
        """Call `use` with the message's raw bytes: at once, or when they have come."""
        if self._message is None:
            return
        if self._source is not None:
            use(self._source)
            return
        self._waiting.append(use)
        if len(self._waiting) == 1:
            self.source_wanted.emit()

    def _open(self, title: str, source: bytes) -> None:
        window = SourceWindow(self._theme, title.format(self._title()), source, self._window)
        window.save_wanted.connect(self.save_message)
        window.show()

    def _submit(
        self, work: Callable[[], None], done: Callable[[None], None], failed: Callable[[QtmailError], None]
    ) -> None:
        self._background.submit(work, done, failed)

    def _title(self) -> str:
        subject = self._message.envelope.subject if self._message else ""
        return subject or self.tr("(no subject)")

    def _file_name(self, suffix: str) -> str:
        subject = self._message.envelope.subject.replace("/", "-") if self._message else ""
        return safe_name(f"{subject or self.tr('Message')}.{suffix}")
