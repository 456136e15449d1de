"""The accounts in the order in which they are shown everywhere, with a check mark at those in use."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from qtmail.domain.account import Account
from qtmail.paths import resource
from qtmail.ui.accounts.settings.account_edit import has_servers
from qtmail.ui.accounts.settings.color_choice import DOT_SIZE, dot_icon
from qtmail.ui.shared.theme import Theme

_ID = int(Qt.ItemDataRole.UserRole)


class AccountList(QListWidget):
    """Rows are dragged, or moved by Alt+Up and Alt+Down; Space switches an account on and off.

    Signals:
        account_chosen: another account is to be shown; carries its id.
        enabled_changed: an account was switched on or off; carries its id and whether it is on.
        removal_wanted: Delete was pressed on the chosen account.
    """

    account_chosen = Signal(int)
    enabled_changed = Signal(int, bool)
    removal_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(self.tr("Accounts"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setIconSize(DOT_SIZE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setToolTip(self.tr("Drag an account, or press Alt+Up or Alt+Down, to change the order."))
        theme.changed.connect(self._restyle)
        self._restyle()
        self.currentRowChanged.connect(self._row_chosen)
        self.itemChanged.connect(self._item_changed)

    def _restyle(self) -> None:
        """Let the check marks look like those of check boxes; the style's own are lost on dark ground."""
        colors = self._theme.colors()
        mark = resource("style") / f"check-{'dark' if colors.dark else 'light'}.svg"
        self.setStyleSheet(
            "QListView::item { padding: 4px 6px; }"
            "QListView::indicator { width: 14px; height: 14px; border-radius: 4px;"
            f" border: 1px solid {colors.outline.name()}; background: {colors.raised.name()}; }}"
            f"QListView::indicator:checked {{ border-color: {colors.accent.name()};"
            f' background: {colors.accent.name()}; image: url("{mark.as_posix()}"); }}'
        )

    def ids(self) -> list[int]:
        """The accounts in the order shown."""
        return [_id(self.item(row)) for row in range(self.count())]

    def show_account(self, account: Account) -> None:
        """Show an account: in its row, or in a new one below the others."""
        blocked = self.blockSignals(True)
        row = self._row_of(account.id)
        if row is None:
            row = QListWidgetItem()
            row.setData(_ID, account.id)
            # Accounts are dropped between others, never onto one.
            row.setFlags(row.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
            self.addItem(row)
        row.setText(account.name or self.tr("(no name)"))
        row.setIcon(dot_icon(account.color))
        row.setToolTip(account.address)
        if has_servers(account):
            row.setCheckState(Qt.CheckState.Checked if account.enabled else Qt.CheckState.Unchecked)
        self.blockSignals(blocked)
        self.viewport().update()

    def forget(self, account_id: int) -> None:
        """An account is no longer there."""
        row = self._row_of(account_id)
        if row is not None:
            self.takeItem(self.row(row))

    def choose(self, account_id: int) -> None:
        row = self._row_of(account_id)
        if row is not None:
            self.setCurrentItem(row)

    def chosen(self) -> int:
        """The id of the account that is shown; 0 where there is none."""
        row = self.currentItem()
        return _id(row) if row is not None else 0

    def arrange(self, account_ids: Sequence[int]) -> None:
        """Put the rows into this order."""
        for place, account_id in enumerate(account_ids):
            row = self._row_of(account_id)
            if row is not None and self.row(row) != place:
                self._move(self.row(row), place)

    def _move(self, row: int, place: int) -> None:
        current, blocked = self.chosen(), self.blockSignals(True)
        self.insertItem(place, self.takeItem(row))
        self.choose(current)
        self.blockSignals(blocked)

    def _row_of(self, account_id: int) -> QListWidgetItem | None:
        rows = (self.item(row) for row in range(self.count()))
        return next((row for row in rows if _id(row) == account_id), None)

    def _row_chosen(self, row: int) -> None:
        if row >= 0:
            self.account_chosen.emit(_id(self.item(row)))

    def _item_changed(self, row: QListWidgetItem) -> None:
        self.enabled_changed.emit(_id(row), row.checkState() == Qt.CheckState.Checked)

    # QListWidget

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            place = self.currentRow() + step
            if 0 <= place < self.count():
                self._move(self.currentRow(), place)
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_wanted.emit()
        else:
            super().keyPressEvent(event)


def _id(row: QListWidgetItem) -> int:
    return int(row.data(_ID))
