"""Opens the preferences over the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from qtmail.models.background import Background
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.integration.system import SystemIntegration
    from qtmail.ui.preferences.preferences_dialog import PreferencesDialog
    from qtmail.ui.window.main_window import MainWindow
    from qtmail.ui.window.window_state import WindowState


class PreferencesPrompt(QObject):
    """There is one such dialog at a time.

    Attributes:
        system: arranges what the Desktop page offers; None: that is not offered.
        dialog: the one that is open.
    """

    def __init__(
        self,
        window: MainWindow,
        state: WindowState,
        background: Background,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self.system: SystemIntegration | None = None
        self._background = background
        self._theme = theme
        self.dialog: PreferencesDialog | None = None

    def offer(self, system: SystemIntegration) -> None:
        """From now on let the user arrange things with the system."""
        self.system = system

    def open(self) -> None:
        """Show the preferences."""
        if self.dialog is None:
            self.dialog = self._make()
            self.dialog.open()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _make(self) -> PreferencesDialog:
        # Not before somebody asks for them: what is not loaded makes the start no longer.
        from qtmail.ui.preferences.appearance_page import AppearancePage  # noqa: PLC0415  # see above
        from qtmail.ui.preferences.desktop_page import DesktopPage  # noqa: PLC0415
        from qtmail.ui.preferences.preferences_dialog import PreferencesDialog  # noqa: PLC0415
        from qtmail.ui.preferences.writing_page import WritingPage  # noqa: PLC0415

        window, state = self._window, self._state
        dialog = PreferencesDialog(
            AppearancePage(window.actions_),
            WritingPage(window.actions_, state),
            DesktopPage(state, window.presence, self.system, self._background),
            self._theme,
            window,
        )
        dialog.finished.connect(self._closed)
        return dialog

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
