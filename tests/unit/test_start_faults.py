import sys

import pytest

from qtmail import start_faults
from qtmail.errors import QtmailError
from qtmail.start_faults import broken_libraries, missing_display, tell_at_start


@pytest.mark.parametrize(
    ("python", "qt", "broken"),
    [
        ((3, 11), "6.12.0", True),
        ((3, 11), "6.12.1", False),
        ((3, 11), "6.11.3", False),
        ((3, 12), "6.12.0", False),
        ((3, 13), "6.12.0", False),
    ],
)
def test_the_broken_pair_is_refused_in_a_sentence(python, qt, broken):
    problem = broken_libraries(python, qt)
    assert (problem is not None) is broken
    assert problem is None or "6.12.0" in problem


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, True),
        ({"DISPLAY": ":1"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False),
        ({"QT_QPA_PLATFORM": "offscreen"}, False),
    ],
)
def test_a_missing_display_is_noticed_before_qt_aborts(monkeypatch, variables, missing):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (missing_display() is not None) is missing


@pytest.mark.parametrize(
    ("reads_it", "broken", "missing", "boxes"),
    [
        (False, None, None, 1),
        (True, None, None, 0),
        (False, "PySide6 6.12.0 does not work.", None, 0),
        (False, None, "There is no display.", 0),
    ],
)
def test_a_box_is_for_those_who_see_no_terminal_and_where_qt_can_show_one(
    monkeypatch, capsys, reads_it, broken, missing, boxes
):
    shown: list[QtmailError] = []
    monkeypatch.setattr(start_faults, "_show_box", shown.append)
    monkeypatch.setattr(start_faults, "broken_libraries", lambda: broken)
    monkeypatch.setattr(start_faults, "missing_display", lambda: missing)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: reads_it)
    assert tell_at_start(QtmailError("It is full.", advice="Make room.")) == 1
    assert capsys.readouterr().err == "qtmail: It is full. Make room.\n"
    assert len(shown) == boxes
