"""A window with mail on this computer, and what a person does in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import SpecialUse
from tests.fakes.mail_service import fetching_account
from tests.fakes.window import WindowBench, folder

_CHANGED = StoreChange(frozenset({ChangeKind.FOLDERS}))
_MOVED = StoreChange(frozenset({ChangeKind.REMOVED, ChangeKind.ADDED}), frozenset({1}))


class LocalDesk(WindowBench):
    """Folders 1 to 4 as in WindowBench, and 5 Archive, 6 Junk, 7 Trash."""

    def __init__(
        self, app: QApplication, qtbot: QtBot, state_file: Path, accounts: Sequence[Account] = ()
    ) -> None:
        super().__init__(app, state_file, accounts=accounts or [fetching_account()])
        self.qtbot = qtbot
        self.folders.folders += [
            folder(5, "Archive", SpecialUse.ARCHIVE),
            folder(6, "Junk", SpecialUse.JUNK),
            folder(7, "Trash", SpecialUse.TRASH, total=4),
        ]
        self.service.bridge.store_changed.emit(_CHANGED)
        qtbot.addWidget(self.window)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.table = self.window.message_pane.table
        self.table.setFocus()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.table, key, modifiers)

    def selected(self) -> list[int]:
        return list(self.window.message_pane.selected_ids())

    def gone(self, message_id: int) -> None:
        """The message is in another folder now, and the list hears of it."""
        del self.messages.messages[message_id]
        self.service.bridge.store_changed.emit(_MOVED)
        self.qtbot.waitUntil(lambda: self.model.row_of(message_id) is None)

    def notice(self, key: str) -> str:
        strip = self.window.problems.notice(key)
        return strip.text() if strip is not None else ""

    def question(self) -> QMessageBox | None:
        shown = [one for one in self.window.findChildren(QMessageBox) if one.isVisible()]
        return shown[0] if shown else None

    def agree(self) -> str:
        """Say yes to the question on screen; returns it."""
        box = self.question()
        assert box is not None
        words = box.text()
        self.qtbot.mouseClick(box.buttons()[0], Qt.MouseButton.LeftButton)
        return words
