"""A table of folders, and under it what the chosen ones do otherwise than their account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import BodyPolicy, FolderPolicy
from qtmail.domain.folder import FolderSettings
from qtmail.models.folder_nodes import special_name
from qtmail.ui.shared.roomy import give_room

_SETTINGS = int(Qt.ItemDataRole.UserRole)
_INTERVALS = (60, 300, 900, 1800, 3600, 4 * 3600, 24 * 3600)
"""Seconds between two looks at a folder that are offered."""


class FolderRuleTable(QWidget):
    """The folders of one account with their rules; several can be changed at once.

    Signals:
        changed: a rule was changed.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policies: dict[bytes, FolderPolicy] = {}
        self.table = QTreeWidget()
        self.bodies = QComboBox()
        self.interval = QComboBox()
        self._configure()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addLayout(self._choices())
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.bodies.activated.connect(lambda _row: self._choose_bodies())
        self.interval.activated.connect(lambda _row: self._choose_interval())
        self._show_chosen()

    def show_folders(self, folders: Sequence[FolderSettings], changed: Mapping[bytes, FolderPolicy]) -> None:
        """Show these folders, some with rules that are not stored yet."""
        self._policies = dict(changed)
        self.table.clear()
        rows = [_row(settings) for settings in folders if settings.folder.selectable]
        self.table.addTopLevelItems(rows)
        for row in rows:
            self._write(row)
        self._show_chosen()

    def policies(self) -> dict[bytes, FolderPolicy]:
        """The rules that were changed, by wire name."""
        return dict(self._policies)

    def _configure(self) -> None:
        table = self.table
        table.setAccessibleName(self.tr("Folders and their rules"))
        table.setHeaderLabels([self.tr("Folder"), self.tr("Kept here"), self.tr("Checked")])
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        give_room(table)
        self.bodies.setAccessibleName(self.tr("What is kept of the chosen folders"))
        self.interval.setAccessibleName(self.tr("How often the chosen folders are checked"))
        for policy in (None, *BodyPolicy):
            self.bodies.addItem(self._bodies_words(policy), policy.value if policy else "")
        for seconds in (0, *_INTERVALS):
            self.interval.addItem(self._interval_words(seconds), seconds)

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for text, field in (
            (self.tr("Chosen folders k&eep"), self.bodies),
            (self.tr("&checked"), self.interval),
        ):
            label = QLabel(text)
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
        row.addStretch(1)
        return row

    # What the user does

    def _choose_bodies(self) -> None:
        value = self.bodies.currentData()
        bodies = BodyPolicy(value) if value else None
        for row in self.table.selectedItems():
            self._set(row, replace(self._policy(row), bodies=bodies))
        self.changed.emit()

    def _choose_interval(self) -> None:
        seconds = self.interval.currentData() or None
        for row in self.table.selectedItems():
            self._set(row, replace(self._policy(row), poll_seconds=seconds))
        self.changed.emit()

    def _set(self, row: QTreeWidgetItem, policy: FolderPolicy) -> None:
        settings = _settings(row)
        if policy == settings.policy:
            self._policies.pop(settings.folder.wire_name, None)
        else:
            self._policies[settings.folder.wire_name] = policy
        self._write(row)

    def _show_chosen(self) -> None:
        rows = self.table.selectedItems()
        for combo in (self.bodies, self.interval):
            combo.setEnabled(bool(rows))
        policy = self._policy(rows[0]) if rows else FolderPolicy()
        self.bodies.setCurrentIndex(self.bodies.findData(policy.bodies.value if policy.bodies else ""))
        seconds = policy.poll_seconds or 0
        if self.interval.findData(seconds) < 0:
            self.interval.addItem(self._interval_words(seconds), seconds)
        self.interval.setCurrentIndex(self.interval.findData(seconds))

    # Rows

    def _policy(self, row: QTreeWidgetItem) -> FolderPolicy:
        settings = _settings(row)
        return self._policies.get(settings.folder.wire_name, settings.policy)

    def _write(self, row: QTreeWidgetItem) -> None:
        policy = self._policy(row)
        row.setText(1, self._bodies_words(policy.bodies))
        row.setText(2, self._interval_words(policy.poll_seconds or 0))
        for column, own in ((1, policy.bodies is not None), (2, policy.poll_seconds is not None)):
            font = row.font(column)
            font.setBold(own)
            row.setFont(column, font)

    def _bodies_words(self, policy: BodyPolicy | None) -> str:
        match policy:
            case None:
                return self.tr("as the account")
            case BodyPolicy.NONE:
                return self.tr("headers only")
            case BodyPolicy.RECENT:
                return self.tr("recent messages")
            case BodyPolicy.ALL:
                return self.tr("all messages")

    def _interval_words(self, seconds: int) -> str:
        if not seconds:
            return self.tr("as the account")
        if seconds == 24 * 3600:
            return self.tr("once a day")
        if seconds % 3600 == 0:
            hours = seconds // 3600
            return self.tr("every hour") if hours == 1 else self.tr("every {n} hours").format(n=hours)
        minutes = max(1, round(seconds / 60))
        return self.tr("every minute") if minutes == 1 else self.tr("every {n} minutes").format(n=minutes)


def _row(settings: FolderSettings) -> QTreeWidgetItem:
    row = QTreeWidgetItem()
    row.setData(0, _SETTINGS, settings)
    use = settings.folder.special_use
    row.setText(0, special_name(use) if use is not None else settings.folder.path)
    row.setToolTip(0, settings.folder.path)
    return row


def _settings(row: QTreeWidgetItem) -> FolderSettings:
    settings = row.data(0, _SETTINGS)
    assert isinstance(settings, FolderSettings)
    return settings
