from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from qtmail.ui.window.action_table import (
    ACTIONS,
    CONTEXT_MENU,
    MENUS,
    SEPARATOR,
    TOOLBAR,
    TOOLBAR_RIGHT,
)
from qtmail.ui.window.actions import plain_text
from tests.fakes.window import WindowBench


@pytest.fixture
def bench(qapp, qtbot, tmp_path: Path):
    bench = WindowBench(qapp, tmp_path / "window.ini")
    qtbot.addWidget(bench.window)
    return bench


@pytest.fixture
def actions(bench):
    return bench.window.actions_


def test_no_id_stands_twice():
    assert [id_ for id_, count in Counter(spec.id for spec in ACTIONS).items() if count > 1] == []


def test_no_key_belongs_to_two_actions(actions):
    keys = Counter(key.toString() for action in actions for key in action.shortcuts() if key.toString())
    assert [key for key, count in keys.items() if count > 1] == []


def test_menus_and_bars_name_only_actions_there_are(actions):
    named = [*TOOLBAR, *TOOLBAR_RIGHT, *CONTEXT_MENU, *(id_ for _, ids in MENUS for id_ in ids)]
    assert all(actions[id_].text() for id_ in named if id_ != SEPARATOR)


def test_every_action_is_in_a_menu():
    in_menus = {id_ for _, ids in MENUS for id_ in ids}
    assert {spec.id for spec in ACTIONS} <= in_menus


def test_no_mnemonic_comes_twice_in_a_menu(actions):
    for title, ids in MENUS:
        texts = [actions[id_].text() for id_ in ids if id_ != SEPARATOR]
        letters = Counter(text[text.index("&") + 1].lower() for text in texts if "&" in text)
        assert [letter for letter, count in letters.items() if count > 1] == [], title


def test_every_action_of_a_bar_has_an_icon(actions):
    assert all(not actions[id_].icon().isNull() for id_ in (*TOOLBAR, *TOOLBAR_RIGHT) if id_ != SEPARATOR)


def test_the_plain_text_of_an_action_is_what_people_read(actions):
    assert plain_text(actions["file.add_account"]) == "Add account"
