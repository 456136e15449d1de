import threading
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel

from qtmail.errors import QtmailError
from qtmail.store.store import Store
from qtmail.workers.background import Background


@pytest.fixture
def background(qtbot, tmp_path) -> Iterator[Background]:
    with Store.open(tmp_path / "profile") as store:
        background = Background("test", store)
        yield background
        background.stop()


def test_work_runs_elsewhere_and_its_result_comes_back_here(qtbot, background):
    results: list[tuple[threading.Thread, threading.Thread]] = []
    background.submit(
        threading.current_thread, lambda thread: results.append((thread, threading.current_thread()))
    )
    qtbot.waitUntil(lambda: bool(results), timeout=5000)
    ((worked, told),) = results
    assert worked is not threading.main_thread() and told is threading.main_thread()


def test_work_keeps_its_order(qtbot, background):
    order: list[int] = []
    for number in range(50):
        background.submit(lambda number=number: number, order.append)
    qtbot.waitUntil(lambda: len(order) == 50, timeout=5000)
    assert order == list(range(50))


def test_cancelled_work_says_nothing(qtbot, background):
    order: list[str] = []
    gate = threading.Event()
    background.submit(gate.wait, lambda _: order.append("first"))
    background.submit(lambda: "cancelled", order.append).cancel()
    background.submit(lambda: "last", order.append)
    gate.set()
    qtbot.waitUntil(lambda: "last" in order, timeout=5000)
    assert order == ["first", "last"]


def test_a_fault_comes_back_in_words(qtbot, background):
    errors: list[str] = []

    def fail() -> None:
        raise QtmailError("The disk is full.")

    background.submit(fail, lambda _: None, lambda error: errors.append(error.sentence))
    qtbot.waitUntil(lambda: bool(errors), timeout=5000)
    assert errors == ["The disk is full."]


def test_a_bug_does_not_end_the_thread(qtbot, background, caplog):
    told: list[object] = []
    background.submit(lambda: 1 // 0, told.append, told.append)
    background.submit(lambda: "alive", told.append)
    qtbot.waitUntil(lambda: len(told) == 2, timeout=5000)
    assert isinstance(told[0], QtmailError) and told[1] == "alive"
    assert "ZeroDivisionError" in caplog.text


def test_stopping_finishes_what_was_submitted(qtbot, background):
    done = []
    background.submit(lambda: done.append(1), lambda _: None)
    background.stop()
    assert done == [1]


def test_after_the_end_nothing_is_told_even_of_work_that_was_done(qtbot, background):
    told: list[str] = []
    worked = threading.Event()

    def work() -> str:
        worked.set()
        return "done"

    background.submit(work, told.append)
    assert worked.wait(5)
    background.stop()
    QCoreApplication.processEvents()
    assert told == []


def test_a_widget_that_is_gone_is_not_told(qtbot, background):
    told: list[str] = []
    label = QLabel()
    gate = threading.Event()
    background.submit(gate.wait, lambda _: told.append("first"))
    background.submit(lambda: "text", label.setText)
    background.submit(lambda: "last", told.append)
    shiboken6.delete(label)
    gate.set()
    qtbot.waitUntil(lambda: "last" in told, timeout=5000)
