"""Where a password is kept, if it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.passphrase import strength
from qtmail.errors import QtmailError
from qtmail.ui.accounts.passphrase_words import strength_words
from qtmail.ui.shared.labels import paragraph


class KeyringChoice(QWidget):
    """In the system's password store; where none is usable, only until the program is closed, or in a file
    that a master password locks.

    Signals:
        changed: the choice is another.
        vault_requested: the file is to be made, with this master password; `show_vault` or
            `show_vault_fault` is the answer.
    """

    changed = Signal()
    vault_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_vault = False
        self.keep = QCheckBox(self.tr("Keep it in the system's password store"))
        self.keep.setChecked(True)
        self.session = QRadioButton(self.tr("Use it until qtmail is closed, then forget it"))
        self.vault = QRadioButton(self.tr("Keep it in a file that a master password locks"))
        self.session.setChecked(True)
        self.master = _secret_line(self.tr("Master password"))
        self.again = _secret_line(self.tr("Master password, once more"))
        self.make_button = QPushButton(self.tr("Ma&ke the file"))
        self.note = paragraph(muted=True)
        self._problem = paragraph(muted=True)
        self._fields = QWidget()
        self._lay_out()
        self._connect()
        self._show_parts(usable=True)

    def remembers(self) -> bool:
        """Whether the password outlives this session."""
        if self.keep.isHidden():
            return self.vault.isChecked() and self._has_vault
        return self.keep.isChecked()

    def settled(self) -> bool:
        """False while a file was chosen and is not made yet."""
        return not self.vault.isChecked() or self._has_vault

    def show_problem(self, problem: str | None) -> None:
        """Take note of why the system's store cannot keep passwords; None or "": it can."""
        self._problem.setText(problem or "")
        self._show_parts(usable=not problem)
        self.changed.emit()

    def show_vault(self) -> None:
        """The file was made."""
        self._has_vault = True
        self.master.clear()
        self.again.clear()
        self._say(self.tr("The file is made. Its master password is asked for when qtmail starts."))
        self._show_fields()

    def show_vault_fault(self, error: QtmailError) -> None:
        """The file could not be made."""
        self._say(str(error))
        self._check_master()
        self.master.setFocus()

    def forget(self) -> None:
        """Drop what was typed."""
        self.master.clear()
        self.again.clear()

    def _make(self) -> None:
        if self.make_button.isEnabled():  # neither before both are alike nor twice
            self.vault.setFocus()  # the fields will go, and Return is then for what the window is about
            self.make_button.setEnabled(False)
            self.vault_requested.emit(self.master.text())

    def _master_fault(self) -> str:
        if not strength(self.master.text()).taken:
            return strength_words(self.master.text())
        if self.master.text() != self.again.text():
            return self.tr("{strength} Type the same master password twice.").format(
                strength=strength_words(self.master.text())
            )
        return ""

    def _check_master(self) -> None:
        self.make_button.setEnabled(self._master_fault() == "")

    def _typed(self) -> None:
        if not self._has_vault:
            lost = self.tr("If it is forgotten, the passwords in the file have to be entered again.")
            self._say(f"{self._master_fault() or strength_words(self.master.text())} {lost}")
        self._check_master()

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _show_parts(self, *, usable: bool) -> None:
        self.keep.setVisible(usable)
        for widget in (self._problem, self.session, self.vault):
            widget.setVisible(not usable)
        if usable:
            self.session.setChecked(True)
        self._show_fields()

    def _show_fields(self) -> None:
        chosen = self.vault.isChecked()
        self._fields.setVisible(chosen and not self._has_vault)
        self.note.setVisible(chosen and bool(self.note.text()))
        self.changed.emit()

    def _connect(self) -> None:
        self.keep.toggled.connect(lambda _on: self.changed.emit())
        self.vault.toggled.connect(lambda _on: self._show_fields())
        self.vault.clicked.connect(lambda _checked: self.master.setFocus())
        for field in (self.master, self.again):
            field.textChanged.connect(lambda _text: self._typed())
            field.returnPressed.connect(self._make)
        self.make_button.clicked.connect(lambda _checked: self._make())
        self._typed()

    def _lay_out(self) -> None:
        self.make_button.setAutoDefault(False)
        form = QFormLayout(self._fields)
        form.setContentsMargins(26, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.addRow(self.tr("&Master password"), self.master)
        form.addRow(self.tr("Once m&ore"), self.again)
        form.addRow("", self.make_button)
        form.setAlignment(self.make_button, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self._problem, self.keep, self.session, self.vault, self._fields, self.note):
            layout.addWidget(widget)


def _secret_line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setAccessibleName(name)
    return line
