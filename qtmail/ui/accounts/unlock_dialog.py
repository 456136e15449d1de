"""Asks for the master password of the file in which passwords are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from qtmail.domain.events import Problem
from qtmail.errors import QtmailError
from qtmail.ui.accounts.password_prompt import PasswordField
from qtmail.ui.shared.labels import paragraph
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService

_FAULT = "fault"
_FORGOTTEN = "forgotten"


class UnlockDialog(QDialog):
    """One field; stays open until the file is, or the user gives up.

    Signals:
        unlocked: the passwords can be read now; or the file was put aside, and they are asked for.
    """

    unlocked = Signal()

    def __init__(
        self, problem: Problem, service: MailService, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self.setWindowTitle(self.tr("Unlock passwords"))
        self.password = PasswordField()
        self.password.setAccessibleName(self.tr("Master password"))
        self.notices = NoticeArea(theme)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.unlock_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.unlock_button.setText(self.tr("&Unlock"))
        self.unlock_button.setEnabled(False)
        self.forgotten_button = buttons.addButton(
            self.tr("&Forgotten…"), QDialogButtonBox.ButtonRole.ResetRole
        )
        self.forgotten_button.setAutoDefault(False)
        self.forgotten_button.clicked.connect(lambda _checked: self._offer_new_start())
        buttons.accepted.connect(self._try)
        buttons.rejected.connect(self.reject)
        self.password.textChanged.connect(lambda text: self.unlock_button.setEnabled(bool(text)))
        form = QFormLayout()
        form.addRow(self.tr("&Master password"), self.password)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addWidget(paragraph(problem.sentence))
        layout.addLayout(form)
        layout.addWidget(self.notices)
        layout.addWidget(buttons)
        self.setMinimumWidth(440)
        self.password.setFocus()

    def _try(self) -> None:
        # Deriving the key takes a good tenth of a second, elsewhere.
        self.unlock_button.setEnabled(False)
        self.notices.clear()
        self._service.unlock_vault(self.password.text(), self._opened, self._refused)

    def _offer_new_start(self) -> None:
        self.notices.clear()
        self.notices.show_notice(
            _FORGOTTEN,
            self.tr(
                "Without the master password nobody can open the file. You can start again without it: your "
                "mail stays, and the password of each account is asked for once more."
            ),
            tone=Tone.WARNING,
            actions=[(self.tr("Start again"), self._start_again)],
            closable=False,
        )

    def _start_again(self) -> None:
        self._service.forget_vault(self._opened, self._refused)

    def _opened(self) -> None:
        self.unlocked.emit()
        self.accept()

    def _refused(self, error: QtmailError) -> None:
        self.notices.show_notice(_FAULT, str(error), tone=Tone.DANGER, closable=False)
        self.password.selectAll()
        self.password.setFocus()
        self.unlock_button.setEnabled(True)

    def done(self, result: int) -> None:
        self.password.clear()
        super().done(result)
