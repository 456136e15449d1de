"""Takes settings out of a file, after it has shown what it will add."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account
from qtmail.domain.account_settings import AcceptedCertificate, Exemption, Imported, SettingsFile
from qtmail.errors import QtmailError
from qtmail.ui.accounts.password_prompt import PasswordField
from qtmail.ui.accounts.settings.color_choice import DOT_SIZE, dot_icon
from qtmail.ui.shared.forms import form_layout, hint
from qtmail.ui.shared.labels import heading, paragraph
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.roomy import give_room
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService

_OUTCOME = "outcome"


class ImportDialog(QDialog):
    """The accounts in the file, those that are here already marked; nothing is added before *Import*.

    Signals:
        preferences_taken: how the window was set up, by name, where the file says so.
    """

    preferences_taken = Signal(dict)

    def __init__(self, service: MailService, path: Path, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._path = path
        self._file: SettingsFile | None = None
        self.setWindowTitle(self.tr("Import settings"))
        self.title = heading(self.tr("Reading {file}…").format(file=path.name))
        self.accounts = QListWidget()
        self.accounts.setAccessibleName(self.tr("Accounts in the file"))
        self.accounts.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.accounts.setIconSize(DOT_SIZE)
        give_room(self.accounts)
        self.also = paragraph(
            self.tr(
                "Identities, signatures, templates, preferences, and the senders whose pictures are always "
                "shown, come with them."
            )
        )
        self.secrets = QWidget()
        self.passphrase = PasswordField()
        self.passphrase.setAccessibleName(self.tr("Passphrase"))
        self.exemptions = QCheckBox()
        self.exemption_list = hint()
        self.outcome = NoticeArea(theme)
        self.import_button = QPushButton(self.tr("&Import"))
        self.import_button.setEnabled(False)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self._show(None)
        service.read_settings(path, self._show, self._failed)

    def _lay_out(self) -> None:
        form = form_layout()
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(self.tr("&Passphrase"), self.passphrase)
        form.addRow(
            "", hint(self.tr("Left empty, the accounts come without their passwords, and each is asked for."))
        )
        self.secrets.setLayout(form)
        self._buttons.addButton(self.import_button, QDialogButtonBox.ButtonRole.ActionRole)
        self._buttons.rejected.connect(self.reject)
        self.import_button.setDefault(True)
        self.import_button.clicked.connect(lambda _checked: self._import())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(self.title)
        layout.addWidget(self.accounts, 1)
        layout.addWidget(self.also)
        layout.addWidget(self.exemptions)
        layout.addWidget(self.exemption_list)
        layout.addWidget(self.secrets)
        layout.addWidget(self.outcome)
        layout.addStretch()
        layout.addWidget(self._buttons)
        self.resize(540, 420)

    def _show(self, file: SettingsFile | None) -> None:
        for part in (self.accounts, self.also):
            part.setVisible(file is not None)
        self.secrets.setVisible(file is not None and file.has_secrets)
        self._show_exemptions(file.exemptions if file is not None else ())
        if file is None:
            return
        self._file = file
        for account in file.accounts:
            self.accounts.addItem(self._row(account, known=account.address in file.known))
        new = sum(account.address not in file.known for account in file.accounts)
        self.title.setText(self._count_words(new))
        self.import_button.setEnabled(True)
        (self.passphrase if file.has_secrets else self.import_button).setFocus()

    def _show_exemptions(self, exemptions: Sequence[Exemption]) -> None:
        """What makes a connection weaker comes only if the user wants it, who sees what it is."""
        for part in (self.exemptions, self.exemption_list):
            part.setVisible(bool(exemptions))
        self.exemptions.setText(self.tr("&Also make these exceptions, as the file does:"))
        self.exemption_list.setText("\n".join(map(self._exemption_words, exemptions)))

    def _exemption_words(self, exemption: Exemption) -> str:
        place = f"{exemption.host}:{exemption.port}"
        if isinstance(exemption, AcceptedCertificate):
            return self.tr("{server} – a certificate that nobody else vouches for").format(server=place)
        return self.tr("{server} – the password over a line that is not encrypted").format(server=place)

    def _count_words(self, new: int) -> str:
        match new:
            case 0:
                return self.tr("No account in {file} is new.").format(file=self._path.name)
            case 1:
                return self.tr("1 account will be added:")
            case _:
                return self.tr("{n} accounts will be added:").format(n=new)

    def _row(self, account: Account, *, known: bool) -> QListWidgetItem:
        text = f"{account.name}  {account.address}".strip()
        if known:
            text = self.tr("{account} – is here already and stays as it is").format(account=text)
        row = QListWidgetItem(dot_icon(account.color), text)
        if known:
            row.setForeground(self.palette().placeholderText())
        return row

    def _import(self) -> None:
        self.import_button.setEnabled(False)
        self.outcome.clear()
        self._service.import_settings(
            self._path,
            self.passphrase.text() or None,
            self._imported,
            self._failed,
            exemptions=self.exemptions.isChecked(),
        )

    def _imported(self, result: Imported) -> None:
        if self._file is not None and self._file.preferences:
            self.preferences_taken.emit(dict(self._file.preferences))
        for part in (
            self.title,
            self.accounts,
            self.also,
            self.secrets,
            self.exemptions,
            self.exemption_list,
        ):
            part.hide()
        self.import_button.hide()
        self.outcome.show_notice(_OUTCOME, self._result_words(result), closable=False)
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Close"))

    def _result_words(self, result: Imported) -> str:
        count = len(result.added)
        if not count:
            return self.tr("No account was added; everything else in the file was taken over.")
        words = (
            self.tr("1 account was added.")
            if count == 1
            else self.tr("{n} accounts were added.").format(n=count)
        )
        if result.without_secret:
            names = ", ".join(result.without_secret)
            words += " " + self.tr("These ask for their password: {names}.").format(names=names)
        return words

    def _failed(self, error: QtmailError) -> None:
        self.outcome.show_notice(_OUTCOME, str(error), tone=Tone.DANGER, closable=False)
        if self._file is None:
            self.title.setText(self.tr("{file} could not be read.").format(file=self._path.name))
        else:
            self.import_button.setEnabled(True)
            self.passphrase.setFocus()
