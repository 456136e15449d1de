from __future__ import annotations

from pathlib import Path

import pytest

from qtmail.ui.shared.theme import ThemeMode
from qtmail.ui.window.preferences import preferences, take_preferences
from qtmail.ui.window.window_state import Layout, ListView, WindowState
from tests.fakes.window import WindowBench


@pytest.fixture
def bench(qapp, qtbot, tmp_path: Path):
    bench = WindowBench(qapp, tmp_path / "window.ini")
    qtbot.addWidget(bench.window)
    return bench


def test_what_was_chosen_on_one_computer_is_chosen_on_another(bench, tmp_path: Path):
    there = WindowState(tmp_path / "there.ini")
    there.layout, there.list_view, there.theme_mode = Layout.BELOW, ListView.COLUMNS, ThemeMode.LIGHT
    there.undo_seconds, there.write_plain, there.one_width = 30, True, True
    there.spelling_languages = ("de_DE", "en_GB")
    take_preferences(bench.state, bench.window.actions_, preferences(there))
    assert preferences(bench.state) == preferences(there)
    assert bench.window.actions_["view.columns"].isChecked()
    assert bench.composers.undo_seconds == 30


def test_languages_nobody_chose_are_not_chosen_by_an_import(bench, tmp_path: Path):
    there = WindowState(tmp_path / "there.ini")
    take_preferences(bench.state, bench.window.actions_, preferences(there))
    assert bench.state.spelling_languages is None


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"theme": "purple", "layout": "", "list": "tree", "undo_seconds": "7", "write_plain": "maybe"},
        {"something": "new"},
    ],
)
def test_what_is_not_understood_changes_nothing(bench, nonsense):
    before = preferences(bench.state)
    take_preferences(bench.state, bench.window.actions_, nonsense)
    assert preferences(bench.state) == before


def test_an_import_in_the_settings_reaches_the_window(bench):
    bench.window.accounts.settings.preferences_taken.emit({"layout": "below"})
    assert bench.state.layout is Layout.BELOW
