"""How the window looks: what the user chooses in the View menu, at the panes and in the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from qtmail.ui.shared.theme import ThemeMode
from qtmail.ui.window.about_dialog import AboutDialog
from qtmail.ui.window.commands import CommandPalette
from qtmail.ui.window.window_state import Layout, ListView, WindowState

if TYPE_CHECKING:
    from qtmail.ui.shared.theme import Theme
    from qtmail.ui.window.main_window import MainWindow


class ViewCommands(QObject):
    """Carries out the commands about the window itself, and keeps in mind what was chosen."""

    def __init__(self, window: MainWindow, theme: Theme, state: WindowState) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._state = state

    def restore(self) -> None:
        """Take up what was chosen the last time."""
        window, state = self._window, self._state
        window.message_pane.table.set_list_view(state.list_view)
        for choice in (state.list_view, state.layout, state.theme_mode):
            window.actions_[f"view.{choice}"].setChecked(True)

    def show_cards(self) -> None:
        self._arrange(self._state.layout, ListView.CARDS)

    def show_columns(self) -> None:
        self._arrange(self._state.layout, ListView.COLUMNS)

    def message_right(self) -> None:
        self._arrange(Layout.RIGHT, self._state.list_view)

    def message_below(self) -> None:
        self._arrange(Layout.BELOW, self._state.list_view)

    def theme_system(self) -> None:
        self._set_theme(ThemeMode.SYSTEM)

    def theme_light(self) -> None:
        self._set_theme(ThemeMode.LIGHT)

    def theme_dark(self) -> None:
        self._set_theme(ThemeMode.DARK)

    def open_palette(self) -> None:
        palette = CommandPalette(self._window.actions_, self._theme, self._window)
        palette.open_over(self._window)

    def focus_next_pane(self) -> None:
        self._window.panes.focus_step(1)

    def focus_previous_pane(self) -> None:
        self._window.panes.focus_step(-1)

    def show_about(self) -> None:
        dialog = AboutDialog(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _arrange(self, layout: Layout, view: ListView) -> None:
        window, state = self._window, self._state
        window.panes.arrange(layout, view, state)
        state.layout, state.list_view = layout, view
        window.message_pane.table.set_list_view(view)
        for choice in (layout, view):
            window.actions_[f"view.{choice}"].setChecked(True)

    def _set_theme(self, mode: ThemeMode) -> None:
        self._state.theme_mode = mode
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._theme.apply(app, mode)
        self._window.actions_[f"view.{mode}"].setChecked(True)
