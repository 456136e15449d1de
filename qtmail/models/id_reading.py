"""Reads the ids of a message list in the background, and says how they differ from those shown.

At most one reading is under way. Changes of the store that come meanwhile are answered by one more
afterwards, and those that follow each other quickly by one together:

    idle ──► (change) ──► waiting ──► reading ──► idle
                            ▲            │ a change while reading
                            └────────────┘
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Collection, Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from qtmail.domain.message import MessageQuery
from qtmail.errors import QtmailError
from qtmail.models.background import Background, Cancellable, MessageReader
from qtmail.models.id_changes import Rearrangement, Splice, compare, with_kept

REFRESH_MS = 40
"""Changes within this time are answered by one reading."""
REFRESH_REST = 2.0
"""After a reading, rest this many times as long as it took, so that a long sync does not keep a core busy
with it.
"""
_PAGE = 100

Change = list[Splice] | Rearrangement


class IdReading(QObject):
    """The readings of one list.

    Args:
        shown: the ids the list shows now.

    Signals:
        arrived: all ids were read; carries them and the change that leads from those shown to them.
        failed: carries the `QtmailError`.
    """

    arrived = Signal(object, object)
    failed = Signal(object)

    def __init__(
        self,
        messages: MessageReader,
        background: Background,
        shown: Callable[[], array[int]],
        refresh_ms: int,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._messages = messages
        self._background = background
        self._shown = shown
        self._refresh_ms = refresh_ms
        self._query = MessageQuery(())
        self._touched: set[int] = set()
        self._under_way: Cancellable | None = None
        self._again = False
        self._rested_at = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.read)

    @property
    def active(self) -> bool:
        """Whether a reading is under way or about to be."""
        return self._timer.isActive() or self._under_way is not None

    def begin(self, query: MessageQuery) -> None:
        """From now on it is another query; what is under way for the one before is dropped."""
        self._query = query
        self._touched.clear()
        self._timer.stop()
        self._again = False
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None

    def note_change(self, touched: Iterable[int] = ()) -> None:
        """Read again soon. Messages of `touched` that no longer fit the query stay in the list while they are
        in its folders.
        """
        self._touched.update(touched)
        if self._under_way is not None:
            self._again = True
        elif not self._timer.isActive():
            rest = max(0.0, self._rested_at - time.monotonic())
            self._timer.start(self._refresh_ms + int(rest * 1000))

    def read(self) -> None:
        """Read now."""
        query, old, touched = self._query, self._shown(), frozenset(self._touched)
        started = time.monotonic()

        def work() -> tuple[array[int], Change]:
            new = self._messages.ids(query)
            if touched:
                new = with_kept(old, new, _still_there(self._messages, touched, query.folder_ids))
            return new, compare(old, new)

        def done(result: tuple[array[int], Change]) -> None:
            now = time.monotonic()
            self._rested_at = now + REFRESH_REST * (now - started)
            self._finish(*result)

        self._again = False
        self._under_way = self._background.submit(work, done, self._fail)

    def _finish(self, new: array[int], change: Change) -> None:
        self._under_way = None
        self.arrived.emit(new, change)
        if self._again:
            self.note_change()

    def _fail(self, error: QtmailError) -> None:
        self._under_way = None
        self.failed.emit(error)


def _still_there(messages: MessageReader, ids: Iterable[int], folder_ids: Collection[int]) -> set[int]:
    """Those of the messages that are in one of the folders."""
    wanted = list(ids)
    found: set[int] = set()
    for start in range(0, len(wanted), _PAGE):
        rows = messages.rows(wanted[start : start + _PAGE])
        found.update(row.id for row in rows if row.folder_id in folder_ids)
    return found
