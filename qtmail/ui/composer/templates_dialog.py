"""The texts that the user writes often."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.identity import Template
from qtmail.ui.composer.rich_field import RichField
from qtmail.ui.shared.roomy import give_room
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

_TEMPLATE = int(Qt.ItemDataRole.UserRole)
_LIST_WIDTH = 200


class TemplatesDialog(QDialog):
    """A list of templates on the left, the chosen one on the right; nothing is stored before *Save*."""

    def __init__(self, service: ComposeService, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._before = {template.id: template for template in service.templates()}
        self.setWindowTitle(self.tr("Templates"))
        self.list = QListWidget()
        self.name = QLineEdit()
        self.subject = QLineEdit()
        self.text = RichField(self.tr("Text of the template"), theme)
        self.add_button = QPushButton(self.tr("&Add"))
        self.remove_button = QPushButton(self.tr("&Remove"))
        self.save_button = QPushButton(self.tr("&Save"))
        for template in self._before.values():
            self.list.addItem(_row(template))
        self._lay_out()
        self._connect()
        self.list.setCurrentRow(0)
        self._show_current()

    def templates(self) -> list[Template]:
        """All of them as edited; new ones have the id 0."""
        return [_template(self.list.item(at)) for at in range(self.list.count())]

    def accept(self) -> None:
        kept = self.templates()
        for template in kept:
            if self._before.get(template.id) != template:
                self._service.save_template(template)
        for gone in self._before.keys() - {template.id for template in kept}:
            self._service.remove_template(gone)
        super().accept()

    def _add(self) -> None:
        self.list.addItem(_row(Template(0, self.tr("New template"), "", "")))
        self.list.setCurrentRow(self.list.count() - 1)
        self.name.setFocus()
        self.name.selectAll()

    def _remove(self) -> None:
        if self.list.currentRow() >= 0:
            self.list.takeItem(self.list.currentRow())
            self._show_current()

    def _current(self) -> QListWidgetItem | None:
        # The stub of currentItem does not know that there may be none.
        return self.list.item(self.list.currentRow()) if self.list.currentRow() >= 0 else None

    def _edited(self) -> None:
        row = self._current()
        if row is None:
            return
        template = replace(
            _template(row),
            name=self.name.text().strip() or self.tr("New template"),
            subject=self.subject.text().strip(),
            html=self.text.html(),
        )
        _set_template(row, template)

    def _show_current(self) -> None:
        row = self._current()
        self._fields.setEnabled(row is not None)
        self.remove_button.setEnabled(row is not None)
        template = _template(row) if row is not None else Template(0, "", "", "")
        self.name.setText(template.name)
        self.subject.setText(template.subject)
        blocked = self.text.blockSignals(True)
        self.text.set_html(template.html)
        self.text.blockSignals(blocked)

    def _connect(self) -> None:
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.name.textEdited.connect(lambda _text: self._edited())
        self.subject.textEdited.connect(lambda _text: self._edited())
        self.text.changed.connect(self._edited)
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.remove_button.clicked.connect(lambda _checked: self._remove())

    def _lay_out(self) -> None:
        self.list.setAccessibleName(self.tr("Templates"))
        self.list.setFixedWidth(_LIST_WIDTH)
        give_room(self.list)
        changes = QHBoxLayout()
        for button in (self.add_button, self.remove_button):
            button.setAutoDefault(False)
            changes.addWidget(button)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(changes)
        self._fields = QWidget()
        form = QFormLayout(self._fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.addRow(self.tr("&Name"), self.name)
        form.addRow(self.tr("S&ubject"), self.subject)
        form.addRow(self.tr("&Text"), self.text)
        sides = QHBoxLayout()
        sides.setSpacing(18)
        sides.addLayout(left)
        sides.addWidget(self._fields, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.save_button.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(sides, 1)
        layout.addWidget(buttons)
        self.resize(760, 460)


def _row(template: Template) -> QListWidgetItem:
    row = QListWidgetItem()
    _set_template(row, template)
    return row


def _template(row: QListWidgetItem) -> Template:
    template = row.data(_TEMPLATE)
    assert isinstance(template, Template)
    return template


def _set_template(row: QListWidgetItem, template: Template) -> None:
    row.setData(_TEMPLATE, template)
    row.setText(template.name)
