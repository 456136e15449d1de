"""The contents of one open message's parts: those that are here, and those that must be fetched first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from qtmail.mime.message import ParsedMessage

PartDone = Callable[[bytes | None], None]
"""Called once with the decoded bytes, or with None where they could not be had."""


class MessageParts(QObject):
    """Knows the parts of one message by section, and asks for each missing one only once.

    Signals:
        wanted(section): a part is needed that is not loaded; answer with `supply` or `fail`.
    """

    wanted = Signal(str)

    def __init__(self, message: ParsedMessage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._types: dict[str, str] = {}
        self._contents: dict[str, bytes] = {}
        self._waiting: dict[str, list[PartDone]] = {}
        for part in message.root.walk():
            if not part.children:
                self._know(part.section, part.content_type, part.content)
        for attachment in message.attachments:
            self._know(attachment.section, attachment.content_type, attachment.content)

    def content_type(self, section: str) -> str:
        """The MIME type of a part, or "" if there is none of that section."""
        return self._types.get(section, "")

    def content(self, section: str) -> bytes | None:
        """The decoded bytes, if they are here."""
        return self._contents.get(section)

    def request(self, section: str, done: PartDone) -> None:
        """Call `done` with the part's content: at once if it is here, else when it has come."""
        content = self._contents.get(section)
        if content is not None or section not in self._types:
            done(content)
            return
        first = section not in self._waiting
        self._waiting.setdefault(section, []).append(done)
        if first:
            self.wanted.emit(section)

    def supply(self, section: str, content: bytes) -> None:
        """The part has come."""
        if section in self._types:
            self._contents[section] = content
            self._answer(section, content)

    def fail(self, section: str) -> None:
        """The part could not be fetched; a later request asks for it anew."""
        self._answer(section, None)

    def _know(self, section: str, content_type: str, content: bytes | None) -> None:
        self._types[section] = content_type
        if content is not None:
            self._contents[section] = content

    def _answer(self, section: str, content: bytes | None) -> None:
        for done in self._waiting.pop(section, []):
            done(content)
