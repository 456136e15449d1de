"""Whether qtmail is started when the user signs in to the computer, and how."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from qtmail.integration.system import SystemIntegration
from qtmail.models.background import Background
from qtmail.ui.preferences.arrangement import Arrangement
from qtmail.ui.shared.labels import paragraph
from qtmail.ui.window.window_state import WindowState

_INDENT = 24


class SignInStart(Arrangement):
    """Two boxes, or a sentence where this cannot be arranged.

    Args:
        has_tray: whether the desktop has a notification area.
    """

    def __init__(
        self,
        system: SystemIntegration,
        background: Background,
        state: WindowState,
        *,
        has_tray: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(background, parent)
        self._system = system
        self._state = state
        self.start = QCheckBox(self.tr("&Start qtmail when I sign in to this computer"))
        self.without_window = QCheckBox(
            self.tr("Without a window, in the &notification area")
            if has_tray
            else self.tr("Mi&nimised in the task bar")
        )
        self.without_window.setChecked(state.start_in_tray)
        self.impossible = paragraph(
            self.tr(
                "From here qtmail cannot be started at sign-in; the settings of your system may offer it."
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.start)
        how = QHBoxLayout()
        how.setContentsMargins(_INDENT, 0, 0, 0)
        how.addWidget(self.without_window)
        layout.addLayout(how)
        layout.addWidget(self.impossible)
        self._show(False)
        self.start.setEnabled(False)
        self.start.clicked.connect(self._arrange)
        self.without_window.clicked.connect(self._arrange)
        self.refresh()

    def _look(self) -> None:
        self._submit(self._system.starts_at_sign_in, self._show, lambda: self._show(None))

    def _arrange(self) -> None:
        wanted, in_tray = self.start.isChecked(), self.without_window.isChecked()
        self._state.start_in_tray = in_tray
        self.without_window.setEnabled(wanted)

        def arrange() -> bool | None:
            self._system.start_at_sign_in(wanted, in_tray=in_tray)
            return self._system.starts_at_sign_in()

        self._submit(arrange, self._show, self._look)

    def _show(self, starts: bool | None) -> None:
        possible = starts is not None
        self.start.setVisible(possible)
        self.without_window.setVisible(possible)
        self.impossible.setVisible(not possible)
        self.start.setEnabled(True)
        self.start.setChecked(starts is True)
        self.without_window.setEnabled(starts is True)
