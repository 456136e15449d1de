"""Whether mail links of other programs open in qtmail."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from qtmail.integration.system import Made, SystemIntegration
from qtmail.models.background import Background
from qtmail.ui.preferences.arrangement import Arrangement
from qtmail.ui.shared.labels import paragraph


class DefaultProgram(Arrangement):
    """A sentence, and a button where something is left to wish for."""

    def __init__(
        self, system: SystemIntegration, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(background, parent)
        self._system = system
        self.sentence = paragraph()
        self.make_button = QPushButton(self.tr("&Make default"))
        self.make_button.setAutoDefault(False)
        self.make_button.setAccessibleDescription(self.tr("Have mail links open in qtmail"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.sentence, 1)
        layout.addWidget(self.make_button)
        self.make_button.clicked.connect(self._make)
        self._say(self.tr("Looking which program opens mail links…"), offer=False)
        self.refresh()

    def _look(self) -> None:
        self._submit(self._system.is_default_mail_program, self._show, lambda: self._show(None))

    def _make(self) -> None:
        self.make_button.setEnabled(False)
        self._submit(self._system.make_default_mail_program, self._made, self._look)

    def _made(self, made: Made) -> None:
        if made is Made.DONE:
            self._look()
        else:
            self._say(
                self.tr("A page of your system's settings is open: choose qtmail for mail there."), offer=True
            )

    def _show(self, ours: bool | None) -> None:
        if ours is None:
            sentence = self.tr("Your system does not tell which program opens mail links.")
        elif ours:
            sentence = self.tr("qtmail is the default mail program: mail links open in it.")
        else:
            sentence = self.tr("Mail links open in another program.")
        self._say(sentence, offer=not ours)

    def _say(self, sentence: str, *, offer: bool) -> None:
        self.sentence.setText(sentence)
        self.make_button.setVisible(offer)
        self.make_button.setEnabled(offer)
