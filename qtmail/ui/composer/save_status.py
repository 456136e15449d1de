"""The line that says whether what was written is safe."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from qtmail.ui.composer.draft_saver import DraftSaver, SaveState
from qtmail.ui.shared.dates import short_date
from qtmail.ui.shared.theme import Theme


class SaveStatus(QLabel):
    """ "Saved 14:05", "Saving…", or why it could not be saved; for a while, how far sending is."""

    def __init__(self, saver: DraftSaver, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._saver = saver
        self._theme = theme
        self.setContentsMargins(12, 0, 0, 0)
        saver.state_changed.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self.setText(self._words())
        colors = self._theme.colors()
        failed = self._saver.state is SaveState.FAILED
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colors.danger if failed else colors.muted)
        self.setPalette(palette)

    def show_progress(self, words: str) -> None:
        """Say how far sending is; "" ends that."""
        if words:
            self.setText(words)
        else:
            self.refresh()

    def _words(self) -> str:
        saver = self._saver
        match saver.state:
            case SaveState.SAVED:
                when = short_date(datetime.fromtimestamp(saver.saved_at).astimezone())
                return self.tr("Saved {0}").format(when)
            case SaveState.CHANGED:
                return self.tr("Not saved yet")
            case SaveState.SAVING:
                return self.tr("Saving…")
            case SaveState.FAILED:
                return self.tr("Could not be saved: {0}").format(saver.fault)
