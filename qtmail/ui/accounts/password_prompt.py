"""Asks for the password of an account, without stopping anything else."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account
from qtmail.domain.events import Problem
from qtmail.ui.accounts.keyring_choice import KeyringChoice
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.labels import paragraph


class PasswordPrompt(QDialog):
    """A field for one password.

    Signals:
        answered: the password, and whether to keep it in the system's keyring.
    """

    answered = Signal(str, bool)

    def __init__(self, account: Account, problem: Problem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Password for {account}").format(account=account.name))
        self.password = PasswordField()
        self.keyring = KeyringChoice()
        form = QFormLayout()
        server = account.server_for(sending=problem.sending)
        form.addRow(self.tr("Server"), paragraph(server.host))
        form.addRow(self.tr("User name"), paragraph(server.user))
        form.addRow(self.tr("&Password"), self.password)
        form.addRow("", self.keyring)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(self.tr("Sign in"))
        self._ok.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.password.textChanged.connect(lambda _text: self._check_complete())
        self.keyring.changed.connect(self._check_complete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(paragraph(problem.sentence))
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.setMinimumWidth(420)
        self.password.setFocus()

    def accept(self) -> None:
        self.answered.emit(self.password.text(), self.keyring.remembers())
        self.password.clear()
        super().accept()

    def _check_complete(self) -> None:
        self._ok.setEnabled(bool(self.password.text()) and self.keyring.settled())


class PasswordField(QLineEdit):
    """A line of dots, with a button that shows what was typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAccessibleName(self.tr("Password"))
        self._shown = self.addAction(icon(IconName.ENCRYPTED), QLineEdit.ActionPosition.TrailingPosition)
        self._shown.setCheckable(True)
        self._shown.setText(self.tr("Show the password"))
        self._shown.setToolTip(self.tr("Show the password"))
        self._shown.toggled.connect(self._show_password)

    def _show_password(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._shown.setIcon(icon(IconName.NOT_ENCRYPTED if shown else IconName.ENCRYPTED))

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(260, 0))
