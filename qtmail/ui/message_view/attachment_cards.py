"""The attachments of a message as cards: picture or type icon, name, size; opened, saved, or dragged out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.mime.message import Attachment
from qtmail.ui.shared.flow_layout import FlowLayout
from qtmail.ui.shared.icons import IconName, icon, icon_for_type
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.theme import Theme

CARD_SIZE = QSize(236, 52)
PICTURE_SIZE = 36
ROWS_SHOWN = 2
"""More lines of cards than this are scrolled to."""

_GAP = 8
_RADIUS = 8

FileForDrag = Callable[[Attachment], Path | None]
"""Makes the file that is dragged out, or None if the content is not here yet."""


class AttachmentCard(QAbstractButton):
    """One attachment. A click (or Enter) opens it; it has a button and a menu for the rest.

    Signals:
        opened, saved: what the user wants with it.
        previewed: show it below the message.
    """

    opened = Signal()
    saved = Signal()
    previewed = Signal()

    def __init__(
        self,
        theme: Theme,
        attachment: Attachment,
        *,
        previewable: bool,
        file_for_drag: FileForDrag,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.attachment = attachment
        self._theme = theme
        self._previewable = previewable
        self._file_for_drag = file_for_drag
        self._thumbnail = QPixmap()
        self._busy = False
        self._pressed_at = QPoint()
        self.setFixedSize(CARD_SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        name = attachment.filename
        self.setToolTip(f"{name}\n{attachment.content_type}, {format_size(attachment.size)}")
        self.setAccessibleName(self.tr("Attachment {0}, {1}").format(name, format_size(attachment.size)))
        self.clicked.connect(self.previewed if previewable else self.opened)
        self._save = self._save_button()
        theme.changed.connect(self.update)

    def set_thumbnail(self, image: QImage) -> None:
        self._thumbnail = QPixmap.fromImage(image)
        self.update()

    def set_busy(self, busy: bool) -> None:
        """Whether the content is on its way from the server."""
        self._busy = busy
        self.update()

    def detail(self) -> str:
        """The second line of the card."""
        return self.tr("Loading…") if self._busy else format_size(self.attachment.size)

    def menu(self) -> QMenu:
        """What can be done with the attachment."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._previewable:
            menu.addAction(self.tr("Show here"), self.previewed.emit)
        menu.addAction(icon(IconName.OPEN), self.tr("Open"), self.opened.emit)
        menu.addAction(icon(IconName.SAVE), self.tr("Save…"), self.saved.emit)
        menu.addSeparator()
        copy = self.tr("Copy name")
        menu.addAction(copy, lambda: QApplication.clipboard().setText(self.attachment.filename))
        return menu

    def _save_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(IconName.SAVE))
        button.setIconSize(QSize(16, 16))
        text = self.tr("Save {0}").format(self.attachment.filename)
        button.setToolTip(self.tr("Save…"))
        button.setAccessibleName(text)
        button.setGeometry(CARD_SIZE.width() - 36, (CARD_SIZE.height() - 30) // 2, 30, 30)
        button.clicked.connect(self.saved)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        picture = QRect(10, (self.height() - PICTURE_SIZE) // 2, PICTURE_SIZE, PICTURE_SIZE)
        if self._thumbnail.isNull():
            mark = icon(icon_for_type(self.attachment.content_type), self._theme.colors().accent)
            mark.paint(painter, picture.adjusted(4, 4, -4, -4))
        else:
            self._paint_thumbnail(painter, picture)
        self._paint_words(painter, QRect(picture.right() + 10, 7, self._save.x() - picture.right() - 14, 38))

    def _paint_ground(self, painter: QPainter) -> None:
        colors = self._theme.colors()
        hot = self.underMouse() or self.isDown()
        painter.setBrush(colors.hover if hot else colors.raised)
        focus = self.hasFocus()
        painter.setPen(QPen(colors.accent if focus else colors.border, 2 if focus else 1))
        inset = 1.0 if focus else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)

    def _paint_thumbnail(self, painter: QPainter, place: QRect) -> None:
        path = QPainterPath()
        path.addRoundedRect(QRectF(place), 5, 5)
        painter.save()
        painter.setClipPath(path)
        side = min(self._thumbnail.width(), self._thumbnail.height())
        middle = QRect(0, 0, side, side)
        middle.moveCenter(self._thumbnail.rect().center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, self._thumbnail, middle)
        painter.restore()

    def _paint_words(self, painter: QPainter, place: QRect) -> None:
        colors = self._theme.colors()
        metrics = self.fontMetrics()
        name = metrics.elidedText(self.attachment.filename, Qt.TextElideMode.ElideMiddle, place.width())
        upper, lower = QRect(place), QRect(place)
        upper.setHeight(place.height() // 2)
        lower.setTop(upper.bottom() + 1)
        painter.setPen(colors.text)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        small = QFont(self.font())
        small.setPointSizeF(small.pointSizeF() * 0.9)
        painter.setFont(small)
        painter.setPen(colors.muted)
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.detail())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        way = event.position().toPoint() - self._pressed_at
        dragged = way.manhattanLength() >= QApplication.startDragDistance()
        if self.isDown() and dragged:
            self.setDown(False)
            self._drag_out()
        else:
            super().mouseMoveEvent(event)

    def _drag_out(self) -> None:
        path = self._file_for_drag(self.attachment)
        if path is None:
            return
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.grab())
        drag.exec(Qt.DropAction.CopyAction)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())


class AttachmentBar(QFrame):
    """All attachments of a message, with their number and size and a button that saves them all.

    Signals:
        open_wanted(attachment), save_wanted(attachment), preview_wanted(attachment)
        save_all_wanted
    """

    open_wanted = Signal(object)
    save_wanted = Signal(object)
    preview_wanted = Signal(object)
    save_all_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cards: list[AttachmentCard] = []
        self._summary = QLabel()
        self._summary.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._save_all = QPushButton(self.tr("Save all…"))
        self._save_all.setFlat(True)
        self._save_all.clicked.connect(self.save_all_wanted)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().setAutoFillBackground(False)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._flow = FlowLayout(spacing=_GAP)
        self._lay_out()
        self.hide()

    def show_attachments(
        self,
        attachments: Sequence[Attachment],
        *,
        previewable: Callable[[Attachment], bool],
        file_for_drag: FileForDrag,
    ) -> None:
        self._clear()
        for attachment in attachments:
            self._add(attachment, previewable(attachment), file_for_drag)
        total = format_size(sum(attachment.size for attachment in attachments))
        count = len(attachments)
        words = self.tr("{0} attachments · {1}") if count > 1 else self.tr("1 attachment · {1}")
        self._summary.setText(words.format(count, total))
        self._save_all.setVisible(count > 1)
        self.setVisible(count > 0)
        self._fit()

    def cards(self) -> list[AttachmentCard]:
        return list(self._cards)

    def card(self, section: str) -> AttachmentCard | None:
        return next((card for card in self._cards if card.attachment.section == section), None)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._summary)
        top.addStretch(1)
        top.addWidget(self._save_all)
        inner = QWidget()
        inner.setAutoFillBackground(False)
        inner.setLayout(self._flow)
        self._area.setWidget(inner)
        inner.setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 8, 20, 12)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._area)

    def _add(self, attachment: Attachment, previewable: bool, file_for_drag: FileForDrag) -> None:
        card = AttachmentCard(self._theme, attachment, previewable=previewable, file_for_drag=file_for_drag)
        card.opened.connect(lambda: self.open_wanted.emit(attachment))
        card.saved.connect(lambda: self.save_wanted.emit(attachment))
        card.previewed.connect(lambda: self.preview_wanted.emit(attachment))
        self._cards.append(card)
        self._flow.addWidget(card)

    def _clear(self) -> None:
        for card in self._cards:
            self._flow.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards.clear()

    def _fit(self) -> None:
        """As high as the cards stand, up to ROWS_SHOWN lines and the beginning of another that says there
        is more.
        """
        needed = self._flow.heightForWidth(self._area.viewport().width())
        most = round((ROWS_SHOWN + 0.4) * (CARD_SIZE.height() + _GAP))
        self._area.setFixedHeight(min(needed, most))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline between the message and its attachments."""
        QPainter(self).fillRect(0, 0, self.width(), 1, self._theme.colors().border)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
