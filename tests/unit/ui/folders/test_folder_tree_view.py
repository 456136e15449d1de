from __future__ import annotations

import os
from array import array

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from qtmail.domain.folder import SpecialUse
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.folders.folder_pane import FolderPane
from qtmail.ui.shared.message_drag import MESSAGES, message_data
from tests.fakes.mail_service import FakeMailService, account
from tests.fakes.window import MemoryFolders, ServiceAccounts, folder, light_theme

NO_KEYS = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
MOVE = Qt.DropAction.MoveAction


class Bench:
    def __init__(self, app: QApplication) -> None:
        self.folders = MemoryFolders(
            [folder(1, "INBOX", SpecialUse.INBOX), folder(2, "Travel"), folder(3, "Travel/Norway")]
        )
        self.model = FolderTreeModel(ServiceAccounts(FakeMailService([account()])), self.folders)
        self.pane = FolderPane(self.model, light_theme(app))
        self.tree = self.pane.tree
        self.tree.takes = lambda node: node.title == "Travel"
        self.dropped: list[tuple[list[int], str]] = []
        self.tree.dropped.connect(lambda ids, node: self.dropped.append((list(ids), node.title)))

    def place(self, key: str) -> QPoint:
        return self.tree.visualRect(self.model.index_of(key)).center()

    def drag_over(self, key: str, data: QMimeData) -> bool:
        """Whether the folder takes what is dragged."""
        viewport, place = self.tree.viewport(), self.place(key)
        QApplication.sendEvent(viewport, QDragEnterEvent(place, MOVE, data, LEFT, NO_KEYS))
        move = QDragMoveEvent(place, MOVE, data, LEFT, NO_KEYS)
        move.ignore()
        QApplication.sendEvent(viewport, move)
        return move.isAccepted()

    def drop(self, key: str, data: QMimeData) -> None:
        event = QDropEvent(QPointF(self.place(key)), MOVE, data, LEFT, NO_KEYS)
        QApplication.sendEvent(self.tree.viewport(), event)


@pytest.fixture
def bench(qapp, qtbot) -> Bench:
    bench = Bench(qapp)
    qtbot.addWidget(bench.pane)
    bench.pane.resize(240, 500)
    bench.model.load()
    bench.pane.show()
    return bench


def test_messages_are_dropped_on_a_folder_that_takes_them(bench):
    data = message_data([4, 5])
    assert bench.drag_over("folder/1/Travel", data)
    assert bench.tree.drop_target().title == "Travel"
    bench.drop("folder/1/Travel", data)
    assert bench.dropped == [([4, 5], "Travel")]
    assert bench.tree.drop_target() is None


def test_no_other_folder_takes_them(bench):
    data = message_data([4])
    assert not bench.drag_over("folder/1/INBOX", data)
    assert bench.tree.drop_target() is None
    bench.drop("folder/1/INBOX", data)
    assert bench.dropped == []


@pytest.mark.parametrize("process", [os.getpid() + 1, None])
def test_messages_of_another_program_mean_nothing_here(bench, process):
    data = QMimeData()
    data.setData(MESSAGES, array("q", [process, 4]).tobytes() if process else b"garbage")
    assert not bench.drag_over("folder/1/Travel", data)
    bench.drop("folder/1/Travel", data)
    assert bench.dropped == []


def test_the_folder_that_would_take_them_is_framed(bench):
    before = bench.tree.viewport().grab().toImage()
    bench.drag_over("folder/1/Travel", message_data([4]))
    assert bench.tree.viewport().grab().toImage() != before
    QApplication.sendEvent(bench.tree.viewport(), QDragLeaveEvent())
    assert bench.tree.viewport().grab().toImage() == before


def test_a_branch_unfolds_where_a_drag_rests(bench, qtbot):
    index = bench.model.index_of("folder/1/Travel")
    assert not bench.tree.isExpanded(index)
    bench.drag_over("folder/1/Travel", message_data([4]))
    qtbot.waitUntil(lambda: bench.tree.isExpanded(index))
