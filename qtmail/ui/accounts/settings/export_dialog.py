"""Puts all settings into one file, with the passwords under a passphrase or without them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.errors import QtmailError
from qtmail.ui.accounts.settings.passphrase import NewPassphrase
from qtmail.ui.shared.labels import paragraph
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService

SUFFIX = ".qtmail-settings"
_OUTCOME = "outcome"


class ExportDialog(QDialog):
    """Asks what goes into the file, then where it is to be, and says what came of it."""

    def __init__(
        self,
        service: MailService,
        preferences: Mapping[str, str],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._preferences = dict(preferences)
        self.setWindowTitle(self.tr("Export settings"))
        self.explanation = paragraph(
            self.tr(
                "Accounts, identities, signatures, templates and preferences go into one file; mail does not."
            )
        )
        self.secrets = QCheckBox(self.tr("&Include passwords, protected by a passphrase"))
        self.passphrase = NewPassphrase()
        self.outcome = NoticeArea(theme)
        self.export_button = QPushButton(self.tr("&Export…"))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self.secrets.toggled.connect(lambda _checked: self._follow())
        self.passphrase.changed.connect(self._follow)
        self._follow()

    def _lay_out(self) -> None:
        self._buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.ActionRole)
        self._buttons.rejected.connect(self.reject)
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(lambda _checked: self._choose_file())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(self.explanation)
        layout.addWidget(self.secrets)
        layout.addWidget(self.passphrase)
        layout.addWidget(self.outcome)
        layout.addStretch(1)
        layout.addWidget(self._buttons)
        self.setMinimumWidth(500)

    def export_to(self, path: Path) -> None:
        """Write the file, and say what came of it."""
        self.export_button.setEnabled(False)
        self._service.export_settings(
            path,
            passphrase=self.passphrase.passphrase() if self.secrets.isChecked() else None,
            preferences=self._preferences,
            done=self._exported,
            failed=self._failed,
        )

    def _choose_file(self) -> None:
        names = self.tr("Settings (*{0})").format(SUFFIX)
        dialog = QFileDialog(self, self.tr("Export settings"), f"settings{SUFFIX}", names)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _exported(self, path: Path) -> None:
        text = self.tr("The settings are in {file}.").format(file=path.name)
        self.outcome.show_notice(_OUTCOME, text, closable=False)
        for part in (self.explanation, self.secrets, self.passphrase, self.export_button):
            part.hide()
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Close"))
        self.adjustSize()

    def _failed(self, error: QtmailError) -> None:
        self.outcome.show_notice(_OUTCOME, str(error), tone=Tone.DANGER, closable=False)
        self._follow()

    def _follow(self) -> None:
        self.passphrase.setVisible(self.secrets.isChecked())
        ready = not self.secrets.isChecked() or bool(self.passphrase.passphrase())
        self.export_button.setEnabled(ready)
