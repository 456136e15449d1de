"""qtmail in the notification area of the desktop: an icon that tells of unread mail, and a menu."""

from __future__ import annotations

import sys
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from qtmail.models.folder_nodes import NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.window.tray_icon import tray_icon

_COUNT_MS = 250
"""Counts change many times a second while a sync runs; the panel hears of it so often at most."""
_TELL_MS = 10_000


class NotificationArea(Protocol):
    """The place for icons of running programs that a desktop has, or has not (GNOME as it comes has none)."""

    def is_there(self) -> bool:
        """Whether an icon would be seen now; at sign-in the panel may come up later than we do."""

    def make_icon(self) -> QSystemTrayIcon:
        """An icon that is not shown yet. Only where `is_there`: Qt decides here how it will be shown."""


class SystemArea:
    """The one of the desktop, through Qt: StatusNotifierItem or XEMBED on Linux."""

    def is_there(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    def make_icon(self) -> QSystemTrayIcon:
        return QSystemTrayIcon()


class Tray(QObject):
    """The icon, once it is shown, and its menu.

    A click asks for the window and never hides it: of a double click, which many people make, the second half
    would undo the first.

    Attributes:
        area: where the icon stands.

    Signals:
        open_wanted: the window is wanted.
        write_wanted, check_wanted, quit_wanted: chosen in the menu.
    """

    open_wanted = Signal()
    write_wanted = Signal()
    check_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, area: NotificationArea, folders: FolderTreeModel, window: QWidget) -> None:
        super().__init__(window)
        self.area = area
        self._folders = folders
        self._icon: QSystemTrayIcon | None = None
        self._looks: dict[bool, QIcon] = {}
        self._unread = -1
        self._menu = self._make_menu(window)
        self._soon = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._soon.timeout.connect(self._count)
        for changed in (folders.dataChanged, folders.rowsInserted, folders.rowsRemoved):
            changed.connect(self._count_soon)

    def show(self) -> bool:
        """Show the icon; returns False where there is no place for it."""
        if not self.area.is_there():
            return False
        if self._icon is None:
            self._icon = self.area.make_icon()
            self._icon.setContextMenu(self._menu)
            self._icon.activated.connect(self._clicked)
        if not self._icon.isVisible():
            self._count()
            self._icon.show()
        return True

    def hide(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()

    def tell(self, title: str, text: str) -> None:
        """Say something once, beside the icon."""
        if self._icon is not None:
            self._icon.showMessage(title, text, self._look(dot=False), _TELL_MS)

    def _make_menu(self, window: QWidget) -> QMenu:
        # Without icons: they would be drawn for our own light or dark, and the panel has its own.
        menu = QMenu(window)
        for text, wanted in (
            (self.tr("&Open qtmail"), self.open_wanted),
            (self.tr("&New message"), self.write_wanted),
            (self.tr("&Check mail"), self.check_wanted),
            ("", None),
            (self.tr("&Quit"), self.quit_wanted),
        ):
            if wanted is None:
                menu.addSeparator()
            else:
                menu.addAction(text).triggered.connect(wanted)
        return menu

    def _clicked(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        # In the menu bar of macOS a click opens the menu, and nothing besides.
        if reason is QSystemTrayIcon.ActivationReason.Trigger and sys.platform != "darwin":
            self.open_wanted.emit()

    def _count_soon(self) -> None:
        if self._icon is not None and not self._soon.isActive():
            self._soon.start()

    def _count(self) -> None:
        """Show how much unread mail is in the inboxes."""
        inboxes = self._folders.node(self._folders.index_of(NodeKind.ALL_INBOXES))
        unread = inboxes.unread if inboxes is not None else 0
        if self._icon is None or unread == self._unread:
            return
        if (unread > 0) != (self._unread > 0) or self._unread < 0:
            self._icon.setIcon(self._look(dot=unread > 0))
        self._unread = unread
        words = self.tr("qtmail – {count:,} unread").format(count=unread) if unread else "qtmail"
        self._icon.setToolTip(words)

    def _look(self, *, dot: bool) -> QIcon:
        if dot not in self._looks:
            self._looks[dot] = tray_icon(dot=dot)
        return self._looks[dot]
