"""A desktop's notification area, in memory: Qt's own icon cannot be made where there is no panel."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon


class FakeTrayIcon(QObject):
    """Stands where a QSystemTrayIcon stands.

    Attributes:
        icon, tool_tip, menu: what the panel shows.
        told: title and text of each balloon.
    """

    activated = Signal(QSystemTrayIcon.ActivationReason)

    def __init__(self) -> None:
        super().__init__()
        self.icon = QIcon()
        self.tool_tip = ""
        self.menu = QMenu()
        self.told: list[tuple[str, str]] = []
        self._visible = False

    def setIcon(self, icon: QIcon) -> None:
        self.icon = icon

    def setToolTip(self, text: str) -> None:
        self.tool_tip = text

    def setContextMenu(self, menu: QMenu) -> None:
        self.menu = menu

    def show(self) -> None:
        self._visible = True

    def hide(self) -> None:
        self._visible = False

    def isVisible(self) -> bool:
        return self._visible

    def showMessage(self, title: str, text: str, _icon: QIcon, _milliseconds: int) -> None:
        self.told.append((title, text))

    def click(
        self, reason: QSystemTrayIcon.ActivationReason = QSystemTrayIcon.ActivationReason.Trigger
    ) -> None:
        self.activated.emit(reason)

    def entry(self, text: str) -> QAction:
        """The entry of the menu that says `text`."""
        return next(one for one in self.menu.actions() if one.text().replace("&", "") == text)


class FakeArea:
    """Attributes:
    there: whether the desktop has one now.
    icons: those that were made.
    """

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.icons: list[FakeTrayIcon] = []

    def is_there(self) -> bool:
        return self.there

    def make_icon(self) -> FakeTrayIcon:
        self.icons.append(FakeTrayIcon())
        return self.icons[-1]

    @property
    def icon(self) -> FakeTrayIcon | None:
        """The icon that the user sees."""
        shown = [one for one in self.icons if self.there and one.isVisible()]
        assert len(shown) <= 1
        return shown[0] if shown else None
