"""What all steps of the assistant have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

SPACING = 12


class Page(QWidget):
    """One step.

    Attributes:
        title, hint: what stands above it; each step says its own.

    Signals:
        changed: `complete()` may be another now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.hint = ""
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(SPACING)

    def complete(self) -> bool:
        """Whether the user may go on."""
        return True

    def enter(self) -> None:
        """The step is on display now: put the keyboard where the user will want it."""
