"""The attachments of a message being written, as cards below its text."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.composition import DraftAttachment
from qtmail.ui.composer.attachment_list import AttachmentList
from qtmail.ui.shared.elided_label import ElidedLabel
from qtmail.ui.shared.flow_layout import FlowLayout
from qtmail.ui.shared.icons import IconName, icon, icon_for_type
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.theme import Theme

CARD_SIZE = QSize(230, 46)
ROWS_SHOWN = 2
"""More lines of cards than this are scrolled to."""

_GAP = 8
_RADIUS = 8
_ICON = 22
_PICTURE = 34
"""Pixels of the side of a thumbnail."""


class DraftCard(QFrame):
    """One attachment: its name and size, or that its file is gone. Delete removes it.

    Signals:
        removed: the user does not want it attached any more.
    """

    removed = Signal()

    def __init__(
        self, theme: Theme, attachment: DraftAttachment, *, missing: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.attachment = attachment
        self._theme = theme
        self.missing = missing
        self._mark = QLabel()
        self._row = QHBoxLayout(self)
        self.detail = self.tr("The file is gone") if missing else format_size(attachment.size)
        self.setFixedSize(CARD_SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(f"{attachment.filename}\n{attachment.content_type}, {self.detail}")
        self.setAccessibleName(self.tr("Attachment {0}, {1}").format(attachment.filename, self.detail))
        self._lay_out()

    def set_thumbnail(self, image: QImage) -> None:
        """Show the middle of a picture in place of the icon."""
        if not self.missing and not image.isNull():
            self._mark.setPixmap(_cut(image, self.devicePixelRatioF()))
            self._row.setContentsMargins(6, 4, 4, 4)

    def thumbnail(self) -> QPixmap:
        """The icon or picture in front of the name."""
        return self._mark.pixmap()

    def _lay_out(self) -> None:
        colors = self._theme.colors()
        name = IconName.WARNING if self.missing else icon_for_type(self.attachment.content_type)
        ink = colors.danger if self.missing else colors.accent
        self._mark.setPixmap(icon(name, ink).pixmap(QSize(_ICON, _ICON)))
        detail = QLabel(self.detail)
        _ink(detail, colors.danger if self.missing else colors.muted)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(self.attachment.filename, mode=Qt.TextElideMode.ElideMiddle))
        words.addWidget(detail)
        self._row.setContentsMargins(10, 4, 4, 4)
        self._row.setSpacing(8)
        self._row.addWidget(self._mark)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._remove_button())

    def _remove_button(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(IconName.CLOSE))
        button.setIconSize(QSize(14, 14))
        button.setToolTip(self.tr("Remove"))
        button.setAccessibleName(self.tr("Remove {0}").format(self.attachment.filename))
        button.clicked.connect(self.removed)
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = self._theme.colors()
        edge = colors.danger if self.missing else colors.border
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(colors.raised)
        focus = self.hasFocus()
        painter.setPen(QPen(colors.accent if focus else edge, 2 if focus else 1))
        inset = 1.0 if focus else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)


class DraftAttachmentBar(QFrame):
    """All cards with their number and size; a sentence where the server would not take so much."""

    def __init__(self, theme: Theme, attachments: AttachmentList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._attachments = attachments
        self._limit: int | None = None
        self._cards: list[DraftCard] = []
        self._summary = QLabel()
        self._summary.setWordWrap(True)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.viewport().setAutoFillBackground(False)
        inner = QWidget()
        self._flow = FlowLayout(inner, spacing=_GAP)
        self._area.setWidget(inner)
        inner.setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 10)
        layout.setSpacing(6)
        layout.addWidget(self._summary)
        layout.addWidget(self._area)
        attachments.changed.connect(self.refresh)
        attachments.thumbnail_made.connect(self._show_thumbnail)
        theme.changed.connect(self._restyle)
        self.refresh()

    def set_limit(self, limit: int | None) -> None:
        """The largest message, in bytes, that the server takes; None where it is not known."""
        self._limit = limit
        self.refresh()

    @property
    def too_large(self) -> bool:
        """Whether the server will not take so much."""
        return self._limit is not None and self._attachments.wire_size > self._limit

    def cards(self) -> list[DraftCard]:
        return list(self._cards)

    def summary(self) -> str:
        """The sentence above the cards."""
        return self._summary.text()

    def refresh(self) -> None:
        shown = self._attachments.cards
        wanted = [(one, one in self._attachments.missing) for one in shown]
        if wanted != [(card.attachment, card.missing) for card in self._cards]:
            self._rebuild(wanted)
        self._say(shown)
        self.setVisible(bool(shown) or self.too_large or self._attachments.pending > 0)
        self._fit()

    def _rebuild(self, wanted: list[tuple[DraftAttachment, bool]]) -> None:
        focused = next((number for number, card in enumerate(self._cards) if card.hasFocus()), None)
        for card in self._cards:
            self._flow.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [self._card(attachment, missing) for attachment, missing in wanted]
        if focused is not None and self._cards:
            self._cards[min(focused, len(self._cards) - 1)].setFocus()

    def _restyle(self) -> None:
        """The colours are others: the cards are made anew."""
        self._rebuild([(card.attachment, card.missing) for card in self._cards])
        self.refresh()

    def _card(self, attachment: DraftAttachment, missing: bool) -> DraftCard:
        card = DraftCard(self._theme, attachment, missing=missing)
        card.removed.connect(lambda: self._attachments.remove(attachment))
        self._flow.addWidget(card)
        card.set_thumbnail(self._attachments.thumbnail(attachment))
        card.show()  # a layout counts only what is not hidden, and the height follows from it at once
        return card

    def _show_thumbnail(self, attachment: DraftAttachment) -> None:
        for card in self._cards:
            if card.attachment == attachment:
                card.set_thumbnail(self._attachments.thumbnail(attachment))

    def _say(self, shown: tuple[DraftAttachment, ...]) -> None:
        count = len(shown)
        total = format_size(sum(one.size for one in shown))
        words = self.tr("{0} attachments · {1}") if count != 1 else self.tr("1 attachment · {1}")
        sentence = words.format(count, total) if count else ""
        if self._attachments.pending:
            sentence += (" · " if sentence else "") + self.tr("Adding…")
        if self.too_large and self._limit is not None:
            advice = self.tr(
                "The server takes messages up to {0}; this one would have {1}. Remove something."
            )
            size = format_size(self._attachments.wire_size)
            sentence += ". " + advice.format(format_size(self._limit), size)
        self._summary.setText(sentence)
        colors = self._theme.colors()
        _ink(self._summary, colors.warning if self.too_large else colors.muted)

    def _fit(self) -> None:
        """As high as the cards stand, up to ROWS_SHOWN lines and the beginning of another."""
        needed = self._flow.heightForWidth(self._area.viewport().width()) if self._cards else 0
        most = round((ROWS_SHOWN + 0.4) * (CARD_SIZE.height() + _GAP))
        self._area.setFixedHeight(min(needed, most))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline between the text and its attachments."""
        QPainter(self).fillRect(0, 0, self.width(), 1, self._theme.colors().border)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _cut(image: QImage, ratio: float) -> QPixmap:
    """The middle of a picture as a square with round corners, `ratio` device pixels to the pixel."""
    pixmap = QPixmap(round(_PICTURE * ratio), round(_PICTURE * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    side = min(image.width(), image.height())
    middle = QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)
    place = QRectF(0, 0, _PICTURE, _PICTURE)
    shape = QPainterPath()
    shape.addRoundedRect(place, 5, 5)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(shape)
    painter.drawImage(place, image, middle)
    painter.end()
    return pixmap


def _ink(label: QLabel, color: QColor) -> None:
    """Write in `color`. The role is named because the default one depends on the ground."""
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.Text, color)
    label.setPalette(palette)
    label.setForegroundRole(QPalette.ColorRole.Text)
