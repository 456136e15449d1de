"""The versions of a draft that were saved, to go back to one of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.composition import Draft, DraftVersion
from qtmail.ui.drafts.draft_texts import draft_recipients, draft_subject, draft_text, saved_at_second
from qtmail.ui.shared.roomy import give_room


class VersionsDialog(QDialog):
    """Lists versions, the latest first, and shows the text of the chosen one.

    Signals:
        restored: carries the `Composition` the draft is to have again.
    """

    restored = Signal(object)

    def __init__(self, draft: Draft, versions: Sequence[DraftVersion], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._versions = sorted(versions, key=lambda one: one.revision, reverse=True)
        self.setWindowTitle(self.tr("Earlier versions of “{0}”").format(draft_subject(draft.composition)))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Versions"))
        give_room(self.list)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Text of this version"))
        self._note = QLabel()
        self._note.setWordWrap(True)
        self.restore_button = QPushButton(self.tr("&Go back to this version"))
        self._lay_out()
        for version in self._versions:
            self.list.addItem(saved_at_second(version.saved_at))
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)

    def accept(self) -> None:
        row = self.list.currentRow()
        if self._can_restore(row):
            self.restored.emit(self._versions[row].composition)
            super().accept()

    def _can_restore(self, row: int) -> bool:
        """The current version need not be restored, and beside an open window none can be."""
        known = 0 <= row < len(self._versions)
        return known and self._versions[row].revision != self._draft.revision and not self._draft.is_open

    def _show(self, row: int) -> None:
        self.restore_button.setEnabled(self._can_restore(row))
        self.restore_button.setDefault(self._can_restore(row))
        if not 0 <= row < len(self._versions):
            return
        version = self._versions[row]
        to = self.tr("To {names}").format(names=draft_recipients(version.composition))
        self.text.setPlainText(
            f"{to}\n{draft_subject(version.composition)}\n\n{draft_text(version.composition)}"
        )
        if self._draft.is_open:
            self._note.setText(self.tr("Close the window this message is open in to go back to a version."))
        elif version.revision == self._draft.revision:
            self._note.setText(self.tr("This is the version the draft has now."))
        else:
            self._note.setText(self.tr("The version the draft has now stays in this list."))

    def _lay_out(self) -> None:
        sides = QSplitter()
        sides.setChildrenCollapsible(False)
        sides.setHandleWidth(12)
        sides.addWidget(self.list)
        sides.addWidget(self.text)
        sides.setSizes([180, 500])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.restore_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(sides, 1)
        layout.addWidget(self._note)
        layout.addWidget(buttons)
        self.resize(720, 420)
