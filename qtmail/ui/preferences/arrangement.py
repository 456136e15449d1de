"""Something the system is to arrange, as a row of the preferences. It is asked off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtmail.errors import QtmailError
from qtmail.models.background import Background, T


class Arrangement(QWidget):
    """Shows how things stand; of several questions on their way only the last one's answer counts.

    Signals:
        failed: the system would not; carries the `QtmailError`.
    """

    failed = Signal(object)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._asked = self._answered = 0

    def refresh(self) -> None:
        """Ask how things stand, unless that is under way: another program may have changed them."""
        if self._answered == self._asked:
            self._look()

    def _look(self) -> None:
        """Ask the system and show its answer."""
        raise NotImplementedError

    def _submit(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[], None]) -> None:
        """Do this in the background; `failed` shows what is to be seen after the error was told."""
        self._asked += 1
        number = self._asked
        self._background.submit(work, partial(self._done, number, done), partial(self._fail, number, failed))

    def _done(self, number: int, show: Callable[[T], None], answer: T) -> None:
        self._answered = number
        if number == self._asked:
            show(answer)

    def _fail(self, number: int, show: Callable[[], None], error: QtmailError) -> None:
        self._answered = number
        self.failed.emit(error)
        if number == self._asked:
            show()
