"""Columns of fields, as all dialogs have them."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLabel, QLayout, QWidget

from qtmail.ui.shared.labels import paragraph


def form_layout() -> QFormLayout:
    """An empty column of fields."""
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
