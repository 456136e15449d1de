"""A field for a whole number."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

_PADDING = 8
"""Pixels left of the text, as the style sheet has it for every field."""


class NumberBox(QSpinBox):
    """Looks as the other fields do.

    Args:
        least, most: what may be entered.
        name: what the number is, for those who cannot see what stands beside it.
    """

    def __init__(self, least: int, most: int, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setAccessibleName(name)
        # Qt leaves the padding of a style sheet out when it places the text of a spin box.
        self.lineEdit().setTextMargins(_PADDING, 0, 0, 0)
