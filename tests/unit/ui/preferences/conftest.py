from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.notification_area import FakeArea
from tests.fakes.system import FakeSystem
from tests.fakes.window import WindowBench


@pytest.fixture
def area() -> FakeArea:
    return FakeArea()


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def bench(qapp, qtbot, tmp_path: Path, area: FakeArea, system: FakeSystem):
    """A window on a desktop that the test has in hand."""
    bench = WindowBench(qapp, tmp_path / "window.ini")
    bench.window.tray.area = area  # type: ignore[assignment]
    bench.window.preferences.system = system
    qtbot.addWidget(bench.window)
    with qtbot.waitActive(bench.window):
        bench.window.show()
        bench.window.activateWindow()
    return bench


@pytest.fixture
def open_preferences(bench, qtbot):
    def open_():
        bench.window.actions_["edit.preferences"].trigger()
        dialog = bench.window.preferences.dialog
        assert dialog is not None
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    return open_
