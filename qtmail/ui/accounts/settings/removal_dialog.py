"""Asks, once and in words, whether an account is to be removed, and what becomes of its mail."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.removal import Removal
from qtmail.ui.accounts.settings.account_edit import has_servers
from qtmail.ui.shared.labels import heading, paragraph


class RemovalDialog(QDialog):
    """Says what goes and what stays; where mail would be lost, keeping it is chosen already.

    Signals:
        confirmed: remove it; keep its local mail; drop its unsent mail.
    """

    confirmed = Signal(bool, bool)

    def __init__(self, removal: Removal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._removal = removal
        self.setWindowTitle(self.tr("Remove account"))
        self.keep = QRadioButton(self.tr("&Keep them, under Local folders"))
        self.delete = QRadioButton(self._delete_words())
        self.drop = QCheckBox(self._drop_words())
        self.remove_button = QPushButton(self.tr("&Remove account"))
        self.remove_button.setAutoDefault(False)
        # The mail of the local folders themselves has nowhere else to go: that it is deleted must be said.
        self.keep.setChecked(has_servers(removal.account))
        self._lay_out()
        for choice in (self.delete, self.drop):
            choice.toggled.connect(self._follow)
        self.remove_button.clicked.connect(lambda _checked: self.accept())
        self._follow()

    def accept(self) -> None:
        keep = not self._removal.local_messages or self.keep.isChecked()
        self.confirmed.emit(keep, self.drop.isChecked())
        super().accept()

    def _lay_out(self) -> None:
        account = self._removal.account
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(heading(self.tr("Remove “{name}” from qtmail?").format(name=account.name)))
        layout.addWidget(paragraph(self._what_goes()))
        if self._removal.local_messages:
            layout.addWidget(paragraph(self._local_words()))
            if has_servers(account):
                layout.addWidget(self.keep)
            layout.addWidget(self.delete)
        if self._removal.drafts:
            layout.addWidget(paragraph(self.tr("Drafts on this computer stay.")))
        if self._removal.unsent:
            layout.addWidget(paragraph(self._unsent_words()))
            layout.addWidget(self.drop)
        layout.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.remove_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.setMinimumWidth(480)

    def _what_goes(self) -> str:
        account = self._removal.account
        if not has_servers(account):
            return self.tr("It has no server; its mail is on this computer only.")
        server = account.server.host
        if account.keeps_mail_here:
            return self.tr(
                "Its settings, passwords and identities are deleted here. Nothing is deleted on {server}."
            ).format(server=server)
        return self.tr(
            "Its settings, passwords and identities, and the copies of its mail on this computer, are "
            "deleted here. The mail itself stays on {server}."
        ).format(server=server)

    def _local_words(self) -> str:
        count = self._removal.local_messages
        if count == 1:
            return self.tr("1 message of it is stored on this computer:")
        return self.tr("{n:,} messages of it are stored on this computer:").format(n=count)

    def _delete_words(self) -> str:
        count = self._removal.local_messages
        if count == 1:
            return self.tr("&Delete this message for good")
        return self.tr("&Delete these {n:,} messages for good").format(n=count)

    def _unsent_words(self) -> str:
        count = self._removal.unsent
        if count == 1:
            return self.tr("1 message in its outbox has not been sent, or is not in Sent yet.")
        return self.tr("{n:,} messages in its outbox have not been sent, or are not in Sent yet.").format(
            n=count
        )

    def _drop_words(self) -> str:
        # What was not sent is a draft again; see forget_account.
        return self.tr("&Take back what is not sent: it becomes a draft")

    def _follow(self) -> None:
        """Neither mail that is only here nor unsent mail is dropped by the way."""
        settled = not self._removal.local_messages or self.keep.isChecked() or self.delete.isChecked()
        self.remove_button.setEnabled(settled and (not self._removal.unsent or self.drop.isChecked()))
