from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from qtmail.ui.activity.status_bar import StatusBar
from qtmail.ui.activity.work_sentences import Sentence


@pytest.fixture
def bar(qapp, qtbot):
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.resize(600, 34)
    bar.show()
    return bar


def test_work_with_an_end_fills_the_bar(bar):
    bar.show_sentence(Sentence("Personal: 25 of 100 headers", 25, 100, busy=True))
    assert bar.sentence() == "Personal: 25 of 100 headers"
    assert (bar._bar.value(), bar._bar.maximum()) == (250, 1000)


def test_work_without_one_keeps_it_moving_and_rest_hides_it(bar):
    bar.show_sentence(Sentence("Connecting…", busy=True))
    assert (bar._bar.minimum(), bar._bar.maximum()) == (0, 0)
    bar.show_sentence(Sentence("Everything is up to date"))
    assert bar._bar.isHidden()


def test_more_bytes_than_32_bits_hold_are_no_trouble(bar):
    bar.show_sentence(Sentence("…", 3_000_000_000, 6_000_000_000, busy=True))
    assert bar._bar.value() == 500


def test_a_click_anywhere_asks_for_more(bar, qtbot):
    with qtbot.waitSignal(bar.clicked):
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton)
