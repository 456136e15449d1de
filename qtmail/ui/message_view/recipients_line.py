"""To whom a message went: one line, or with the expander every address with its menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.address import Address
from qtmail.domain.message import Envelope
from qtmail.ui.shared.elided_label import ElidedLabel
from qtmail.ui.shared.flow_layout import FlowLayout
from qtmail.ui.shared.icons import IconName, icon

MOST_SHOWN = 100
"""Addresses of one field beyond this are only counted."""

MOST_HEIGHT = 132
"""Logical pixels of all fields; more recipients are scrolled to."""


def recipients_summary(envelope: Envelope) -> str:
    """Everybody a message went to, in one line."""
    people = ", ".join(address.label for address in (*envelope.to, *envelope.cc, *envelope.bcc))
    return QGuiApplication.translate("RecipientsLine", "to {0}").format(people) if people else ""


class AddressLabel(QLabel):
    """One address in full, to select and to copy."""

    def __init__(self, address: Address, parent: QWidget | None = None) -> None:
        super().__init__(str(address), parent)
        self._address = address
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        address_menu(self, self._address).popup(event.globalPos())


def address_menu(parent: QWidget, address: Address) -> QMenu:
    """What can be done with an address."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    clipboard = QGuiApplication.clipboard()
    copy_address = QGuiApplication.translate("RecipientsLine", "Copy address")
    menu.addAction(icon(IconName.COPY), copy_address, lambda: clipboard.setText(address.address))
    if address.name:
        copy_both = QGuiApplication.translate("RecipientsLine", "Copy name and address")
        menu.addAction(copy_both, lambda: clipboard.setText(str(address)))
    return menu


class RecipientsLine(QWidget):
    """The recipients, collapsed to one line until the user wants to see all of them.

    Signals:
        expanded(bool)
    """

    expanded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._envelope = Envelope()
        self._summary = ElidedLabel(muted=True)
        self._toggle = QToolButton()
        self._toggle.setIconSize(QSize(12, 12))
        self._toggle.setStyleSheet("QToolButton { padding: 1px 3px; border-radius: 5px; }")
        self._toggle.clicked.connect(lambda _checked=False: self.set_expanded(not self.is_expanded()))
        self._fields: QWidget | None = None
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self._summary)
        line.addWidget(self._toggle)
        line.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addLayout(line)
        self._show_toggle()

    def show_envelope(self, envelope: Envelope) -> None:
        self._envelope = envelope
        summary = recipients_summary(envelope)
        self._summary.setText(summary)
        self._toggle.setVisible(bool(summary))
        self.set_expanded(False)

    def is_expanded(self) -> bool:
        return self._fields is not None

    def set_expanded(self, expanded: bool) -> None:
        if self._fields is not None:
            self._layout.removeWidget(self._fields)
            self._fields.hide()
            self._fields.deleteLater()
            self._fields = None
        if expanded:
            self._fields = self._all_fields()
            self._layout.addWidget(self._fields)
        self._show_toggle()
        self.expanded.emit(expanded)

    def _show_toggle(self) -> None:
        text = self.tr("Fewer details") if self.is_expanded() else self.tr("All recipients")
        self._toggle.setIcon(icon(IconName.EXPANDED if self.is_expanded() else IconName.EXPAND))
        self._toggle.setToolTip(text)
        self._toggle.setAccessibleName(text)

    def _all_fields(self) -> QWidget:
        fields = QWidget()
        fields.setBackgroundRole(QPalette.ColorRole.Base)
        grid = QGridLayout(fields)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, (name, addresses) in enumerate(self._fields_to_show()):
            label = QLabel(name)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_addresses(addresses), row, 1)
        return _Fields(fields)

    def _fields_to_show(self) -> list[tuple[str, Sequence[Address]]]:
        envelope = self._envelope
        elsewhere = envelope.reply_to if envelope.reply_to != envelope.from_ else ()
        fields = [
            (self.tr("From"), envelope.from_),
            (self.tr("To"), envelope.to),
            (self.tr("Cc"), envelope.cc),
            (self.tr("Bcc"), envelope.bcc),
            (self.tr("Reply to"), elsewhere),
        ]
        return [(name, addresses) for name, addresses in fields if addresses]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._summary.geometry().contains(event.position().toPoint()):
            self.set_expanded(not self.is_expanded())


class _Fields(QScrollArea):
    """As high as the fields need, up to MOST_HEIGHT; a message to hundreds must leave room for itself."""

    def __init__(self, fields: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fields = fields
        self.setWidget(fields)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = self._fields.layout()
        needed = layout.totalHeightForWidth(self.viewport().width()) if layout is not None else 0
        self.setFixedHeight(min(needed, MOST_HEIGHT))


def _addresses(addresses: Sequence[Address]) -> QWidget:
    box = QWidget()
    flow = FlowLayout(box, spacing=10)
    flow.setSpacing(10)
    for address in addresses[:MOST_SHOWN]:
        flow.addWidget(AddressLabel(address))
    if len(addresses) > MOST_SHOWN:
        words = QGuiApplication.translate("RecipientsLine", "and {0} more")
        flow.addWidget(QLabel(words.format(len(addresses) - MOST_SHOWN)))
    return box
