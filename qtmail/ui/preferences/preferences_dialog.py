"""The preferences: what concerns the program as a whole, on a few pages.

Every choice holds at once, as the same choices do in the menus: the window behind the dialog shows what they
mean, and each is taken back by choosing again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from qtmail.errors import QtmailError
from qtmail.ui.preferences.appearance_page import AppearancePage
from qtmail.ui.preferences.desktop_page import DesktopPage
from qtmail.ui.preferences.writing_page import WritingPage
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.scrolled import scrolled
from qtmail.ui.shared.theme import Theme

_SIZE = (620, 440)
_REFUSED = "refused"


class PreferencesDialog(QDialog):
    """Shows the pages, and what the system refused."""

    def __init__(
        self,
        appearance: AppearancePage,
        writing: WritingPage,
        desktop: DesktopPage,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.appearance, self.writing, self.desktop = appearance, writing, desktop
        self.tabs = QTabWidget()
        for page, title in (
            (appearance, self.tr("Appearance")),
            (writing, self.tr("Writing")),
            (desktop, self.tr("Desktop")),
        ):
            area = scrolled(page)
            # It scrolls up and down only: what is as wide as a language makes it has to find room.
            area.setMinimumWidth(page.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
            self.tabs.addTab(area, title)
        self.notices = NoticeArea(theme)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.notices)
        layout.addWidget(buttons)
        for arrangement in desktop.arrangements:
            arrangement.failed.connect(self._tell)
        self.resize(*_SIZE)

    def _tell(self, error: QtmailError) -> None:
        self.notices.show_notice(_REFUSED, str(error), tone=Tone.DANGER)

    def changeEvent(self, event: QEvent) -> None:
        """Who comes back to the dialog may have chosen otherwise in another window, or in the system."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.writing.refresh()
            for arrangement in self.desktop.arrangements:
                arrangement.refresh()
