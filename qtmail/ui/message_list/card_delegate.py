"""Paints a message as a card of two lines: who and when, above what and how it begins.

    ┌──────────────────────────────────────────────┐
    │ ●  Anna Berg                     📎   14:05  │
    │ ↰  Plans for June  I booked the…  [work]  ⚑  │
    └──────────────────────────────────────────────┘

All rows are equally high, because a table with 1,000,000 rows of their own heights cannot be scrolled
quickly. The first card of a group ("Yesterday") therefore makes room for the group's name within its own
height, by closing up its lines.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from qtmail.domain.message import Flag, MessageRow
from qtmail.models.message_list import MessageListModel
from qtmail.models.message_texts import subject
from qtmail.models.roles import MessageColumn
from qtmail.ui.message_list.column_delegate import reply_mark
from qtmail.ui.message_list.list_fonts import Face, ListFonts
from qtmail.ui.message_list.tag_chips import chips_of, paint_chips
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Colors, Theme

_Index = QModelIndex | QPersistentModelIndex
_GUTTER = 28
_GUTTER_MIDDLE = 16
_EDGE = 14
_LINE_GAP = 4
_PADDING = 11
_DOT = 8.0
_ICON = 15
_SPACE = 8
_INSET = 5
_RADIUS = 8.0
_SELECTED = QStyle.StateFlag.State_Selected.value
_ACTIVE = QStyle.StateFlag.State_Active.value
_HOVERED = QStyle.StateFlag.State_MouseOver.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
_NO_WRAP = int(Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class CardDelegate(QStyledItemDelegate):
    """Paints the cards of a `MessageListModel`.

    Attributes:
        group_of: names the group of a row, or None while the list is not grouped.
    """

    def __init__(self, model: MessageListModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._fonts = ListFonts.of(parent.font())
        self.group_of: Callable[[MessageRow], str] | None = None

    def set_font(self, font: QFont) -> None:
        """Write in this font from now on."""
        self._fonts = ListFonts.of(font)

    @property
    def row_height(self) -> int:
        """The height of a card, in pixels."""
        return 2 * (_PADDING + self._fonts.line) + _LINE_GAP

    def flag_rect(self, card: QRect) -> QRect:
        """Where the flag of a card is, and where a click sets it."""
        line = self._fonts.line
        bottom = card.bottom() - _PADDING - line // 2
        return QRect(card.right() - _EDGE - _ICON, bottom - _ICON // 2, _ICON, _ICON)

    def unread_rect(self, card: QRect) -> QRect:
        """The gutter with the dot, where a click marks a message as read or unread."""
        return QRect(card.left(), card.top(), _GUTTER, card.height() // 2)

    def _group(self, at: int, row: MessageRow) -> str:
        """The name to write above a card: that of its group, if the card above belongs to another one."""
        if self.group_of is None or at == 0:
            return ""
        above = self._model.row(at - 1)
        name = self.group_of(row)
        return name if above is not None and self.group_of(above) != name else ""

    # QStyledItemDelegate

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(280, self.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        at = index.row()
        # Not by way of data(): the trip of each value through a QVariant doubles the cost of a card.
        row = self._model.row(at)
        if row is None:
            return
        _Card(painter, option, self._theme.colors(), self._fonts).paint(
            row,
            who=self._model.text(row, MessageColumn.CORRESPONDENT),
            when=self._model.text(row, MessageColumn.DATE),
            group=self._group(at, row),
            first=at == 0,
        )

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        """The whole date when the pointer rests on the short one."""
        place = option.rect.adjusted(option.rect.width() * 2 // 3, 0, 0, -option.rect.height() // 2)
        if not place.contains(event.pos()):
            return super().helpEvent(event, view, option, index)
        date = index.sibling(index.row(), MessageColumn.DATE).data(Qt.ItemDataRole.ToolTipRole)
        QToolTip.showText(event.globalPos(), date or "", view, place)
        return True


class _Card:
    """One card being painted."""

    def __init__(
        self, painter: QPainter, option: QStyleOptionViewItem, colors: Colors, fonts: ListFonts
    ) -> None:
        self._painter = painter
        self._colors = colors
        self._fonts = fonts
        self._rect: QRect = option.rect
        state = option.state.value
        self._selected = bool(state & _SELECTED)
        self._active = bool(state & _ACTIVE)
        self._hovered = bool(state & _HOVERED)
        self._focused = bool(state & _FOCUSED)

    def paint(self, row: MessageRow, *, who: str, when: str, group: str, first: bool) -> None:
        self._painter.save()
        card, gap = self._rect, _LINE_GAP
        top = card.top() + _PADDING
        if group:
            card = card.adjusted(0, self._paint_group(group), 0, 0)
            top, gap = card.top() + 3, _LINE_GAP // 2
        elif not first:
            self._paint_separator()
        self._paint_ground(card)
        line = self._fonts.line
        self._paint_first_line(QRect(card.left(), top, card.width(), line), row, who, when)
        self._paint_second_line(QRect(card.left(), top + line + gap, card.width(), line), row)
        self._painter.restore()

    def _paint_separator(self) -> None:
        self._painter.setPen(self._colors.border)
        y = self._rect.top()
        self._painter.drawLine(self._rect.left() + _GUTTER, y, self._rect.right() - _EDGE, y)

    def _paint_group(self, name: str) -> int:
        """The group's name with a rule beside it; the height of both."""
        metrics = self._fonts.group.metrics
        band = QRect(self._rect.left(), self._rect.top() + 1, self._rect.width(), metrics.height())
        text = band.adjusted(_EDGE - 2, 0, -_EDGE, 0)
        self._painter.setFont(self._fonts.group.font)
        self._painter.setPen(self._colors.muted)
        self._painter.drawText(text, _NO_WRAP, name)
        self._painter.setPen(self._colors.border)
        y = band.center().y() + 1
        self._painter.drawLine(text.left() + metrics.horizontalAdvance(name) + _SPACE, y, text.right(), y)
        return band.height() + 1

    def _paint_ground(self, card: QRect) -> None:
        color: QColor | None = None
        if self._selected:
            color = self._colors.selection if self._active else self._colors.selection_inactive
        elif self._hovered:
            color = self._colors.hover
        # The keyboard can be on a card that is not selected (Ctrl with the arrow keys).
        outlined = self._focused and not self._selected
        if color is None and not outlined:
            return
        ground = QRectF(card.adjusted(_INSET, 1, -_INSET, 0))
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(self._colors.accent if outlined else Qt.PenStyle.NoPen)
        self._painter.setBrush(color if color is not None else Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(ground, _RADIUS, _RADIUS)

    def _paint_first_line(self, line: QRect, row: MessageRow, who: str, when: str) -> None:
        if row.unread:
            self._paint_dot(line)
        right = line.right() - _EDGE
        width = self._fonts.small.metrics.horizontalAdvance(when)
        self._text(
            QRect(right - width, line.top(), width + 2, line.height()),
            when,
            self._fonts.small.font,
            self._colors.unread if row.unread else self._muted(),
        )
        right -= width + _SPACE
        if row.header_only:
            right = self._icon(IconName.MARK_ON_SERVER, self._muted(), line, right)
        if row.has_attachment:
            right = self._icon(IconName.ATTACH, self._muted(), line, right)
        self._elided(line, line.left() + _GUTTER, right, who, self._weight(row), self._ink())

    def _paint_second_line(self, line: QRect, row: MessageRow) -> None:
        self._paint_reply_mark(line, row)
        right = line.right() - _EDGE
        if row.flags & Flag.FLAGGED:
            right = self._icon(IconName.FLAG_FILLED, self._colors.flag, line, right)
        elif self._hovered:
            right = self._icon(IconName.FLAG, self._muted(), line, right)
        chips = chips_of(row.keywords)
        if chips:
            room = (right - line.left() - _GUTTER) // 2
            right = paint_chips(self._painter, chips, line, right, room, self._fonts.small, self._colors)
        left = line.left() + _GUTTER
        left = self._elided(line, left, right, subject(row), self._weight(row), self._ink()) + _SPACE
        if row.preview and right - left > 3 * _SPACE:
            self._elided(line, left, right, row.preview, self._fonts.plain, self._muted())

    def _paint_dot(self, line: QRect) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._colors.unread)
        center = QPointF(line.left() + _GUTTER_MIDDLE, line.center().y() + 1)
        self._painter.drawEllipse(center, _DOT / 2, _DOT / 2)

    def _paint_reply_mark(self, line: QRect, row: MessageRow) -> None:
        if mark := reply_mark(row.flags):
            self._icon(mark, self._muted(), line, line.left() + _GUTTER_MIDDLE + _ICON // 2 + 1)

    def _icon(self, name: IconName, color: QColor, line: QRect, right: int) -> int:
        """Paint a mark that ends at `right`; where the next one to its left may end."""
        place = QRect(right - _ICON, line.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        icon(name, color).paint(self._painter, place)
        return place.left() - _SPACE

    def _elided(self, line: QRect, left: int, right: int, text: str, face: Face, color: QColor) -> int:
        """Paint as much of a text as fits; the x at which it ends."""
        room = right - left
        if room <= 0:
            return left
        shown = face.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        self._text(QRect(left, line.top(), room + 2, line.height()), shown, face.font, color)
        return left + face.metrics.horizontalAdvance(shown)

    def _text(self, place: QRect, text: str, font: QFont, color: QColor) -> None:
        self._painter.setFont(font)
        self._painter.setPen(color)
        self._painter.drawText(place, _NO_WRAP, text)

    def _weight(self, row: MessageRow) -> Face:
        return self._fonts.bold if row.unread else self._fonts.plain

    def _ink(self) -> QColor:
        return self._colors.selection_text if self._selected and self._active else self._colors.text

    def _muted(self) -> QColor:
        return self._colors.muted
