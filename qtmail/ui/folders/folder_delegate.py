"""Paints a row of the folder tree: icon or account dot, name, unread count, and how the account is doing."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from qtmail.domain.events import AccountState, Connection
from qtmail.domain.folder import SpecialUse
from qtmail.models.folder_nodes import FolderNode, NodeKind
from qtmail.models.roles import FolderRole
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_ICON = 18
_SPACE = 9
_EDGE = 10
_INSET = 6
_RADIUS = 7.0
_LINE_PADDING = 6
_SPIN_STEP = 30

_KIND_ICONS = {
    NodeKind.ALL_INBOXES: IconName.ALL_INBOXES,
    NodeKind.ALL_UNREAD: IconName.UNREAD,
    NodeKind.ALL_FLAGGED: IconName.FLAG,
    NodeKind.ALL_DRAFTS: IconName.DRAFTS,
    NodeKind.LOCAL_DRAFTS: IconName.LOCAL_DRAFTS,
    NodeKind.OUTBOX: IconName.OUTBOX,
}
_USE_ICONS = {
    SpecialUse.INBOX: IconName.INBOX,
    SpecialUse.DRAFTS: IconName.DRAFTS,
    SpecialUse.SENT: IconName.SENT,
    SpecialUse.ARCHIVE: IconName.ARCHIVE,
    SpecialUse.JUNK: IconName.JUNK,
    SpecialUse.TRASH: IconName.TRASH,
    SpecialUse.ALL: IconName.ALL_MAIL,
    SpecialUse.FLAGGED: IconName.FLAG,
}
_NOT_COUNTED = (SpecialUse.TRASH, SpecialUse.SENT, SpecialUse.JUNK)
_QUIET = (NodeKind.ALL_DRAFTS, NodeKind.LOCAL_DRAFTS)
"""Their count is for information: nothing in them waits to be read or done."""
WORKING = frozenset({Connection.CONNECTING, Connection.SYNCING})


def node_icon(node: FolderNode) -> IconName:
    """The icon of a folder or view."""
    if node.special_use is not None:
        return _USE_ICONS[node.special_use]
    return _KIND_ICONS.get(node.kind, IconName.FOLDER)


class FolderDelegate(QStyledItemDelegate):
    """Paints the rows of a `FolderTreeModel`.

    Attributes:
        angle: how far the spinners have turned, in degrees.
    """

    def __init__(self, theme: Theme, view: QTreeView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self.angle = 0

    def turn(self) -> None:
        """Turn the spinners by a step."""
        self.angle = (self.angle + _SPIN_STEP) % 360

    # QStyledItemDelegate

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        node = index.data(FolderRole.NODE)
        height = QFontMetrics(option.font).height() + 2 * _LINE_PADDING
        if isinstance(node, FolderNode) and node.kind == NodeKind.ACCOUNT:
            height += _LINE_PADDING
        return QSize(120, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        node = index.data(FolderRole.NODE)
        if not isinstance(node, FolderNode):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        place = option.rect.adjusted(2, 0, -_EDGE - 4, 0)
        if node.kind == NodeKind.ACCOUNT:
            self._paint_account(painter, option, place, node, index.data(FolderRole.STATE))
        else:
            self._paint_folder(painter, option, place, node, expanded=self._view.isExpanded(index))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        colors = self._theme.colors()
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active and self._view.hasFocus()
            color = colors.selection if active else colors.selection_inactive
        elif option.state & QStyle.StateFlag.State_MouseOver:
            color = colors.hover if colors.dark else colors.selection_inactive
            color = QColor(color)
            color.setAlphaF(0.6)
        else:
            return
        # Over the whole width, also under the indentation.
        ground = QRectF(_INSET, option.rect.top() + 1, self._view.viewport().width() - 2 * _INSET, 0)
        ground.setHeight(option.rect.height() - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(ground, _RADIUS, _RADIUS)

    def _paint_account(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        place: QRect,
        node: FolderNode,
        state: AccountState | None,
    ) -> None:
        colors = self._theme.colors()
        place = place.adjusted(0, _LINE_PADDING, 0, 0) if place.top() > 0 else place
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(node.account.color) if node.account else colors.accent)
        painter.drawEllipse(QPointF(place.left() + _ICON / 2, place.center().y() + 1), 5, 5)
        right = place.right()
        if state is not None and state.problem is not None:
            right = self._paint_icon(painter, IconName.WARNING, colors.warning, place, right)
        elif state is not None and state.connection in WORKING:
            right = self._paint_spinner(painter, place, right)
        elif state is not None and state.connection == Connection.OFFLINE:
            right = self._paint_icon(painter, IconName.OFFLINE, colors.muted, place, right)
        font = QFont(option.font)
        font.setBold(True)
        self._paint_text(painter, font, place, right, node.title, colors.text)

    def _paint_folder(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        place: QRect,
        node: FolderNode,
        *,
        expanded: bool,
    ) -> None:
        colors = self._theme.colors()
        selected = option.state & QStyle.StateFlag.State_Selected
        ink = colors.selection_text if selected and self._view.hasFocus() else colors.text
        glyph = QRect(place.left(), place.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        icon(node_icon(node), colors.muted if not selected else ink).paint(painter, glyph)
        right = place.right()
        font = QFont(option.font)
        if node.alarming:
            right = self._paint_icon(painter, IconName.WARNING, colors.warning, place, right)
        if count := self._count(node, expanded=expanded):
            font.setBold(node.kind not in _QUIET)
            right = self._paint_count(painter, font, place, right, f"{count:,}", ink)
        if node.kind == NodeKind.CONTAINER:
            ink = colors.muted
        self._paint_text(painter, font, place, right, node.title, ink)

    def _count(self, node: FolderNode, *, expanded: bool) -> int:
        """The number beside a folder: unread messages, or all where all of them matter; 0 for none."""
        if node.special_use in _NOT_COUNTED:
            return 0
        return node.count or (node.unread if expanded else node.unread + node.unread_below)

    def _paint_count(
        self, painter: QPainter, font: QFont, place: QRect, right: int, text: str, color: QColor
    ) -> int:
        painter.setFont(font)
        painter.setPen(color)
        line = QRect(place.left(), place.top(), right - place.left() + 1, place.height())
        painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
        return right - QFontMetrics(font).horizontalAdvance(text) - _SPACE

    def _paint_text(
        self, painter: QPainter, font: QFont, place: QRect, right: int, text: str, color: QColor
    ) -> None:
        left = place.left() + _ICON + _SPACE
        line = QRect(left, place.top(), right - left, place.height())
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.setFont(font)
        painter.setPen(color)
        alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, int(alignment | Qt.TextFlag.TextSingleLine), shown)

    def _paint_icon(self, painter: QPainter, name: IconName, color: QColor, place: QRect, right: int) -> int:
        glyph = QRect(right - _ICON + 2, place.center().y() - _ICON // 2 + 1, _ICON - 2, _ICON - 2)
        icon(name, color).paint(painter, glyph)
        return glyph.left() - _SPACE

    def _paint_spinner(self, painter: QPainter, place: QRect, right: int) -> int:
        half = (_ICON - 4) / 2
        painter.save()
        painter.translate(QPointF(right - half, place.center().y() + 1))
        painter.rotate(self.angle)
        glyph = QRect(int(-half), int(-half), int(2 * half), int(2 * half))
        icon(IconName.WORKING, self._theme.colors().muted).paint(painter, glyph)
        painter.restore()
        return int(right - 2 * half) - _SPACE
