"""The second step, while it lasts: the settings are looked for."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar

from qtmail.domain.discovery import Source
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.accounts.assistant.wording import search_words
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.labels import paragraph
from qtmail.ui.shared.theme import Theme

_ICON = QSize(16, 16)
_ASKED = (Source.PROVIDER_LIST, Source.AUTOCONFIG, Source.ISPDB, Source.DNS, Source.GUESS)


class SearchPage(Page):
    """A line for every source that is being asked; all of them are asked at the same time."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.title = self.tr("Looking for your mail servers")
        self.hint = self.tr("This takes some seconds. Only the address is used, never the password.")
        self._theme = theme
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(10)
        self._lines.setVerticalSpacing(10)
        self._lines.setColumnStretch(1, 1)
        self._labels: list[QLabel] = []
        self._marks: list[QLabel] = []
        progress = QProgressBar()
        progress.setRange(0, 0)
        progress.setTextVisible(False)
        progress.setAccessibleName(self.title)
        for row in range(len(_ASKED)):
            self._marks.append(QLabel())
            self._labels.append(paragraph())
            self._lines.addWidget(self._marks[row], row, 0)
            self._lines.addWidget(self._labels[row], row, 1)
        self.rows.addWidget(progress)
        self.rows.addLayout(self._lines)
        self.rows.addStretch(1)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_domain(self, domain: str) -> None:
        """The search for the servers of this domain begins."""
        for source, label in zip(_ASKED, self._labels, strict=True):
            label.setText(search_words(source, domain))

    def complete(self) -> bool:
        """Nobody goes on from here; what is found does."""
        return False

    def _restyle(self) -> None:
        glyph = icon(IconName.WORKING, self._theme.colors().accent)
        for mark in self._marks:
            mark.setPixmap(glyph.pixmap(_ICON, self.devicePixelRatioF()))
