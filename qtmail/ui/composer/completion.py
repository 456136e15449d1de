"""Completion of one recipient field: asks the service as the user types, shows the answer, takes its keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QLineEdit

from qtmail.domain.address import Address
from qtmail.domain.outgoing import Suggestion
from qtmail.ui.composer.completion_popup import CompletionPopup
from qtmail.ui.shared.theme import Theme


class Cancellable(Protocol):
    """A question whose answer may no longer be wanted."""

    def cancel(self) -> None: ...


class CompletionService(Protocol):
    """What completion asks of the compose service."""

    def complete(self, typed: str, done: Callable[[list[Suggestion]], None]) -> Cancellable: ...

    def forget_suggestion(self, address: str) -> None: ...


class Completion(QObject):
    """Suggestions for what stands in a line edit.

    Args:
        wanted: whether an address is worth suggesting.

    Signals:
        chosen(Address): the user took a suggestion.
    """

    chosen = Signal(object)

    def __init__(
        self, line: QLineEdit, service: CompletionService, theme: Theme, wanted: Callable[[str], bool]
    ) -> None:
        super().__init__(line)
        self._line = line
        self._service = service
        self._wanted = wanted
        self._theme = theme
        self._asked: Cancellable | None = None
        self._popup: CompletionPopup | None = None

    @property
    def popup(self) -> CompletionPopup:
        """Made when it is first needed: only then the field stands in its window."""
        if self._popup is None:
            self._popup = CompletionPopup(self._line, self._theme)
            self._popup.chosen.connect(self._choose)
            self._popup.forgotten.connect(lambda gone: self._service.forget_suggestion(gone.address))
        return self._popup

    def ask(self, *, preselect: bool) -> None:
        """Look for what is typed now; the answer to what was typed before is no longer wanted.

        Args:
            preselect: highlight the best suggestion, so that Enter takes it. Not when what is typed is an
                address already: nobody wants to write to another than the one they typed.
        """
        self.stop()
        typed = self._line.text().strip()
        if typed:
            self._asked = self._service.complete(typed, partial(self._show, typed, preselect))

    def stop(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        if self._popup is not None:
            self._popup.hide()

    def take_current(self) -> bool:
        """Take the highlighted suggestion; False where there is none."""
        suggestion = self._popup.current() if self._popup is not None else None
        if suggestion is None:
            return False
        self._choose(suggestion)
        return True

    def key(self, key: int) -> bool:
        """Deal with a key that is for the list while it is shown; True: it was."""
        if self._popup is None or not self._popup.isVisible():
            return False
        match key:
            case Qt.Key.Key_Down:
                self._popup.move_current(1)
            case Qt.Key.Key_Up:
                self._popup.move_current(-1)
            case Qt.Key.Key_Escape:
                self.stop()
            case Qt.Key.Key_Delete if self._at_end() and self._popup.current() is not None:
                self._popup.forget_current()
            case _:
                return False
        return True

    def _show(self, typed: str, preselect: bool, suggestions: list[Suggestion]) -> None:
        self._asked = None
        if not self._line.hasFocus() or self._line.text().strip() != typed:
            return
        wanted = [one for one in suggestions if self._wanted(one.address)]
        below = QRect(self._line.mapToGlobal(QPoint(0, 0)), self._line.size())
        self.popup.show_suggestions(wanted, typed, below, preselect=preselect)

    def _choose(self, suggestion: Suggestion) -> None:
        self.stop()
        self.chosen.emit(Address(suggestion.name, suggestion.address))

    def _at_end(self) -> bool:
        return self._line.cursorPosition() == len(self._line.text()) and not self._line.hasSelectedText()
