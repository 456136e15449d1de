"""Shows an attached picture or plays an attached sound below the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from qtmail.log import logger
from qtmail.mime.message import Attachment
from qtmail.models.background import Background
from qtmail.ui.message_view.pictures import SHOWN_TYPES, decode_picture
from qtmail.ui.shared.elided_label import ElidedLabel
from qtmail.ui.shared.icons import IconName, icon

if TYPE_CHECKING:
    from qtmail.ui.message_view.media_player import MediaPlayer

log = logger("media")

PICTURE_BOUNDS = QSize(1600, 1200)
PICTURE_HEIGHT = 340
"""Logical pixels a picture gets at most; the text above must stay readable."""

SMALLEST_PICTURE = 120


def is_previewable(attachment: Attachment) -> bool:
    """Whether this kind of attachment can be shown or played in place."""
    return attachment.content_type in SHOWN_TYPES or attachment.content_type.startswith("audio/")


class MediaPanel(QFrame):
    """One picture or sound at a time, with its name and a button that closes it.

    Signals:
        unplayable(attachment): it cannot be shown or played here; another program may.
    """

    unplayable = Signal(object)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._attachment: Attachment | None = None
        self._content: QWidget | None = None
        self._player: MediaPlayer | None = None
        self._title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle, muted=True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(20, 8, 20, 4)
        self._layout.addLayout(self._title_row())
        self.hide()

    def show_attachment(self, attachment: Attachment, content: bytes) -> None:
        """Show or play `content`; a second time closes it again."""
        again = attachment == self._attachment
        self.close_media()
        if again:
            return
        self._attachment = attachment
        self._title.setText(attachment.filename)
        if attachment.content_type.startswith("audio/"):
            self._play(attachment, content)
        else:
            self._background.submit(
                lambda: decode_picture(content, PICTURE_BOUNDS), lambda image: self._show(attachment, image)
            )

    def close_media(self) -> None:
        self.hide()
        self._attachment = None
        if self._player is not None:
            self._player.stop()
            self._player = None
        if self._content is not None:
            self._layout.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
            self._content = None

    def _show(self, attachment: Attachment, image: QImage) -> None:
        if attachment is not self._attachment:
            return
        if image.isNull():
            self._give_up(attachment)
        else:
            self._put(Picture(image, attachment.filename))

    def _play(self, attachment: Attachment, content: bytes) -> None:
        try:
            # QtMultimedia is large, seldom needed, and missing libraries of the system keep it from loading.
            from qtmail.ui.message_view import media_player  # noqa: PLC0415
        except ImportError as error:
            log.info("QtMultimedia cannot be loaded: %s", error)
            self._give_up(attachment)
            return
        player = media_player.MediaPlayer(content)
        player.failed.connect(lambda _sentence: self._give_up(attachment))
        self._player = player
        self._put(player)
        player.toggle()

    def _give_up(self, attachment: Attachment) -> None:
        self.close_media()
        self.unplayable.emit(attachment)

    def _put(self, content: QWidget) -> None:
        self._content = content
        self._layout.addWidget(content)
        self.show()

    def _title_row(self) -> QHBoxLayout:
        close = QToolButton()
        close.setIcon(icon(IconName.CLOSE))
        close.setIconSize(QSize(14, 14))
        close.setToolTip(self.tr("Close"))
        close.setAccessibleName(self.tr("Close"))
        close.clicked.connect(self.close_media)
        row = QHBoxLayout()
        row.addWidget(self._title, 1)
        row.addWidget(close)
        return row


class Picture(QWidget):
    """A picture in its own size, or smaller where there is no room."""

    def __init__(self, image: QImage, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = image
        self.setAccessibleName(self.tr("Picture {0}").format(name))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        return QSize(self._image.width(), min(self._image.height(), PICTURE_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, min(self._image.height(), SMALLEST_PICTURE))

    def paintEvent(self, event: QPaintEvent) -> None:
        size = self._image.size()
        if size.width() > self.width() or size.height() > self.height():
            size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(self.rect().topLeft(), size)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
