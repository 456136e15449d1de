"""The bar above the message list that narrows it: unread, flagged, with attachment."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from qtmail.domain.message import SortKey
from qtmail.ui.shared.icons import IconName, icon

_ICON = QSize(16, 16)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages to keep; all of them when nothing is set."""

    unread: bool = False
    flagged: bool = False
    attachment: bool = False


class QuickFilter(QWidget):
    """Toggle buttons for the filter and a menu for the order; the folder's name and count stand on the left.

    Signals:
        filter_changed: the user set or cleared a filter.
        sort_requested: the user chose an order; carries the SortKey and whether descending.
    """

    filter_changed = Signal()
    sort_requested = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        font = self._title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.1)
        self._title.setFont(font)
        self._count = QLabel()
        self._count.setForegroundRole(self._count.palette().ColorRole.PlaceholderText)
        self._unread = self._toggle(IconName.MARK_UNREAD, self.tr("Only unread messages"))
        self._flagged = self._toggle(IconName.FLAG, self.tr("Only flagged messages"))
        self._attachment = self._toggle(IconName.ATTACH, self.tr("Only messages with attachments"))
        self._order = QToolButton(self)
        self._order.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._order.setIconSize(_ICON)
        self._order.setToolTip(self.tr("Sort"))
        self._order.setAccessibleName(self.tr("Sort"))
        self._sort_group = QActionGroup(self)
        self._order.setMenu(self._sort_menu())
        self._lay_out()
        self.show_sort(SortKey.DATE, descending=True)

    @property
    def filter(self) -> Filter:
        return Filter(self._unread.isChecked(), self._flagged.isChecked(), self._attachment.isChecked())

    def clear(self) -> None:
        """Show everything again; says nothing to those who listen for the user."""
        for button in (self._unread, self._flagged, self._attachment):
            button.setChecked(False)

    def reset(self) -> None:
        """Show everything again, as if the user had released every button."""
        self.clear()
        self.filter_changed.emit()

    def toggle_unread(self) -> None:
        self._unread.click()

    def toggle_flagged(self) -> None:
        self._flagged.click()

    def toggle_attachment(self) -> None:
        self._attachment.click()

    def show_title(self, title: str, count: str) -> None:
        """Name the folder on the left, with the number of its messages in words."""
        self._title.setText(title)
        self._count.setText(count)

    def show_sort(self, key: SortKey, *, descending: bool) -> None:
        """Mark the order in force."""
        self._order.setIcon(icon(IconName.SORT_DESCENDING if descending else IconName.SORT_ASCENDING))
        for action in self._sort_group.actions():
            action.setChecked(action.data() == key.value)
        self._descending.setChecked(descending)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        layout.setSpacing(2)
        layout.addWidget(self._title)
        layout.addSpacing(6)
        layout.addWidget(self._count, 1)
        for button in (self._unread, self._flagged, self._attachment, self._order):
            layout.addWidget(button)

    def _toggle(self, name: IconName, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setIconSize(_ICON)
        button.setCheckable(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda _checked: self.filter_changed.emit())
        return button

    def _sort_menu(self) -> QMenu:
        menu = QMenu(self)
        choices = (
            (SortKey.DATE, self.tr("Date")),
            (SortKey.SENDER, self.tr("Sender")),
            (SortKey.RECIPIENT, self.tr("Recipient")),
            (SortKey.SUBJECT, self.tr("Subject")),
            (SortKey.SIZE, self.tr("Size")),
            (SortKey.UNREAD, self.tr("Unread")),
            (SortKey.FLAGGED, self.tr("Flagged")),
            (SortKey.ATTACHMENT, self.tr("Attachment")),
        )
        for key, text in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(key.value)
            action.triggered.connect(lambda _checked, key=key: self._chosen(key))
            self._sort_group.addAction(action)
        menu.addSeparator()
        self._descending = menu.addAction(self.tr("Descending"))
        self._descending.setCheckable(True)
        self._descending.triggered.connect(lambda _checked: self._chosen(None))
        return menu

    def _chosen(self, key: SortKey | None) -> None:
        if key is not None:
            # Words begin with A; all else with the newest, the largest, the marked.
            self._descending.setChecked(key not in (SortKey.SENDER, SortKey.RECIPIENT, SortKey.SUBJECT))
        chosen = self._sort_group.checkedAction()
        if chosen is not None:
            self.sort_requested.emit(SortKey(chosen.data()), self._descending.isChecked())
