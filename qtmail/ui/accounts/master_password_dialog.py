"""Locks the file in which passwords are kept with another master password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from qtmail.errors import QtmailError
from qtmail.ui.accounts.password_prompt import PasswordField
from qtmail.ui.accounts.settings.passphrase import NewPassphrase
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService

_FAULT = "fault"


class MasterPasswordDialog(QDialog):
    """The old one, and the new one twice; stays open until it is changed, or the user gives up."""

    def __init__(self, service: MailService, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self.setWindowTitle(self.tr("Change master password"))
        self.old = PasswordField()
        self.old.setAccessibleName(self.tr("Old master password"))
        self.new = NewPassphrase(self.tr("&New master password"))
        self.notices = NoticeArea(theme)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.change_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.change_button.setText(self.tr("&Change"))
        buttons.accepted.connect(self._change)
        buttons.rejected.connect(self.reject)
        self.old.textChanged.connect(lambda _text: self._follow())
        self.new.changed.connect(self._follow)
        self.new.form.insertRow(0, self.tr("&Old master password"), self.old)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addWidget(self.new)
        layout.addWidget(self.notices)
        layout.addWidget(buttons)
        self.setMinimumWidth(460)
        self.old.setFocus()
        self._follow()
        if not service.has_vault():
            self.new.setEnabled(False)
            text = self.tr("There is no master password: no passwords are kept in a file here.")
            self.notices.show_notice(_FAULT, text, closable=False)

    def _follow(self) -> None:
        self.change_button.setEnabled(bool(self.old.text() and self.new.passphrase()))

    def _change(self) -> None:
        # Deriving both keys takes a good part of a second, elsewhere.
        self.change_button.setEnabled(False)
        self.notices.clear()
        self._service.change_master_password(
            self.old.text(), self.new.passphrase(), self.accept, self._refused
        )

    def _refused(self, error: QtmailError) -> None:
        self.notices.show_notice(_FAULT, str(error), tone=Tone.DANGER, closable=False)
        self.old.selectAll()
        self.old.setFocus()
        self._follow()

    def done(self, result: int) -> None:
        for field in (self.old, self.new.first, self.new.second):
            field.clear()
        super().done(result)
