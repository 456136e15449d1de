"""Where qtmail is to be seen, and when it ends.

    in its window ──closed, and it is to stay──> in the notification area ──click, another start──> back
      │                                            │
      │ closed else                                └─ the area is gone for a while ──> in the task bar
      v
    left <── Quit, from anywhere

Without a window there is an icon, or for PATIENCE looks the hope of one: no process runs on that its user
cannot reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from qtmail.ui.shared.front import bring_to_front

if TYPE_CHECKING:
    from qtmail.ui.window.tray import Tray
    from qtmail.ui.window.window_state import WindowState

LOOK_MS = 2000
"""How often the notification area is looked for while there is no window."""

PATIENCE = 10
"""So many looks in vain, and the window is shown in the task bar. A panel may come up after us at sign-in,
and may be started anew at any time."""


class Presence(QObject):
    """Shows and hides the window, and knows whether closing it ends the program.

    Signals:
        session_ending: the user signs out; what is on display is to be remembered now.
        leaving: the program ends; all other windows are to be closed, what is not saved is to be handed over.
        left: that is done, and the window is gone.
    """

    session_ending = Signal()
    leaving = Signal()
    left = Signal()

    def __init__(self, window: QWidget, tray: Tray, state: WindowState) -> None:
        super().__init__(window)
        self._window = window
        self._tray = tray
        self._state = state
        self._has_left = self._session_ends = False
        self._missed = 0
        self._watch = QTimer(self, interval=LOOK_MS)
        self._watch.timeout.connect(self.look_for_tray)
        tray.open_wanted.connect(self.bring_to_front)
        tray.quit_wanted.connect(self._quit_from_tray)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.commitDataRequest.connect(self.end_session)
        app.applicationStateChanged.connect(self._note_state)

    @property
    def has_tray(self) -> bool:
        """Whether the desktop has a notification area."""
        return self._tray.area.is_there()

    def start_in_tray(self) -> None:
        """Be there without a window, instead of showing it."""
        self._watch.start()
        self.look_for_tray()

    def bring_to_front(self) -> None:
        """Show the window, wherever it was, and give it the keyboard."""
        bring_to_front(self._window)

    def note_shown(self) -> None:
        """The window is on screen."""
        self._watch.stop()
        self._missed = 0
        if self._state.keep_in_tray:
            self._tray.show()

    def stays(self) -> bool:
        """The window is being closed: whether the program stays, in the notification area."""
        if self._has_left or self._session_ends or not self._state.keep_in_tray or not self._tray.show():
            return False
        self._watch.start()
        self._tell_once()
        return True

    def keep_running(self, wanted: bool) -> None:
        """Whether the program is to stay when its window is closed."""
        self._state.keep_in_tray = wanted
        if wanted:
            self._tray.show()
        elif self._window.isVisible():
            self._tray.hide()

    def quit(self) -> None:
        """End the program, whether there is a window or not."""
        if self._has_left:
            return
        self._has_left = True
        self._watch.stop()
        self.leaving.emit()
        self._tray.hide()
        self._window.hide()
        self.left.emit()

    def look_for_tray(self) -> None:
        """See that the user can reach the program while there is no window."""
        self._missed = 0 if self._tray.show() else self._missed + 1
        if self._missed >= PATIENCE:
            self._window.showMinimized()

    def end_session(self) -> None:
        """The user signs out: from now on a window that is closed is not to come back."""
        self._session_ends = True
        self.session_ending.emit()

    def _quit_from_tray(self) -> None:
        """Dialogs do not block the icon as they block the window: one that holds what is not saved may
        refuse.
        """
        while (dialog := QApplication.activeModalWidget()) is not None:
            if not dialog.close():
                self.bring_to_front()
                dialog.activateWindow()
                return
        self.quit()

    def _note_state(self, state: Qt.ApplicationState) -> None:
        # Who uses the program after all has called the signing out off; nobody else tells us.
        if state == Qt.ApplicationState.ApplicationActive:
            self._session_ends = False

    def _tell_once(self) -> None:
        if not self._state.told_of_tray:
            self._state.told_of_tray = True
            self._tray.tell(
                self.tr("qtmail is still running"),
                self.tr("It is in the notification area now. To end it, choose Quit in its menu there."),
            )
