"""The one door from worker threads to the GUI thread, and the only QObject they touch."""

from __future__ import annotations

import threading
from collections import deque

from PySide6.QtCore import QObject, Qt, Signal, Slot

from qtmail.domain.events import AccountState, Problem, Progress, StoreChange
from qtmail.workers.loaded import LoadedMessage, LoadedPart, LoadedSource

Event = StoreChange | AccountState | Progress | Problem | LoadedMessage | LoadedPart | LoadedSource


class EngineBridge(QObject):
    """Takes events from any thread and emits them on the GUI thread, those of one kind coalesced.

    A sync commits many times a second; the GUI is told once per turn of its event loop, with all changes
    merged, only the last state of each account and the last progress of each piece of work.

    Signals:
        store_changed(StoreChange), account_changed(AccountState), progress(Progress), problem(Problem),
        message_loaded(LoadedMessage), part_loaded(LoadedPart), source_loaded(LoadedSource).
    """

    store_changed = Signal(object)
    account_changed = Signal(object)
    progress = Signal(object)
    problem = Signal(object)
    message_loaded = Signal(object)
    part_loaded = Signal(object)
    source_loaded = Signal(object)
    _posted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events: deque[Event] = deque()
        self._lock = threading.Lock()
        self._announced = False
        self._closed = False
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Event) -> None:
        """Hand over an event; callable from any thread, returns at once."""
        with self._lock:
            if self._closed:
                return
            self._events.append(event)
            if not self._announced:
                self._announced = True
                self._posted.emit()  # queued; within the lock, so that none comes after `close`

    def close(self) -> None:
        """Deliver nothing more. A thread that was left behind at shutdown may go on posting."""
        with self._lock:
            self._closed = True
            self._events.clear()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            events = list(self._events)
            self._events.clear()
            self._announced = False
        for event in _coalesced(events):
            self._emit(event)

    def _emit(self, event: Event) -> None:
        match event:
            case StoreChange():
                self.store_changed.emit(event)
            case AccountState():
                self.account_changed.emit(event)
            case Progress():
                self.progress.emit(event)
            case Problem():
                self.problem.emit(event)
            case LoadedMessage():
                self.message_loaded.emit(event)
            case LoadedPart():
                self.part_loaded.emit(event)
            case LoadedSource():
                self.source_loaded.emit(event)


def _coalesced(events: list[Event]) -> list[Event]:
    """Merge store changes into one, first; of states and progress keep the last of each."""
    change: StoreChange | None = None
    latest: dict[object, Event] = {}
    for number, event in enumerate(events):
        match event:
            case StoreChange():
                change = event if change is None else change.merged(event)
            case AccountState():
                latest["account", event.account_id] = event
            case Progress():
                latest["progress", event.account_id, event.what, event.folder] = event
            case _:
                latest[number] = event
    return [change, *latest.values()] if change is not None else list(latest.values())
