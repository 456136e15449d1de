"""Identities and signatures: under which names and addresses the user writes, account by account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.folder import Folder
from qtmail.domain.identity import Identity
from qtmail.ui.accounts.identity_form import IdentityForm, identity_fault
from qtmail.ui.shared.roomy import give_room
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

_IDENTITY = int(Qt.ItemDataRole.UserRole)
_LIST_WIDTH = 230


class IdentitiesDialog(QDialog):
    """A list of identities on the left, the fields of the chosen one on the right.

    Nothing is stored before *Save*, and nothing at all while something is wrong.
    """

    def __init__(
        self, service: ComposeService, folders: Sequence[Folder], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._folders = list(folders)
        self._theme = theme
        self._before = {identity.id: identity for identity in service.identities()}
        self.setWindowTitle(self.tr("Identities and signatures"))
        self.list = QTreeWidget()
        self.form = IdentityForm(theme)
        self.add_button = QPushButton(self.tr("&Add"))
        self.remove_button = QPushButton(self.tr("&Remove"))
        self.save_button = QPushButton(self.tr("&Save"))
        self.note = QLabel()
        self._fill()
        self._lay_out()
        self._connect()
        self.list.setCurrentItem(self._rows()[0])

    # The identities as edited

    def identities(self) -> list[Identity]:
        """All of them in the order of the list; new ones have the id 0."""
        return [_identity(row) for row in self._rows()]

    def _rows(self) -> list[QTreeWidgetItem]:
        tops = (self.list.topLevelItem(at) for at in range(self.list.topLevelItemCount()))
        rows = (top.child(at) for top in tops if top is not None for at in range(top.childCount()))
        return [row for row in rows if row is not None]

    def _current(self) -> tuple[QTreeWidgetItem, QTreeWidgetItem] | None:
        """The account and the identity chosen."""
        row = self.list.currentItem()
        account = row.parent() if row is not None else None
        return (account, row) if row is not None and account is not None else None

    # What the user does

    def accept(self) -> None:
        """Store what changed, unless something is wrong: then show where."""
        for row in self._rows():
            if fault := identity_fault(_identity(row)):
                self.list.setCurrentItem(row)
                self._say(fault)
                return
        kept = self.identities()
        for identity in kept:
            if self._before.get(identity.id) != identity:
                self._service.save_identity(identity)
        for gone in self._before.keys() - {identity.id for identity in kept}:
            self._service.remove_identity(gone)
        super().accept()

    def _add(self) -> None:
        """Begin another identity of the account that is chosen, with its name."""
        chosen = self._current()
        if chosen is None:
            return
        account, row = chosen
        model = _identity(row)
        new = _row(Identity(0, model.account_id, model.name, ""))
        account.addChild(new)
        self.list.setCurrentItem(new)
        self.form.address.setFocus()

    def _remove(self) -> None:
        chosen = self._current()
        if chosen is not None and chosen[0].childCount() > 1:
            chosen[0].removeChild(chosen[1])
            self._show_current()

    def _edited(self) -> None:
        chosen = self._current()
        if chosen is not None:
            identity = self.form.identity()
            _set_identity(chosen[1], identity)
            self._say(identity_fault(identity) if identity.address else "")

    def _show_current(self) -> None:
        chosen = self._current()
        self.form.setEnabled(chosen is not None)
        if chosen is None:
            return
        account, row = chosen
        identity = _identity(row)
        folders = [one for one in self._folders if one.account_id == identity.account_id]
        self.form.show_identity(identity, folders)
        self.remove_button.setEnabled(account.childCount() > 1)
        self.remove_button.setToolTip(
            "" if self.remove_button.isEnabled() else self.tr("An account keeps at least one identity.")
        )
        self._say("")

    def _say(self, fault: str) -> None:
        self.note.setText(fault)
        self.note.setVisible(bool(fault))

    # Building

    def _fill(self) -> None:
        self.list.setHeaderHidden(True)
        self.list.setAccessibleName(self.tr("Identities"))
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setItemsExpandable(False)
        give_room(self.list)
        tops: dict[int, QTreeWidgetItem] = {}
        for identity in self._before.values():
            if identity.account_id not in tops:
                tops[identity.account_id] = self._account_row(identity.account_id)
            tops[identity.account_id].addChild(_row(identity))
        self.list.expandAll()

    def _account_row(self, account_id: int) -> QTreeWidgetItem:
        account = self._service.account(account_id)
        top = QTreeWidgetItem([account.name if account is not None else self.tr("Account")])
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        top.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.list.addTopLevelItem(top)
        return top

    def _connect(self) -> None:
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.form.changed.connect(self._edited)
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.remove_button.clicked.connect(lambda _checked: self._remove())

    def _lay_out(self) -> None:
        changes = QHBoxLayout()
        for button in (self.add_button, self.remove_button):
            button.setAutoDefault(False)
            changes.addWidget(button)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(changes)
        sides = QHBoxLayout()
        sides.setSpacing(18)
        sides.addLayout(left)
        sides.addWidget(self.form, 1)
        self.note.setWordWrap(True)
        palette = self.note.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.colors().danger)
        self.note.setPalette(palette)
        self.note.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.save_button.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(sides, 1)
        layout.addWidget(self.note)
        layout.addWidget(buttons)
        self.resize(820, 520)


def _row(identity: Identity) -> QTreeWidgetItem:
    row = QTreeWidgetItem()
    _set_identity(row, identity)
    return row


def _identity(row: QTreeWidgetItem) -> Identity:
    identity = row.data(0, _IDENTITY)
    assert isinstance(identity, Identity)
    return identity


def _set_identity(row: QTreeWidgetItem, identity: Identity) -> None:
    row.setData(0, _IDENTITY, identity)
    row.setText(0, identity.address or identity.name)
    row.setToolTip(0, str(identity.sender))
