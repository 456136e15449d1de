"""How messages are written and sent."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from qtmail.ui.preferences.action_choice import ActionChoice
from qtmail.ui.shared.forms import form_layout, hint
from qtmail.ui.window.actions import Actions
from qtmail.ui.window.window_state import WindowState


class WritingPage(QWidget):
    """What new messages take up."""

    def __init__(self, actions: Actions, state: WindowState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.undo = ActionChoice(
            [actions[f"account.undo_{seconds}"] for seconds in (0, 5, 10, 30)], self.tr("Sending")
        )
        self.plain = QCheckBox(self.tr("Begin messages as &plain text"))
        self.one_width = QCheckBox(self.tr("Show plain text in letters of one &width"))
        form = form_layout()
        form.addRow(self.tr("&Sending"), self.undo)
        form.addRow("", self.plain)
        form.addRow("", hint(self.tr("Messages that are being written stay as they are.")))
        form.addRow("", self.one_width)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addStretch(1)
        self.refresh()
        self.plain.toggled.connect(self._take)
        self.one_width.toggled.connect(self._take)

    def refresh(self) -> None:
        """Show what is chosen by now: a window in which a message is written offers the same."""
        plain, one_width = self._state.write_plain, self._state.one_width
        self.plain.setChecked(plain)
        self.one_width.setChecked(one_width)

    def _take(self) -> None:
        self._state.write_plain = self.plain.isChecked()
        self._state.one_width = self.one_width.isChecked()
