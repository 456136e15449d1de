"""A field for an amount that is kept in smaller units than it is shown in: seconds, for one, as minutes."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from qtmail.ui.shared.number_box import NumberBox


class NumberField(NumberBox):
    """Shows an amount rounded up, and gives it back exactly as it was unless the user sets another.

    Args:
        least, most: in units.
        suffix: the unit, as it is shown.
        name: what the number is, for those who cannot see what stands beside it.
        unit: how much one of it is.
    """

    def __init__(
        self, least: int, most: int, suffix: str, name: str, *, unit: int = 1, parent: QWidget | None = None
    ) -> None:
        super().__init__(least, most, name, parent)
        self._unit = unit
        self._amount = self._shown = 0
        self.setSuffix(suffix)
        self.setGroupSeparatorShown(True)

    def show_amount(self, amount: int) -> None:
        """Show what is kept."""
        self.setValue(-(-amount // self._unit))
        self._amount, self._shown = amount, self.value()

    def amount(self) -> int:
        """What is to be kept."""
        return self._amount if self.value() == self._shown else self.value() * self._unit
