"""What all pages of the account settings have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLayout, QWidget

from qtmail.domain.account import Account
from qtmail.ui.accounts.settings.account_edit import AccountEdit
from qtmail.ui.shared.labels import paragraph


class SettingsPage(QWidget):
    """Shows one side of an account that is edited, and writes into the edit what the user does.

    Signals:
        changed: the user changed something.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit: AccountEdit | None = None

    def fits(self, account: Account) -> bool:
        """Whether there is anything on this page to say about such an account."""
        return True

    def show_edit(self, edit: AccountEdit) -> None:
        """Show this account; what is filled in by it counts as nobody's change."""
        self._edit = None
        self._fill(edit)
        self._edit = edit
        self._refresh(edit)

    def _take(self) -> None:
        """Write what stands in the fields into the edit. Connected to every field."""
        if self._edit is not None:
            self._read(self._edit)
            self._refresh(self._edit)
            self.changed.emit()

    def _fill(self, edit: AccountEdit) -> None:
        """Put the account into the fields."""
        raise NotImplementedError

    def _read(self, edit: AccountEdit) -> None:
        """Put the fields into the account."""
        raise NotImplementedError

    def _refresh(self, edit: AccountEdit) -> None:
        """Show what follows from the account as it is now."""


def form_layout() -> QFormLayout:
    """A column of fields as all pages have it."""
    form = QFormLayout()
    form.setVerticalSpacing(10)
    form.setHorizontalSpacing(16)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def add_row(form: QFormLayout, text: str, row: QLayout, field: QWidget) -> None:
    """Add a row of several widgets; the mnemonic in its text is for `field`."""
    label = QLabel(text)
    label.setBuddy(field)
    form.addRow(label, row)


def hint(text: str = "") -> QLabel:
    """A sentence in muted letters that explains what stands above it."""
    return paragraph(text, muted=True)
