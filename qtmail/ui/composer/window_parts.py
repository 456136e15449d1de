"""The way from part to part of a composer with F6: Tab is for writing in the text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget


class WindowParts(QObject):
    """Goes round the parts of a window that are shown and can take the keyboard."""

    def __init__(self, window: QWidget, parts: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._parts = parts

    def focus_next(self) -> None:
        self._go(1)

    def focus_previous(self) -> None:
        self._go(-1)

    def _go(self, step: int) -> None:
        places = [(part, place) for part in self._parts if (place := _place_in(part)) is not None]
        focused = self._window.focusWidget()
        here = next((at for at, (part, _) in enumerate(places) if _holds(part, focused)), -min(step, 0) - 1)
        if places:
            _, place = places[(here + step) % len(places)]
            place.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _holds(part: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (part is widget or part.isAncestorOf(widget))


def _place_in(part: QWidget) -> QWidget | None:
    """Where the keyboard goes in a part: to itself, or to the first of its widgets that Tab would reach."""
    if not part.isVisible():
        return None
    if part.focusProxy() is not None or part.focusPolicy() != Qt.FocusPolicy.NoFocus:
        return part
    widget = part.nextInFocusChain()
    while widget is not None and widget is not part:
        by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if by_tab and part.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled():
            return widget
        widget = widget.nextInFocusChain()
    return None
