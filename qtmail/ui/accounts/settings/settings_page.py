"""What all pages of the account settings have in common."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QLayout, QScrollArea, QWidget

from qtmail.domain.account import Account
from qtmail.ui.accounts.settings.account_edit import AccountEdit


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


def heading(text: str) -> QLabel:
    """The name of a part of a page."""
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def hint(text: str = "") -> QLabel:
    """A sentence in muted letters that explains what stands above it."""
    label = paragraph(text)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def paragraph(text: str = "") -> QLabel:
    """A text of one or more lines, never read as markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def scrolled(page: QWidget) -> QScrollArea:
    """The page in a frame that scrolls where the window is too low for it."""
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # The ground of the dialog, not the one of a list.
    area.viewport().setAutoFillBackground(False)
    page.setAutoFillBackground(False)
    return area
