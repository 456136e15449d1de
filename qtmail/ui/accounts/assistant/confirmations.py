"""What the user has to agree to before settings are used that may give the password away."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from qtmail.ui.accounts.assistant.choice import Choice
from qtmail.ui.shared.notice_strip import NoticeStrip, Tone
from qtmail.ui.shared.theme import Theme

_Question = tuple[Tone, str, str]
"""How it speaks, what is the matter, and what the user agrees to."""


class Confirmations(QWidget):
    """A strip and a box to tick for everything that is doubtful about a choice; nothing where all is well.

    Signals:
        changed: `given()` may be another now.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._asked: list[_Question] = []
        self.boxes: list[QCheckBox] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)

    def ask(self, choice: Choice | None, domain: str) -> None:
        """Ask about the servers of `choice` for an address at `domain`; what was agreed to stays so as long
        as the questions are the same.
        """
        questions = list(self._questions(choice, domain)) if choice is not None else []
        if questions == self._asked:
            return
        self._asked = questions
        self._clear()
        for tone, text, agreement in questions:
            box = QCheckBox(agreement)
            box.toggled.connect(lambda _on: self.changed.emit())
            self.boxes.append(box)
            self._layout.addWidget(NoticeStrip(self._theme, text, tone=tone))
            self._layout.addWidget(box)

    def given(self) -> bool:
        """Whether the user agreed to everything asked."""
        return all(box.isChecked() for box in self.boxes)

    def _questions(self, choice: Choice, domain: str) -> Iterator[_Question]:
        for server in choice.clear_servers():
            words = self.tr(
                "The line to {host} is NOT encrypted: anyone on the way can read your mail and your "
                "password. Ask your provider for a server with encryption."
            )
            agreement = self.tr("Sign in to {host} without encryption all the same")
            yield Tone.DANGER, words.format(host=server.host), agreement.format(host=server.host)
        if choice.foreign:
            hosts = ", ".join(choice.foreign)
            words = self.tr(
                "Your mail would be handled by {hosts}, outside {domain}. That is usual with a mail "
                "provider, but nobody vouches for the answer. Is this your provider?"
            )
            agreement = self.tr("Yes, use {hosts}")
            yield Tone.WARNING, words.format(hosts=hosts, domain=domain), agreement.format(hosts=hosts)

    def _clear(self) -> None:
        self.boxes.clear()
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
