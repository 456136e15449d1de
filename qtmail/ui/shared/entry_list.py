"""A list of entries of three lines each: who and when, what, and how it stands.

┌──────────────────────────────────────────────┐
│ ann@example.org, Bob                  14:05  │
│ Plans for June                       2.4 MB  │
│ ◷ Not sent yet; next try in 2 min            │
└──────────────────────────────────────────────┘
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from qtmail.models.roles import ValueRole
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.notice_strip import Tone
from qtmail.ui.shared.theme import Colors, Theme

_Index = QModelIndex | QPersistentModelIndex
_EDGE = 16
_PADDING = 10
_GAP = 3
_INSET = 5
_RADIUS = 8.0
_ICON = 15
_SPACE = 8
_ONE_LINE = int(Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says.

    Attributes:
        title, title_aside: the first line, and what stands at its right.
        subject, subject_aside: the second line.
        state: the third line, in the colour of `tone`; None: in muted text.
        sign: the icon before it, if any.
    """

    title: str
    title_aside: str
    subject: str
    subject_aside: str
    state: str
    tone: Tone | None = None
    sign: IconName | None = None


class EntryList(QListView):
    """Shows the rows of a `ValueListModel` as entries.

    Args:
        entry_of: what the row of a value says.

    Signals:
        opened: an entry was double-clicked, or Enter pressed on it.
        removal_wanted: Delete was pressed on the current entry.
        menu_requested: the context menu of the current entry is wanted at a global QPoint.
        current_changed: another entry is current, or none.
    """

    opened = Signal()
    removal_wanted = Signal()
    menu_requested = Signal(QPoint)
    current_changed = Signal()

    def __init__(
        self,
        model: QAbstractItemModel,
        entry_of: Callable[..., Entry],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_EntryDelegate(entry_of, theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The delegate paints what is selected, with round corners.
        self.setStyleSheet(
            "QListView { selection-background-color: transparent; }"
            "QListView::item:selected, QListView::item:selected:!active { background: transparent; }"
        )
        self.selectionModel().currentChanged.connect(lambda *_: self.current_changed.emit())
        # Not `activated`: some desktops activate with one click, and opening takes a message back.
        self.doubleClicked.connect(lambda _index: self.opened.emit())
        model.rowsInserted.connect(self._choose_first)
        theme.changed.connect(self.viewport().update)

    def current_value(self) -> object | None:
        """The value the keyboard is on."""
        value: object | None = self.currentIndex().data(ValueRole.VALUE)
        return value

    def _choose_first(self) -> None:
        """A list with entries always has a current one, so that there is something to act on."""
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.model().index(0, 0))

    # QListView

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen = self.currentIndex().isValid()
        if chosen and event.matches(QKeySequence.StandardKey.Delete):
            self.removal_wanted.emit()
        elif chosen and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.currentIndex().isValid():
            self.menu_requested.emit(event.globalPos())


class _EntryDelegate(QStyledItemDelegate):
    def __init__(self, entry_of: Callable[..., Entry], theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._entry_of = entry_of
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        line = QFontMetrics(option.font).height()
        return QSize(240, 3 * line + 2 * (_PADDING + _GAP))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        value = index.data(ValueRole.VALUE)
        if value is None:
            return
        entry, colors = self._entry_of(value), self._theme.colors()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._paint_ground(painter, option, colors)
        bold = QFont(option.font)
        bold.setBold(True)
        line = QFontMetrics(option.font).height()
        place = QRect(
            option.rect.left() + _EDGE, option.rect.top() + _PADDING, option.rect.width() - 2 * _EDGE, line
        )
        self._paint_line(painter, place, (bold, entry.title, ink), entry.title_aside, colors.muted)
        place.translate(0, line + _GAP)
        self._paint_line(painter, place, (option.font, entry.subject, ink), entry.subject_aside, colors.muted)
        place.translate(0, line + _GAP)
        state = _tint(entry.tone, colors)
        if entry.sign is not None:
            glyph = QRect(place.left(), place.center().y() - _ICON // 2, _ICON, _ICON)
            icon(entry.sign, state).paint(painter, glyph)
            place.setLeft(place.left() + _ICON + _SPACE)
        self._paint_line(painter, place, (option.font, entry.state, state), "", colors.muted)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, colors: Colors) -> QColor:
        """Paint what shows selection and pointer; returns the colour of text on it."""
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        active = selected and self._view.hasFocus()
        if selected:
            ground = colors.selection if active else colors.selection_inactive
        elif option.state & QStyle.StateFlag.State_MouseOver:
            ground = colors.hover
        else:
            return colors.text
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(option.rect.adjusted(_INSET, 1, -_INSET, -1)), _RADIUS, _RADIUS)
        return colors.selection_text if active else colors.text

    def _paint_line(
        self, painter: QPainter, place: QRect, text: tuple[QFont, str, QColor], aside: str, muted: QColor
    ) -> None:
        font, words, ink = text
        right = place.right()
        if aside:
            painter.setFont(self._view.font())
            painter.setPen(muted)
            painter.drawText(place, _ONE_LINE | int(Qt.AlignmentFlag.AlignRight), aside)
            right -= painter.fontMetrics().horizontalAdvance(aside) + _SPACE
        painter.setFont(font)
        painter.setPen(ink)
        line = QRect(place.left(), place.top(), right - place.left(), place.height())
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, _ONE_LINE, shown)


def _tint(tone: Tone | None, colors: Colors) -> QColor:
    match tone:
        case Tone.WARNING:
            return colors.warning
        case Tone.DANGER:
            return colors.danger
        case Tone.INFO:
            return colors.accent
        case None:
            return colors.muted
