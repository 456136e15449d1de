"""Messages in windows of their own: from the list, from a file, from within another message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Signal

from qtmail.domain.message import MessageRow
from qtmail.errors import FileFailed, QtmailError
from qtmail.mime.message import ParsedMessage
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.window.message_window import MessageWindow

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.mail_service import MailService


class MessageWindows(QObject):
    """Opens message windows and keeps them alive while they are open.

    Signals:
        failed: a file could not be opened; carries the `QtmailError`.
        mail_link_activated: a `mailto:` link was clicked in one of the windows.
        answer_wanted: as that of `MessageWindow`.
    """

    failed = Signal(object)
    mail_link_activated = Signal(str)
    answer_wanted = Signal(object, object, object, str)

    def __init__(
        self,
        service: MailService,
        compose: ComposeService,
        make_view: Callable[[], MessageView],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._compose = compose
        self._make_view = make_view
        self._windows: list[MessageWindow] = []

    def windows(self) -> list[MessageWindow]:
        """Those that are open."""
        return list(self._windows)

    def open_file(self, path: Path) -> None:
        """Show a message file; reading and parsing it is left to the background."""
        self._service.background.submit(lambda: read_message_file(path), self.open_message, self._fail)

    def open_bytes(self, raw: bytes) -> None:
        """Show a message that was attached to another."""
        self._service.background.submit(lambda: _parse(raw), self.open_message, self._fail)

    def open_message(self, message: ParsedMessage, row: MessageRow | None = None) -> None:
        window = MessageWindow(self._make_view(), self._service, self._compose, message, row)
        window.view.message_opened.connect(self.open_bytes)
        window.view.mail_link_activated.connect(self.mail_link_activated)
        window.answer_wanted.connect(self.answer_wanted)
        window.closed.connect(lambda: self._windows.remove(window))
        self._windows.append(window)
        window.show()
        window.activateWindow()

    def close_all(self) -> None:
        for window in self.windows():
            window.close()

    def _fail(self, error: QtmailError) -> None:
        self.failed.emit(error)


def message_files(data: QMimeData) -> list[Path]:
    """The message files among what is being dropped."""
    paths = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in paths if path.suffix.lower() == ".eml"]


def read_message_file(path: Path) -> ParsedMessage:
    """Read a message file. Raises FileFailed."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FileFailed(
            f"The file {path.name} could not be read.",
            advice="See whether it is still there and whether you may read it.",
            detail=str(error),
        ) from error
    return _parse(raw)


def _parse(raw: bytes) -> ParsedMessage:
    # The parser and its libraries take 100 ms to import: not before the window is shown.
    from qtmail.mime.parser import parse  # noqa: PLC0415

    return parse(raw)
