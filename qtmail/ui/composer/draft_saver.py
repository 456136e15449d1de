"""Saves what is being written at every pause, one save after the other.

          touched               1.5 s without a change, or 10 s since the first one
SAVED ─────────────> CHANGED ────────────────────────────────────────────────────> SAVING ──done──> SAVED
                        ^                                                            │   └─failed─> FAILED
                        └──────────── changed meanwhile: saved again after ──────────┘
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from qtmail.domain.composition import Composition, Draft
from qtmail.errors import QtmailError

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

PAUSE_MS = 1500
"""A pause in typing, in milliseconds; together with the save itself it stays below two seconds."""
LONGEST_MS = 10_000
"""The longest that a change waits while there is no pause, in milliseconds."""


class SaveState(Enum):
    """Where the text stands, as the status line says it."""

    SAVED = auto()
    CHANGED = auto()
    SAVING = auto()
    FAILED = auto()


class DraftSaver(QObject):
    """Keeps one draft in step with the window.

    Attributes:
        kept: the composition that was saved last.

    Signals:
        state_changed: `state`, `saved_at` or `fault` is another.
    """

    state_changed = Signal()

    def __init__(
        self,
        service: ComposeService,
        draft: Draft,
        read: Callable[[], Composition],
        composing: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """`read` says what the window holds; `composing`: an input method is in the middle of a word."""
        super().__init__(parent)
        self.state = SaveState.SAVED
        self.saved_at = draft.saved_at
        self.fault: QtmailError | None = None
        self._service = service
        self._draft_id = draft.id
        self._read = read
        self._composing = composing
        self.kept = draft.composition
        self._settled = read()
        self._is_kept = True
        self._on_its_way: Composition | None = None
        self._finished: Callable[[bool], None] | None = None
        self._stopped = False
        self._pause = self._timer(PAUSE_MS)
        self._longest = self._timer(LONGEST_MS)

    def touch(self) -> None:
        """Something was changed, or may have been."""
        if self._stopped or (self.state is SaveState.SAVED and self._read() == self._settled):
            return  # the spell check draws underlines, which Qt reports as a change of the text
        self._pause.start()
        if not self._longest.isActive():
            self._longest.start()
        if self.state is not SaveState.SAVING:
            self._turn(SaveState.CHANGED)

    def save_now(self) -> None:
        """Save what is not saved yet; while a save is under way, right after it."""
        self._pause.stop()
        self._longest.stop()
        if self._on_its_way is not None or self._stopped:
            return
        composition = self._read()
        if self._is_kept and composition == self.kept:
            self._settled = composition
            self._turn(SaveState.SAVED)
            self._finish(True)
            return
        self._on_its_way = composition
        self._turn(SaveState.SAVING)
        self._service.save(self._draft_id, composition, self._saved, self._failed)

    def finish(self, done: Callable[[bool], None]) -> None:
        """Save what is not saved yet, then call `done` once, with whether all of it is kept."""
        self._finished = done
        self.save_now()

    def hand_over(self) -> None:
        """Hand what is not saved to the service without waiting for its answer: the program ends."""
        composition = self._read()
        safe = composition == self._on_its_way or (self._is_kept and composition == self.kept)
        if not safe and not self._stopped:
            self._service.save(self._draft_id, composition, lambda _draft: None, lambda _error: None)
        self.stop()

    def stop(self) -> None:
        """Save nothing more: the draft was sent, discarded or given up."""
        self._stopped = True
        self._pause.stop()
        self._longest.stop()

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(self._due)
        return timer

    def _due(self) -> None:
        if self._composing():
            self._pause.start()
        else:
            self.save_now()

    def _saved(self, draft: Draft) -> None:
        if self._on_its_way is not None:
            self._settled = self.kept = self._on_its_way
            self._on_its_way = None
        self._is_kept = True
        self.saved_at = draft.saved_at
        self.fault = None
        if self._stopped:
            return
        changed = self._pause.isActive() or self._longest.isActive()
        self._turn(SaveState.CHANGED if changed else SaveState.SAVED)
        if self._finished is not None:
            self.save_now()

    def _failed(self, error: QtmailError) -> None:
        self._on_its_way = None
        self._is_kept = False
        self.fault = error
        if self._stopped:
            return
        self._longest.start()  # try again by itself, and sooner if something is changed
        self._turn(SaveState.FAILED)
        self._finish(False)

    def _finish(self, kept: bool) -> None:
        finished, self._finished = self._finished, None
        if finished is not None:
            finished(kept)

    def _turn(self, state: SaveState) -> None:
        self.state = state
        self.state_changed.emit()
