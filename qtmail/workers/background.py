"""Runs work off the GUI thread and brings the result back to it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from qtmail.errors import QtmailError
from qtmail.log import logger
from qtmail.store.store import Store

log = logger("background")

T = TypeVar("T")
Failed = Callable[[QtmailError], None]


class Ticket:
    """One piece of submitted work; after `cancel` neither `done` nor `failed` will be called."""

    def __init__(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Failed | None) -> None:
        self.work = work
        self.done = done
        self.failed = failed
        self.cancelled = False
        self.result: Any = None
        self.error: QtmailError | None = None

    def cancel(self) -> None:
        self.cancelled = True


class Background(QObject):
    """One thread that does what it is given, in order; `done` and `failed` run on the GUI thread.

    One thread, so that work keeps its order (a flag set and cleared again must arrive in that order) and the
    GUI thread has at most one rival of each kind for the interpreter.
    """

    _finished = Signal(object)
    _news = Signal(object)

    def __init__(self, name: str, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._queue: deque[Ticket] = deque()
        self._condition = threading.Condition()
        self._stopping = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._news.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name=f"background-{name}", daemon=True)
        self._thread.start()

    def submit(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None
    ) -> Ticket:
        """Run `work` on the thread, then `done(result)`, or `failed(error)` for a QtmailError, on the GUI
        thread.
        """
        ticket = Ticket(work, done, failed)
        with self._condition:
            self._queue.append(ticket)
            self._condition.notify()
        return ticket

    def tell(self, listener: Callable[[T], None], news: T, *, wanted: Callable[[], bool]) -> None:
        """Call `listener(news)` on the GUI thread, if it is still wanted there; for work that has something
        to say before it is done.
        """
        with self._condition:
            if not self._stopping:
                self._news.emit((listener, news, wanted))

    def stop(self, timeout: float = 1.0) -> None:
        """Finish what was submitted, then end, and deliver nothing more.

        Work that takes longer than `timeout` seconds is left behind.
        """
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(max(0.0, timeout))

    def _run(self) -> None:
        try:
            while ticket := self._next():
                self._do(ticket)
        finally:
            self._store.close_thread()

    def _next(self) -> Ticket | None:
        with self._condition:
            while not self._queue and not self._stopping:
                self._condition.wait()
            return self._queue.popleft() if self._queue else None

    def _do(self, ticket: Ticket) -> None:
        if ticket.cancelled:
            return
        try:
            ticket.result = ticket.work()
        except QtmailError as error:
            ticket.error = error
        except BaseException:
            log.exception("background work stopped by a bug")
            ticket.error = QtmailError(
                "This did not work because of a fault in qtmail.", advice="Please report it."
            )
        with self._condition:
            if not self._stopping:
                self._finished.emit(ticket)

    @Slot(object)
    def _pass_on(self, message: tuple[Callable[[Any], None], Any, Callable[[], bool]]) -> None:
        listener, news, wanted = message
        if not self._stopping and wanted() and _is_listening(listener):
            listener(news)

    @Slot(object)
    def _deliver(self, ticket: Ticket) -> None:
        if ticket.cancelled or self._stopping:
            return
        if ticket.error is None:
            if _is_listening(ticket.done):
                ticket.done(ticket.result)
        elif ticket.failed is not None:
            if _is_listening(ticket.failed):
                ticket.failed(ticket.error)
        else:
            log.warning("background work failed: %s (%s)", ticket.error, ticket.error.detail)


def _is_listening(callback: Callable[..., None]) -> bool:
    """False for a method of a widget that was deleted meanwhile: dialogs are closed before answers come."""
    function = callback.func if isinstance(callback, partial) else callback
    owner = getattr(function, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
