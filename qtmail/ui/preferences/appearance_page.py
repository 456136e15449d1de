"""How the window looks."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from qtmail.ui.preferences.action_choice import ActionChoice
from qtmail.ui.shared.forms import form_layout
from qtmail.ui.window.actions import Actions


class AppearancePage(QWidget):
    """The choices of the View menu."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = ActionChoice(
            [actions[f"view.{mode}"] for mode in ("system", "light", "dark")], self.tr("Colours")
        )
        self.list = ActionChoice(
            [actions[f"view.{view}"] for view in ("cards", "columns")], self.tr("Message list")
        )
        self.layout_ = ActionChoice(
            [actions[f"view.{place}"] for place in ("right", "below")], self.tr("Open message")
        )
        form = form_layout()
        form.addRow(self.tr("Colou&rs"), self.theme)
        form.addRow(self.tr("Message &list"), self.list)
        form.addRow(self.tr("&Open message"), self.layout_)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addStretch(1)
