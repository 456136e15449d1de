"""The fields of one identity, and what may be wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.identity import Identity
from qtmail.mime.recipients import split_recipients
from qtmail.mime.sendable import address_fault
from qtmail.models.folder_nodes import path_words, special_name
from qtmail.ui.accounts.signature_edit import SignatureEdit
from qtmail.ui.shared.theme import Theme


class IdentityForm(QWidget):
    """Shows an identity and gives it back as it was edited.

    Signals:
        changed: a field is another.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._identity = Identity(0, 0, "", "")
        self.name = QLineEdit()
        self.address = QLineEdit()
        self.reply_to = QLineEdit()
        self.reply_to.setPlaceholderText(self.tr("The address above"))
        self.bcc = QLineEdit()
        self.bcc.setPlaceholderText(self.tr("Nobody"))
        self.sent_folder = QComboBox()
        self.signature = SignatureEdit(theme)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(8)
        layout.addRow(self.tr("&Name"), self.name)
        layout.addRow(self.tr("Mail a&ddress"), self.address)
        layout.addRow(self.tr("Ans&wers go to"), self.reply_to)
        layout.addRow(self.tr("&Blind copy to"), self.bcc)
        layout.addRow(self.tr("&Keep sent mail in"), self.sent_folder)
        layout.addRow(self.tr("Si&gnature"), self.signature)
        for field in (self.name, self.address, self.reply_to, self.bcc):
            field.textEdited.connect(lambda _text: self.changed.emit())
        self.sent_folder.activated.connect(lambda _row: self.changed.emit())
        self.signature.changed.connect(self.changed)

    def show_identity(self, identity: Identity, folders: Sequence[Folder]) -> None:
        """Show an identity of an account with these folders, without `changed`."""
        blocked = self.blockSignals(True)
        self._identity = identity
        self.name.setText(identity.name)
        self.address.setText(identity.address)
        self.reply_to.setText(identity.reply_to)
        self.bcc.setText(identity.bcc)
        self._show_folders(identity, folders)
        self.signature.set_signature(identity.signature_html, identity.signature_text)
        self.blockSignals(blocked)

    def identity(self) -> Identity:
        """The identity with what stands in the fields."""
        return replace(
            self._identity,
            name=" ".join(self.name.text().split()),
            address=self.address.text().strip(),
            reply_to=self.reply_to.text().strip(),
            bcc=self.bcc.text().strip(),
            sent_folder=bytes(self.sent_folder.currentData() or b""),
            signature_html=self.signature.html(),
            signature_text=self.signature.text(),
        )

    def _show_folders(self, identity: Identity, folders: Sequence[Folder]) -> None:
        combo = self.sent_folder
        combo.clear()
        sent = next((one for one in folders if one.special_use is SpecialUse.SENT), None)
        own = special_name(SpecialUse.SENT) if sent is None else sent.path
        combo.addItem(self.tr("The account's own folder ({name})").format(name=own), b"")
        for folder in folders:
            if folder.selectable:
                combo.addItem(path_words(folder), folder.wire_name)
        known = {folder.wire_name for folder in folders}
        if identity.sent_folder and identity.sent_folder not in known:
            gone = identity.sent_folder.decode("utf-8", "replace")
            combo.addItem(self.tr("{name} (no longer there)").format(name=gone), identity.sent_folder)
        wire_names = [combo.itemData(row) for row in range(combo.count())]
        combo.setCurrentIndex(wire_names.index(identity.sent_folder))


def identity_fault(identity: Identity) -> str:
    """What keeps mail from being sent under an identity, in a sentence; "" where nothing does."""
    if fault := address_fault(identity.address):
        return _words("Mail address: {fault}").format(fault=fault)
    fields = ((_words("Answers go to"), identity.reply_to), (_words("Blind copy to"), identity.bcc))
    for name, value in fields:
        for person in split_recipients(value):
            if fault := address_fault(person.address):
                words = _words("{field}: “{who}” is not an address. {fault}")
                return words.format(field=name, who=person, fault=fault)
    return ""


def _words(text: str) -> str:
    return QCoreApplication.translate("IdentityForm", text)
