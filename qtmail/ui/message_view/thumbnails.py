"""Small pictures on the cards of attached pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from qtmail.mime.message import Attachment
from qtmail.models.background import Background, Cancellable
from qtmail.ui.message_view.attachment_cards import PICTURE_SIZE, AttachmentBar
from qtmail.ui.message_view.message_parts import MessageParts
from qtmail.ui.message_view.pictures import SHOWN_TYPES, decode_picture

LARGEST_FETCHED = 200_000
"""Bytes of a picture that is fetched from the server only to show it small."""

MOST = 24
"""Thumbnails made for one message."""

# Twice as wide as it is shown, for dense screens and for pictures that are cut to a square.
_BOUNDS = QSize(PICTURE_SIZE * 3, PICTURE_SIZE * 3)


class Thumbnails:
    """Makes the thumbnails of one message after the other, off the GUI thread."""

    def __init__(self, bar: AttachmentBar, background: Background) -> None:
        self._bar = bar
        self._background = background
        self._work: list[Cancellable] = []
        self._parts: MessageParts | None = None

    def show(self, attachments: Sequence[Attachment], parts: MessageParts) -> None:
        """Give the cards of these attachments their pictures, as far as they are at hand or small."""
        for work in self._work:
            work.cancel()
        self._work.clear()
        self._parts = parts
        pictures = [attachment for attachment in attachments if attachment.content_type in SHOWN_TYPES]
        for picture in pictures[:MOST]:
            if parts.content(picture.section) is not None or picture.size <= LARGEST_FETCHED:
                parts.request(picture.section, partial(self._decode, parts, picture.section))

    def _decode(self, parts: MessageParts, section: str, content: bytes | None) -> None:
        if content is not None and parts is self._parts:
            work = self._background.submit(
                lambda: decode_picture(content, _BOUNDS), partial(self._show, parts, section)
            )
            self._work.append(work)

    def _show(self, parts: MessageParts, section: str, image: QImage) -> None:
        card = self._bar.card(section)
        if card is not None and parts is self._parts and not image.isNull():
            card.set_thumbnail(image)
