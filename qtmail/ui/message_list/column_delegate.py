"""Paints a message as one line of a table with columns."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from qtmail.domain.message import Flag, MessageRow
from qtmail.models.message_list import MessageListModel
from qtmail.models.roles import MessageColumn
from qtmail.ui.message_list.list_fonts import ListFonts
from qtmail.ui.message_list.tag_chips import chips_of, paint_chips
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_ICON = 15
_PADDING = 8
_MARK_SPACE = 16
_CHIP_INSET = 6
_MUTED = frozenset({MessageColumn.DATE, MessageColumn.SIZE})
_LEFT = int(Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
# As integers: each operation on Qt's flags makes a new Python object, some thousand times in a frame.
_SELECTED = QStyle.StateFlag.State_Selected.value
_SELECTED_ACTIVE = _SELECTED | QStyle.StateFlag.State_Active.value
_HOVERED = QStyle.StateFlag.State_MouseOver.value


class ColumnDelegate(QStyledItemDelegate):
    """Paints the cells of a `MessageListModel`: marks in the narrow columns, text in the others."""

    def __init__(self, model: MessageListModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._fonts = ListFonts.of(parent.font())

    def set_font(self, font: QFont) -> None:
        """Write in this font from now on."""
        self._fonts = ListFonts.of(font)

    @property
    def row_height(self) -> int:
        """The height of a row, in pixels."""
        return self._fonts.line + 2 * (_PADDING - 1)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(40, self.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self._paint_ground(painter, option)
        # Not by way of data(): the trip of each value through a QVariant doubles the cost of a cell.
        row = self._model.row(index.row())
        if row is None:
            return
        match index.column():
            case MessageColumn.FLAGGED:
                self._paint_flag(painter, option, row)
            case MessageColumn.ATTACHMENT:
                if mark := content_mark(row):
                    self._paint_icon(painter, option.rect, mark, self._theme.colors().muted)
            case MessageColumn.SUBJECT:
                self._paint_subject(painter, option, row)
            case column:
                self._paint_text(painter, option, option.rect, row, MessageColumn(column))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        colors, state = self._theme.colors(), option.state.value
        if state & _SELECTED_ACTIVE == _SELECTED_ACTIVE:
            painter.fillRect(option.rect, colors.selection)
        elif state & _SELECTED:
            painter.fillRect(option.rect, colors.selection_inactive)
        elif state & _HOVERED:
            painter.fillRect(option.rect, colors.hover)

    def _paint_flag(self, painter: QPainter, option: QStyleOptionViewItem, row: MessageRow) -> None:
        colors = self._theme.colors()
        if row.flags & Flag.FLAGGED:
            self._paint_icon(painter, option.rect, IconName.FLAG_FILLED, colors.flag)
        elif option.state.value & _HOVERED:
            self._paint_icon(painter, option.rect, IconName.FLAG, colors.muted)

    def _paint_icon(self, painter: QPainter, cell: QRect, name: IconName, color: QColor) -> None:
        place = QRect(0, 0, _ICON, _ICON)
        place.moveCenter(cell.center())
        icon(name, color).paint(painter, place)

    def _paint_subject(self, painter: QPainter, option: QStyleOptionViewItem, row: MessageRow) -> None:
        cell, colors = option.rect, self._theme.colors()
        if row.unread:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.unread)
            painter.drawEllipse(QPointF(cell.left() + _MARK_SPACE / 2, cell.center().y() + 1), 3.5, 3.5)
            painter.restore()
        elif mark := reply_mark(row.flags):
            place = QRect(cell.left(), cell.center().y() - _ICON // 2 + 1, _ICON, _ICON)
            icon(mark, colors.muted).paint(painter, place)
        text = cell.adjusted(_MARK_SPACE - _PADDING + 2, 0, 0, 0)
        if row.keywords and (chips := chips_of(row.keywords)):
            line = cell.adjusted(0, _CHIP_INSET, 0, -_CHIP_INSET)
            face = self._fonts.small
            painter.save()
            text.setRight(paint_chips(painter, chips, line, cell.right(), cell.width() // 2, face, colors))
            painter.restore()
        self._paint_text(painter, option, text, row, MessageColumn.SUBJECT)

    def _paint_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        cell: QRect,
        row: MessageRow,
        column: MessageColumn,
    ) -> None:
        colors = self._theme.colors()
        face = self._fonts.bold if row.unread else self._fonts.plain
        place = cell.adjusted(_PADDING, 0, -_PADDING, 0)
        text = face.metrics.elidedText(
            self._model.text(row, column), Qt.TextElideMode.ElideRight, place.width()
        )
        selected = option.state.value & _SELECTED_ACTIVE == _SELECTED_ACTIVE
        ink = colors.selection_text if selected else colors.text
        painter.setFont(face.font)
        painter.setPen(colors.muted if column in _MUTED else ink)
        painter.drawText(place, _RIGHT if column == MessageColumn.SIZE else _LEFT, text)


def content_mark(row: MessageRow) -> IconName | None:
    """The mark of a message that is still on its server, or else has attachments."""
    if row.header_only:
        return IconName.MARK_ON_SERVER
    return IconName.ATTACH if row.has_attachment else None


def reply_mark(flags: Flag) -> IconName | None:
    """The mark of a message that was answered or passed on."""
    if flags & Flag.ANSWERED:
        return IconName.MARK_REPLIED
    return IconName.MARK_FORWARDED if flags & Flag.FORWARDED else None
