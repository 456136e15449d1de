"""Joins one reading pane to the mail service: what the pane lacks is fetched, what comes is handed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from qtmail.domain.message import Flag

if TYPE_CHECKING:
    from qtmail.ui.message_view.message_view import MessageView
    from qtmail.workers.loaded import LoadedPart, LoadedSource
    from qtmail.workers.mail_service import MailService


class MessageChannel(QObject):
    """Carries parts, sources and flags between a `MessageView` and the service.

    Attributes:
        message_id: the message the pane shows, or None for one that is in no folder.
    """

    def __init__(self, view: MessageView, service: MailService) -> None:
        super().__init__(view)
        self.message_id: int | None = None
        self._view = view
        self._service = service
        view.part_wanted.connect(self._load_part)
        view.source_wanted.connect(self._load_source)
        view.flag_toggled.connect(self._flag)
        service.bridge.part_loaded.connect(self._part_loaded)
        service.bridge.source_loaded.connect(self._source_loaded)

    def _load_part(self, section: str) -> None:
        if self.message_id is not None:
            self._service.load_part(self.message_id, section)

    def _load_source(self) -> None:
        if self.message_id is not None:
            self._service.load_source(self.message_id)

    def _flag(self, flagged: bool) -> None:
        if self.message_id is not None:
            add, remove = (Flag.FLAGGED, Flag.NONE) if flagged else (Flag.NONE, Flag.FLAGGED)
            self._service.set_flags([self.message_id], add, remove)

    def _part_loaded(self, part: LoadedPart) -> None:
        if part.message_id != self.message_id:
            return
        if part.content is not None:
            self._view.part_ready(part.section, part.content)
        elif part.problem is not None:
            self._view.part_failed(part.section, part.problem.sentence)

    def _source_loaded(self, source: LoadedSource) -> None:
        if source.message_id != self.message_id:
            return
        if source.raw is not None:
            self._view.source_ready(source.raw)
        elif source.problem is not None:
            self._view.source_failed(source.problem.sentence)
