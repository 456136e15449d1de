import pytest

from qtmail.start_faults import broken_libraries, missing_display


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
