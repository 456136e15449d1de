"""The messages that were being written when the program ended, to choose those to go on with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.composition import Draft
from qtmail.ui.drafts.draft_texts import draft_beginning, draft_recipients, draft_subject, saved_at
from qtmail.ui.shared.roomy import give_room


class RecoverDialog(QDialog):
    """Lists drafts with when they were saved and how they begin; all are checked at first.

    Signals:
        chosen: carries the list of those `Draft`s that are to be opened.
    """

    chosen = Signal(list)

    def __init__(self, drafts: Sequence[Draft], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drafts = list(drafts)
        self.setWindowTitle(self.tr("Messages you were writing"))
        self.list = QTreeWidget()
        self.open_button = QPushButton(self.tr("&Open"))
        self.open_button.setDefault(True)
        self._fill()
        self._lay_out()
        self.list.itemChanged.connect(lambda *_: self._check_choice())

    def accept(self) -> None:
        self.chosen.emit(self._checked())
        super().accept()

    def _checked(self) -> list[Draft]:
        rows = enumerate(self._drafts)
        return [
            draft
            for row, draft in rows
            if (item := self.list.topLevelItem(row)) is not None
            and item.checkState(0) == Qt.CheckState.Checked
        ]

    def _check_choice(self) -> None:
        self.open_button.setEnabled(bool(self._checked()))

    def _fill(self) -> None:
        tree = self.list
        tree.setAccessibleName(self.tr("Messages that were saved"))
        tree.setHeaderLabels([self.tr("Saved"), self.tr("To"), self.tr("Subject"), self.tr("Text")])
        tree.setRootIsDecorated(False)
        give_room(tree)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for draft in self._drafts:
            written = draft.composition
            row = QTreeWidgetItem(
                [
                    saved_at(draft.saved_at),
                    draft_recipients(written),
                    draft_subject(written),
                    draft_beginning(written),
                ]
            )
            row.setCheckState(0, Qt.CheckState.Checked)
            tree.addTopLevelItem(row)
        for column in range(3):
            tree.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        tree.setCurrentIndex(tree.model().index(0, 0))

    def _lay_out(self) -> None:
        words = QLabel(
            self.tr(
                "qtmail ended while these messages were open. Those you do not open now stay in your drafts."
            )
        )
        words.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.resize(760, 320)
