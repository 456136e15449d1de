"""The QApplication, with what must be settled before and after it is made."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from qtmail import log
from qtmail.integration.program import APP_ID
from qtmail.ui.message_view.web_environment import prepare_environment
from qtmail.workers.open_files import allow_open_files

SWITCH_INTERVAL = 0.0001
"""Seconds a thread may compute before another gets the interpreter. At Python's 5 ms each call of a delegate
would wait that long while a worker parses, and scrolling would stutter."""


class QtApplication(QApplication):
    """Hears what the system says to the program as a whole.

    Its own `event` sees only what is meant for the application; an event filter would see every event of the
    program, and cost each of them a call into Python.
    """

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self._asked: list[str] = []
        self._open: Callable[[str], None] = self._asked.append
        self._quit: Callable[[], None] | None = None

    def deliver_to(self, open_: Callable[[str], None], quit_: Callable[[], None]) -> None:
        """From now on tell of what is to be opened, a mailto: link or a path, and of the wish to end.

        macOS asks by events and not by arguments; what it asked for before this call is told at once.
        """
        self._open, self._quit = open_, quit_
        asked, self._asked = self._asked, []
        for one in asked:
            open_(one)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            url = event.url()
            if wanted := url.toEncoded().toStdString() if url.scheme() == "mailto" else event.file():
                self._open(wanted)
            return True
        if event.type() == QEvent.Type.Quit and self._quit is not None:
            # The Dock and session managers end a program so; an open composer would refuse, but what it holds
            # is saved.
            self._quit()
        return super().event(event)


def make_qt_application() -> QtApplication:
    """The one application of this process."""
    prepare_environment()
    allow_open_files()
    qInstallMessageHandler(_log_qt_message)
    sys.setswitchinterval(SWITCH_INTERVAL)
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        # The id that the shortcuts of the set-up carry: the task bar takes window and shortcut for one.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
    qt = QtApplication(sys.argv[:1])
    qt.setApplicationName("qtmail")
    qt.setApplicationDisplayName("qtmail")
    qt.setDesktopFileName(APP_ID)
    # The program may be in the notification area, without a window; MainWindow.left says when it ends.
    qt.setQuitOnLastWindowClosed(False)
    return qt


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """What Qt says of itself goes to the log: it is for developers, and most of it is about the platform."""
    serious = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    log.logger("qt").log(logging.ERROR if serious else logging.INFO, text)
