"""The attachments of one message being written: added through the service, counted, looked after."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QObject, QSize, Signal
from PySide6.QtGui import QImage, QImageWriter

from qtmail.domain.composition import DraftAttachment, FileSource
from qtmail.errors import QtmailError
from qtmail.models.background import Background
from qtmail.ui.message_view.pictures import MOST_BYTES, SHOWN_TYPES, decode_picture

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

_ENCODED = 78 / 57
"""Bytes on the wire for each byte of a file: base64 in lines of 76 characters and a line end (RFC 2045)."""

THUMBNAIL = QSize(128, 128)
"""Pixels; more than a card shows, for dense screens and pictures that are cut to a square."""

Done = Callable[[DraftAttachment], None]


class AttachmentList(QObject):
    """What is attached to one draft.

    Signals:
        changed: `all`, `missing` or `pending` is another.
        failed(QtmailError): something could not be attached.
        thumbnail_made(DraftAttachment): `thumbnail` of it has an answer now.
    """

    changed = Signal()
    thumbnail_made = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        service: ComposeService,
        background: Background,
        draft_id: int,
        attachments: Sequence[DraftAttachment],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.all = tuple(attachments)
        self.missing: frozenset[DraftAttachment] = frozenset()
        self.pending = 0
        self._service = service
        self._background = background
        self._draft_id = draft_id
        self._detached: dict[DraftAttachment, DraftAttachment] = {}
        self._thumbnails: dict[DraftAttachment, QImage] = {}

    @property
    def cards(self) -> tuple[DraftAttachment, ...]:
        """Those that are not shown in the text."""
        return tuple(one for one in self.all if not one.inline)

    @property
    def wire_size(self) -> int:
        """Bytes that all of them take in a message."""
        return round(sum(one.size for one in self.all) * _ENCODED)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Attach files; each is only looked at, its content is read when the message is sent."""
        for path in paths:
            self._begin(1)
            self._service.add_file(self._draft_id, path, self._added, self._not_added)

    def add_picture(self, image: QImage, *, inline: bool, done: Done) -> None:
        """Keep a pasted picture as PNG, and call `done` with it; encoding it is left to the background."""

        self._begin(1)
        self._background.submit(
            partial(_png, image), partial(self._keep_picture, inline, done), self._not_added
        )

    def add_picture_file(self, path: Path, content_id: str, done: Done) -> None:
        """Take a file in as a picture of the text, and call `done` with it."""

        self._begin(1)
        looked = partial(self._picture_looked_at, content_id, done)
        self._service.add_file(self._draft_id, path, looked, self._not_added)

    def detach(self, content_ids: Container[str]) -> None:
        """Make ordinary attachments of pictures that the text will not show any more."""
        gone = [one for one in self.all if one.inline and one.content_id in content_ids]
        files = {one: replace(one, content_id="") for one in gone}
        self._detached |= {file: one for one, file in files.items()}
        self.all = tuple(files.get(one, one) for one in self.all)
        self.changed.emit()

    def reattach(self, content_ids: Container[str]) -> None:
        """The text shows pictures again that were detached from it."""
        back = {file: one for file, one in self._detached.items() if one.content_id in content_ids}
        self.all = tuple(back.get(one, one) for one in self.all)
        self.changed.emit()

    def remove(self, attachment: DraftAttachment) -> None:
        self.all = tuple(one for one in self.all if one is not attachment)
        self.missing -= {attachment}
        self.changed.emit()

    def thumbnail(self, attachment: DraftAttachment) -> QImage:
        """A small picture of an attached picture; null while it is being made, and for other files."""
        shows = attachment.content_type in SHOWN_TYPES and attachment.size <= MOST_BYTES
        if shows and attachment not in self._thumbnails:
            self._thumbnails[attachment] = QImage()
            # A file that is gone is told by its card.
            self._service.content(attachment, partial(self._make_thumbnail, attachment), lambda _error: None)
        return self._thumbnails.get(attachment, QImage())

    def look_again(self) -> None:
        """See whether the files are still there."""
        for attachment in self.all:
            if isinstance(attachment.source, FileSource):
                path = Path(attachment.source.path)
                found = partial(self._found, attachment)
                self._service.add_file(self._draft_id, path, found, partial(self._lost, attachment))

    def _make_thumbnail(self, attachment: DraftAttachment, content: bytes) -> None:
        self._background.submit(
            partial(decode_picture, content, THUMBNAIL), partial(self._keep_thumbnail, attachment)
        )

    def _keep_thumbnail(self, attachment: DraftAttachment, image: QImage) -> None:
        self._thumbnails[attachment] = image
        self.thumbnail_made.emit(attachment)

    def _begin(self, count: int) -> None:
        self.pending += count
        self.changed.emit()

    def _keep_picture(self, inline: bool, done: Done, content: bytes) -> None:
        self._service.add_content(
            self._draft_id,
            self.tr("Picture {0}.png").format(len(self.all) + 1),
            "image/png",
            content,
            inline=inline,
            done=partial(self._picture_added, done),
            failed=self._not_added,
        )

    def _picture_looked_at(self, content_id: str, done: Done, attachment: DraftAttachment) -> None:
        self._picture_added(done, replace(attachment, content_id=content_id))

    def _picture_added(self, done: Done, attachment: DraftAttachment) -> None:
        self._added(attachment)
        done(attachment)

    def _added(self, attachment: DraftAttachment) -> None:
        self.pending -= 1
        self.all = (*self.all, attachment)
        self.changed.emit()

    def _not_added(self, error: QtmailError) -> None:
        self.pending -= 1
        self.changed.emit()
        self.failed.emit(error)

    def _found(self, before: DraftAttachment, now: DraftAttachment) -> None:
        """A file that was written to since goes out as it is now, so the card shows its new size."""
        back = before in self.missing
        now = replace(now, content_id=before.content_id)
        if back or (now.size, now.source) != (before.size, before.source):
            self.missing -= {before}
            self.all = tuple(now if one is before else one for one in self.all)
            self.changed.emit()

    def _lost(self, attachment: DraftAttachment, _error: QtmailError) -> None:
        if attachment in self.all and attachment not in self.missing:
            self.missing |= {attachment}
            self.changed.emit()


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())
