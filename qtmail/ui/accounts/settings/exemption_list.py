"""What the user allowed servers beyond the usual: certificates accepted, passwords over an open line."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account_settings import AcceptedCertificate, ClearPermission, Exemption
from qtmail.ui.shared.forms import hint
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.roomy import give_room

_EXEMPTION = int(Qt.ItemDataRole.UserRole)


class ExemptionList(QWidget):
    """A list, and a button that withdraws what is chosen in it.

    Signals:
        withdrawn: something was withdrawn.
    """

    withdrawn = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._withdrawn: set[Exemption] = set()
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("What you allowed these servers"))
        self.list.setWordWrap(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        give_room(self.list)
        self.none = hint(self.tr("Nothing: every line is encrypted, and every certificate proved itself."))
        self.button = QPushButton(self.tr("&Withdraw"))
        self.button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.none)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(0)
        self.list.itemSelectionChanged.connect(self._follow_selection)
        self.button.clicked.connect(lambda _checked: self._withdraw())
        self.show_exemptions((), set())

    def show_exemptions(self, exemptions: Iterable[Exemption], withdrawn: set[Exemption]) -> None:
        """Show what is allowed, without what was withdrawn already."""
        self._withdrawn = set(withdrawn)
        self.list.clear()
        for exemption in exemptions:
            if exemption not in withdrawn:
                self.list.addItem(self._row(exemption))
        self._follow_selection()

    def withdrawn_ones(self) -> set[Exemption]:
        """Everything that was withdrawn."""
        return set(self._withdrawn)

    def _row(self, exemption: Exemption) -> QListWidgetItem:
        server = f"{exemption.host}:{exemption.port}"
        match exemption:
            case AcceptedCertificate(sha256=sha256):
                text = self.tr("{server}: this certificate is accepted\nSHA-256 {fingerprint}")
                words = text.format(server=server, fingerprint=_in_pairs(sha256))
                sign = IconName.TRUSTED
            case ClearPermission():
                words = self.tr("{server}: passwords may go over a line that is not encrypted").format(
                    server=server
                )
                sign = IconName.NOT_ENCRYPTED
        row = QListWidgetItem(icon(sign), words)
        row.setData(_EXEMPTION, exemption)
        return row

    def _withdraw(self) -> None:
        for row in self.list.selectedItems():
            self._withdrawn.add(row.data(_EXEMPTION))
            self.list.takeItem(self.list.row(row))
        self._follow_selection()
        self.withdrawn.emit()

    def _follow_selection(self) -> None:
        empty = self.list.count() == 0
        self.none.setVisible(empty)
        self.list.setVisible(not empty)
        self.button.setVisible(not empty)
        self.button.setEnabled(bool(self.list.selectedItems()))


def _in_pairs(sha256: str) -> str:
    digits = sha256.upper()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
