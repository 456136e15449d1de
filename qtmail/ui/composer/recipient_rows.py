"""Who a message goes to: rows for To, Cc, Bcc and Reply-To, the latter three shown when they are wanted."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPalette, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from qtmail.domain.address import Address
from qtmail.ui.composer.completion import CompletionService
from qtmail.ui.composer.recipient_edit import RecipientEdit
from qtmail.ui.shared.theme import Theme


class RecipientField(StrEnum):
    """A header field that names recipients."""

    TO = "To"
    CC = "Cc"
    BCC = "Bcc"
    REPLY_TO = "Reply-To"


_KEYS = {
    RecipientField.CC: "Ctrl+Shift+C",
    RecipientField.BCC: "Ctrl+Shift+B",
    RecipientField.REPLY_TO: "Ctrl+Shift+R",
}
"""The fields that are hidden at first, and the keys that show them."""

_RECIPIENTS = (RecipientField.TO, RecipientField.CC, RecipientField.BCC)


class RecipientRows(QWidget):
    """The recipient fields of a composer.

    Signals:
        changed(): a recipient, or what is being typed in one of the fields, changed by the user's doing.
    """

    changed = Signal()

    def __init__(self, service: CompletionService, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._edits = {field: RecipientEdit(service, theme) for field in RecipientField}
        self._labels: dict[RecipientField, QLabel] = {}
        self._buttons: dict[RecipientField, QToolButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 1)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        for row, field in enumerate(RecipientField):
            self._add_row(row, field)
        self._add_buttons()
        self._offer_moves()
        self._show_rows()
        self.setFocusProxy(self.edit(RecipientField.TO))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_changed)

    # --- what the composer asks ---

    def to(self) -> tuple[Address, ...]:
        return self.edit(RecipientField.TO).addresses()

    def cc(self) -> tuple[Address, ...]:
        return self.edit(RecipientField.CC).addresses()

    def bcc(self) -> tuple[Address, ...]:
        return self.edit(RecipientField.BCC).addresses()

    def reply_to(self) -> tuple[Address, ...]:
        return self.edit(RecipientField.REPLY_TO).addresses()

    def set_recipients(
        self,
        to: Iterable[Address],
        cc: Iterable[Address] = (),
        bcc: Iterable[Address] = (),
        reply_to: Iterable[Address] = (),
    ) -> None:
        """Show these instead of all there are; says nothing of a change."""
        for field, addresses in zip(RecipientField, (to, cc, bcc, reply_to), strict=True):
            self.edit(field).set_addresses(addresses)
        self._show_rows()

    def faults(self) -> list[str]:
        """What is wrong with the recipients, a sentence for each."""
        return [fault for edit in self._edits.values() for fault in edit.faults()]

    def commit(self) -> None:
        """Make chips of all that is typed."""
        for edit in self._edits.values():
            edit.commit()

    def edit(self, field: RecipientField) -> RecipientEdit:
        return self._edits[field]

    def show_field(self, field: RecipientField) -> None:
        """Show the row of a field, and let the user type in it."""
        self._show_row(field, True)
        self.edit(field).line.setFocus()

    # --- rows ---

    def _add_row(self, row: int, field: RecipientField) -> None:
        edit, name = self.edit(field), self._name(field)
        label = QLabel(name)
        label.setBuddy(edit.line)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setContentsMargins(0, 7, 0, 0)
        self._labels[field] = label
        edit.set_name(name)
        edit.changed.connect(self._changed)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(edit, row, 1)

    def _add_buttons(self) -> None:
        """Small buttons behind To that show the rows that are hidden."""
        box = QHBoxLayout()
        box.setSpacing(0)
        for field, keys in _KEYS.items():
            show = partial(self.show_field, field)
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(show)
            button = QToolButton()
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes on to the next field
            button.setText(self._name(field))
            tip = self.tr("Show {0}").format(self._name(field))
            button.setToolTip(f"{tip} ({shortcut.key().toString(QKeySequence.SequenceFormat.NativeText)})")
            button.setAccessibleName(tip)
            button.clicked.connect(show)
            self._buttons[field] = button
            box.addWidget(button)
        self._grid.addLayout(box, 0, 2, Qt.AlignmentFlag.AlignTop)

    def _offer_moves(self) -> None:
        for field, edit in self._edits.items():
            others = [other for other in _RECIPIENTS if other is not field]
            edit.offer_moves_to([(self._name(other), self.edit(other)) for other in others])

    def _show_rows(self) -> None:
        for field, edit in self._edits.items():
            self._show_row(field, field is RecipientField.TO or bool(edit.addresses()))

    def _show_row(self, field: RecipientField, shown: bool) -> None:
        self.edit(field).setVisible(shown)
        self._labels[field].setVisible(shown)
        if field in self._buttons:
            self._buttons[field].setVisible(not shown)

    def _focus_changed(self, _old: QWidget | None, _new: QWidget | None) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each row stands on a line as the subject does, a bold one while it has the keyboard."""
        colors = self._theme.colors()
        painter = QPainter(self)
        for edit in self._edits.values():
            if edit.isVisible():
                focused = edit.isAncestorOf(self.window().focusWidget() or self)
                color = colors.accent if focused else colors.border
                left, top = edit.x(), edit.geometry().bottom()
                painter.fillRect(left, top, self.width() - left, 2 if focused else 1, color)

    def _changed(self) -> None:
        for field, edit in self._edits.items():
            if edit.isHidden() and edit.addresses():
                self._show_row(field, True)
        self.changed.emit()

    def _name(self, field: RecipientField) -> str:
        names = {
            RecipientField.TO: self.tr("To"),
            RecipientField.CC: self.tr("Cc"),
            RecipientField.BCC: self.tr("Bcc"),
            RecipientField.REPLY_TO: self.tr("Reply to"),
        }
        return names[field]
