"""A person who drags two messages onto a folder, with a real pointer on a real screen: a process of its own.

    python -m tests.end2end.dragging PROFILE FOLDER

Prints the title of the folder once it offers to take the messages.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QItemSelectionModel, QPoint, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from qtmail.app import Application
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.roles import MessageColumn

LIMIT = 20.0
STEPS = 20
PAUSE = 0.03
"""Seconds between two movements, of which the window is to see most."""
SELECT_TOO = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


class Pointer:
    """The pointer of the screen, moved as by hand (the X extension XTEST)."""

    def __init__(self) -> None:
        self._x11, self._xtest = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x11.XOpenDisplay(None))

    def move(self, place: QPoint) -> None:
        self._xtest.XTestFakeMotionEvent(self._display, -1, place.x(), place.y(), 0)
        self._x11.XFlush(self._display)

    def button(self, *, down: bool) -> None:
        self._xtest.XTestFakeButtonEvent(self._display, 1, int(down), 0)
        self._x11.XFlush(self._display)


class Drag(threading.Thread):
    """Drags from one place to another, and drops there once `ready` is set."""

    def __init__(self, start: QPoint, end: QPoint, ready: threading.Event) -> None:
        super().__init__(daemon=True)
        self._start, self._end, self._ready = start, end, ready
        self._pause = threading.Event()

    def run(self) -> None:
        pointer = Pointer()
        pointer.move(self._start)
        self._pause.wait(PAUSE)
        pointer.button(down=True)
        for step in range(1, STEPS + 1):
            self._pause.wait(PAUSE)
            pointer.move(self._start + (self._end - self._start) * step / STEPS)
        self._ready.wait(LIMIT)
        pointer.button(down=False)


def wait(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + LIMIT
    while not condition() and monotonic() < deadline:
        QTest.qWait(10)


def main(profile: Path, folder: str) -> None:
    application = Application(QApplication([]), profile)
    application.service.offline = True
    window = application.window
    window.move(0, 0)
    application.show()
    table, tree = window.message_pane.table, window.folder_pane.tree
    wait(lambda: table.model().rowCount() == 3)
    table.select_row(0)
    table.selectionModel().select(table.model().index(1, MessageColumn.SUBJECT), SELECT_TOO)
    card = table.visualRect(table.model().index(1, MessageColumn.SUBJECT)).center()
    model = tree.model()
    assert isinstance(model, FolderTreeModel)
    row = tree.visualRect(model.index_of(f"folder/{application.service.accounts()[0].id}/{folder}")).center()
    ready = threading.Event()

    def look() -> None:
        node = tree.drop_target()
        if node is not None and node.title == folder and not ready.is_set():
            print(node.title)
            ready.set()

    # A timer: while something is dragged, Qt runs a loop of its own.
    watch = QTimer(interval=30)
    watch.timeout.connect(look)
    watch.start()
    drag = Drag(table.viewport().mapToGlobal(card), tree.viewport().mapToGlobal(row), ready)
    drag.start()
    wait(lambda: table.model().rowCount() == 1)
    drag.join(LIMIT)
    application.close()


def _arguments(given: Sequence[str]) -> tuple[Path, str]:
    profile, folder = given
    return Path(profile), folder


if __name__ == "__main__":
    main(*_arguments(sys.argv[1:]))
