"""The list of suggestions under a recipient field. It never has the keyboard: keys come from the field."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.outgoing import Suggestion
from qtmail.mime.name_matching import matched_ranges
from qtmail.ui.shared.theme import Theme

MOST_ROWS = 8
"""More suggestions are scrolled to."""
WIDEST = 520
_PADDING = 8
_DOT = 8

Index = QModelIndex | QPersistentModelIndex


class SuggestionModel(QAbstractListModel):
    """The suggestions for what was typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.suggestions: list[Suggestion] = []
        self.typed = ""

    def show(self, suggestions: list[Suggestion], typed: str) -> None:
        self.beginResetModel()
        self.suggestions, self.typed = list(suggestions), typed
        self.endResetModel()

    def remove(self, row: int) -> Suggestion:
        self.beginRemoveRows(QModelIndex(), row, row)
        gone = self.suggestions.pop(row)
        self.endRemoveRows()
        return gone

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.suggestions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        suggestion = self.suggestions[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{suggestion.name} <{suggestion.address}>" if suggestion.name else suggestion.address
            case Qt.ItemDataRole.ToolTipRole:
                return f"<qt>{escape(suggestion.address)}</qt>"
        return None


class SuggestionDelegate(QStyledItemDelegate):
    """A row: the person's colour, the name, the address behind it; what fits the typed text is bold."""

    def __init__(self, model: SuggestionModel, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetrics(option.font)
        suggestion = self._model.suggestions[index.row()]
        text = f"{suggestion.name}  {suggestion.address}"
        # Bold letters are wider.
        width = round(metrics.horizontalAdvance(text) * 1.1) + 4 * _PADDING + _DOT
        return QSize(min(width, WIDEST), metrics.height() + 2 * _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = self._theme.colors()
        suggestion = self._model.suggestions[index.row()]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected:
            painter.setBrush(colors.selection)
            painter.drawRoundedRect(option.rect.adjusted(2, 1, -2, -1), 5, 5)
        painter.setBrush(colors.avatar(suggestion.address))
        dot = QPoint(option.rect.left() + _PADDING + _DOT // 2 + 2, option.rect.center().y() + 1)
        painter.drawEllipse(dot, _DOT // 2, _DOT // 2)
        text = option.rect.adjusted(2 * _PADDING + _DOT + 2, 0, -_PADDING, 0)
        first = colors.selection_text if selected else colors.text
        if suggestion.name:
            used = self._draw(painter, option.font, text, suggestion.name, first)
            self._draw(
                painter, option.font, text.adjusted(used + 8, 0, 0, 0), suggestion.address, colors.muted
            )
        else:
            self._draw(painter, option.font, text, suggestion.address, first)
        painter.restore()

    def _draw(self, painter: QPainter, font: QFont, rect: QRect, text: str, color: QColor) -> int:
        """Draw one line, shortened to what fits, with bold matches; returns its width in pixels."""
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, max(rect.width(), 0))
        layout = QTextLayout(shown, font)
        layout.setFormats(self._bold(shown))
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        painter.setPen(color)
        layout.draw(painter, QPoint(rect.left(), rect.center().y() - round(line.height() / 2) + 1))
        return round(line.naturalTextWidth())

    def _bold(self, text: str) -> list[QTextLayout.FormatRange]:
        bold = QTextCharFormat()
        bold.setFontWeight(QFont.Weight.Bold)
        ranges = []
        for start, end in matched_ranges(text, self._model.typed):
            one = QTextLayout.FormatRange()
            one.start, one.length, one.format = (
                _utf16_length(text[:start]),
                _utf16_length(text[start:end]),
                bold,
            )
            ranges.append(one)
        return ranges


def _utf16_length(text: str) -> int:
    """Qt counts UTF-16 units where Python counts characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class CompletionPopup(QFrame):
    """Suggestions below a field, inside its window: one of its own would take the keyboard on some systems.

    Signals:
        chosen(Suggestion)
        forgotten(Suggestion): the user wants to see it no more.
    """

    chosen = Signal(object)
    forgotten = Signal(object)

    def __init__(self, field: QWidget, theme: Theme) -> None:
        super().__init__(field.window())
        self._field = field
        self._theme = theme
        self._model = SuggestionModel(self)
        self._list = QListView(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(SuggestionDelegate(self._model, theme, self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Suggested recipients"))
        self._list.clicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3, 3, 3, 3)
        layout.addWidget(self._list)
        self.setObjectName("completionPopup")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        theme.changed.connect(self._style)
        self._style()

    def suggestions(self) -> list[Suggestion]:
        """What is shown; empty while the list is hidden."""
        return list(self._model.suggestions) if self.isVisible() else []

    def current(self) -> Suggestion | None:
        """The highlighted suggestion."""
        row = self._list.currentIndex().row()
        return self._model.suggestions[row] if self.isVisible() and row >= 0 else None

    def show_suggestions(
        self, suggestions: list[Suggestion], typed: str, below: QRect, *, preselect: bool
    ) -> None:
        """Show them under `below` (global), or hide if there are none; `preselect`: highlight the first."""
        self._model.show(suggestions, typed)
        if not suggestions:
            self.hide()
            return
        if preselect:
            self._list.setCurrentIndex(self._model.index(0))
        self._place(below)
        self.show()
        self.raise_()

    def move_current(self, step: int) -> None:
        """Highlight the next (1) or the previous (-1) row; beyond the ends none, then the other end."""
        rows = self._model.rowCount()
        row = self._list.currentIndex().row()
        row = (row + 1 + step) % (rows + 1) - 1
        self._list.setCurrentIndex(self._model.index(row) if row >= 0 else QModelIndex())

    def forget_current(self) -> None:
        row = self._list.currentIndex().row()
        if row < 0:
            return
        self.forgotten.emit(self._model.remove(row))
        if not self._model.suggestions:
            self.hide()

    def row_center(self, row: int) -> QPoint:
        """Where a row is, on the screen."""
        return self._list.viewport().mapToGlobal(self._list.visualRect(self._model.index(row)).center())

    def _clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self._model.suggestions[index.row()])

    def _place(self, below: QRect) -> None:
        window = self._field.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        option = QStyleOptionViewItem()
        option.font = self._list.font()
        delegate = self._list.itemDelegate()
        sizes = [
            delegate.sizeHint(option, self._model.index(row)) for row in range(len(self._model.suggestions))
        ]
        rows = min(len(sizes), MOST_ROWS)
        width = max(max(size.width() for size in sizes) + 24, 240)
        height = sizes[0].height() * rows + 8
        corner = window.mapFromGlobal(below.bottomLeft())
        if corner.y() + height > window.height():
            above = window.mapFromGlobal(below.topLeft()).y() - height
            corner.setY(above if above >= 0 else max(0, window.height() - height))
        x = max(0, min(corner.x(), window.width() - width))
        self.setGeometry(x, corner.y() + 2, min(width, window.width()), height)

    def _style(self) -> None:
        colors = self._theme.colors()
        self.setStyleSheet(
            f"#completionPopup {{ background: {colors.raised.name()}; border-radius: 7px;"
            f" border: 1px solid {colors.outline.name()}; }} QListView {{ background: transparent; }}"
        )

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress:
            event.accept()  # a click on the frame must not go to what lies below
            return True
        return super().event(event)
