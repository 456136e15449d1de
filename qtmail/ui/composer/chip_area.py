"""Chips in lines, and among them the place where the next one is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QLineEdit, QWidget

from qtmail.domain.address import Address
from qtmail.ui.composer.recipient_chip import RecipientChip, chip_height
from qtmail.ui.shared.theme import Theme

SPACING = 4
NARROWEST_LINE = 80
"""Logical pixels that are left to type in; less, and the line edit begins a new line."""


class ChipArea(QWidget):
    """Holds the chips, sets them and the line edit into lines, and knows which chips are selected.

    Attributes:
        chips: in order.
        line: the line edit; it stands before `chips[line_index]`, mostly at the end.
    """

    def __init__(self, line: QLineEdit, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[RecipientChip] = []
        self.line = line
        self.line_index = 0
        self._theme = theme
        self._anchor = 0
        line.setParent(self)
        theme.changed.connect(self._repaint)

    # --- chips ---

    def insert(self, index: int, addresses: Iterable[Address]) -> list[RecipientChip]:
        """Make chips and put them before `index`; the line edit stays where it is among the others."""
        new = [RecipientChip(address, self._theme, self) for address in addresses]
        self.chips[index:index] = new
        if self.line_index >= index:
            self.line_index += len(new)
        for chip in new:
            chip.show()
        return new

    def remove(self, chips: Sequence[RecipientChip]) -> None:
        gone = set(chips)
        self.line_index -= sum(chip in gone for chip in self.chips[: self.line_index])
        self.chips = [chip for chip in self.chips if chip not in gone]
        for chip in gone:
            chip.hide()
            chip.deleteLater()

    def chip_at(self, position: QPoint) -> RecipientChip | None:
        child = self.childAt(position)
        return child if isinstance(child, RecipientChip) else None

    def index_at(self, position: QPoint) -> int:
        """Before which chip something dropped at this place belongs."""
        for index, chip in enumerate(self.chips):
            box = chip.geometry()
            if position.y() < box.top() or (position.y() <= box.bottom() and position.x() < box.center().x()):
                return index
        return len(self.chips)

    # --- selection ---

    @property
    def selected(self) -> list[RecipientChip]:
        return [chip for chip in self.chips if chip.selected]

    def select(self, index: int, *, extend: bool = False, toggle: bool = False) -> None:
        """Select one chip; with `extend` those from the one selected before, with `toggle` besides others."""
        if not extend:
            self._anchor = index
        low, high = sorted((min(self._anchor, len(self.chips) - 1), index))
        for number, chip in enumerate(self.chips):
            if toggle:
                chip.set_selected(chip.selected != (number == index))
            else:
                chip.set_selected(low <= number <= high)
        self.chips[index].setFocus()

    def select_all(self) -> None:
        for chip in self.chips:
            chip.set_selected(True)

    def clear_selection(self) -> None:
        for chip in self.chips:
            chip.set_selected(False)

    # --- lines ---

    def arrange(self, width: int) -> int:
        """Set everything into lines of `width` pixels; returns how many lines there are."""
        height = self.line_height()
        x, lines = 0, 1
        for item in self._items():
            is_line = item is self.line
            wanted = min(self._line_width() if is_line else item.sizeHint().width(), width)
            if x > 0 and x + wanted > width:
                x, lines = 0, lines + 1
            taken = width - x if is_line and self.line_index == len(self.chips) else wanted
            box = QRect(QPoint(x, (lines - 1) * (height + SPACING)), QSize(taken, height))
            if item.geometry() != box:
                item.setGeometry(box)
            x += taken + SPACING
        self.resize(width, self.height_of(lines))
        return lines

    def line_height(self) -> int:
        return chip_height(self.fontMetrics())

    def height_of(self, lines: int) -> int:
        """Pixels that so many lines take."""
        return lines * (self.line_height() + SPACING) - SPACING

    def _items(self) -> list[QWidget]:
        return [*self.chips[: self.line_index], self.line, *self.chips[self.line_index :]]

    def _line_width(self) -> int:
        text = self.line.text()
        return max(NARROWEST_LINE, self.line.fontMetrics().horizontalAdvance(text) + 20)

    def _repaint(self) -> None:
        for chip in self.chips:
            chip.update()
