"""How qtmail lives on the desktop: when its window is closed, at sign-in, when a mail link is clicked."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from qtmail.integration.system import SystemIntegration
from qtmail.models.background import Background
from qtmail.ui.preferences.arrangement import Arrangement
from qtmail.ui.preferences.default_program import DefaultProgram
from qtmail.ui.preferences.sign_in_start import SignInStart
from qtmail.ui.shared.labels import heading, paragraph
from qtmail.ui.window.presence import Presence
from qtmail.ui.window.window_state import WindowState


class DesktopPage(QWidget):
    """What can be arranged here; what cannot is said instead.

    Args:
        system: None where nothing is to be arranged with it, as in the demo.

    Attributes:
        arrangements: those that are asked of the system.
    """

    def __init__(
        self,
        state: WindowState,
        presence: Presence,
        system: SystemIntegration | None,
        background: Background,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.arrangements: list[Arrangement] = []
        has_tray = presence.has_tray
        self.keep = QCheckBox(self.tr("&Keep qtmail running in the notification area"))
        self.keep.setChecked(state.keep_in_tray)
        self.keep.toggled.connect(presence.keep_running)
        no_tray = self.tr("This desktop has no notification area: when its window is closed, qtmail ends.")
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(heading(self.tr("When the window is closed")))
        layout.addWidget(self.keep if has_tray else paragraph(no_tray))
        if system is None:
            layout.addSpacing(12)
            layout.addWidget(
                paragraph(self.tr("The demo changes nothing on your computer: nothing else is offered here."))
            )
        else:
            self.start = SignInStart(system, background, state, has_tray=has_tray)
            self.default = DefaultProgram(system, background)
            self.arrangements = [self.start, self.default]
            for title, row in (
                (self.tr("When you sign in"), self.start),
                (self.tr("Default mail program"), self.default),
            ):
                layout.addSpacing(12)
                layout.addWidget(heading(title))
                layout.addWidget(row)
        layout.addStretch(1)
