from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from qtmail.models.roles import ValueRole
from qtmail.models.value_list import ValueListModel


@dataclass(frozen=True)
class Note:
    id: int
    text: str = ""


@pytest.fixture
def model(qapp):
    model: ValueListModel[Note] = ValueListModel(lambda note: f"note {note.text}")
    model.show_values([Note(1, "one"), Note(2, "two"), Note(3, "three")])
    return model


def test_the_model_keeps_qt_s_rules(model, qtmodeltester):
    qtmodeltester.check(model)


def test_a_row_gives_its_value_and_says_it_in_words(model):
    index = model.index_of(2)
    assert index.data(ValueRole.VALUE) == Note(2, "two")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "note two"
    assert model.find(3) == Note(3, "three")
    assert model.find(9) is None
    assert not model.index_of(9).isValid()


def test_a_value_that_stays_keeps_its_row(model, qtbot):
    kept = QPersistentModelIndex(model.index_of(3))
    with qtbot.waitSignal(model.dataChanged):
        model.show_values([Note(3, "changed"), Note(4, "four"), Note(1, "one")])
    assert kept.row() == 0
    assert kept.data(ValueRole.VALUE) == Note(3, "changed")
    assert [value.id for value in model.values] == [3, 4, 1]


def test_nothing_is_announced_where_nothing_changed(model):
    announced: list[str] = []
    for name in ("rowsInserted", "rowsRemoved", "rowsMoved", "dataChanged"):
        getattr(model, name).connect(lambda *_, name=name: announced.append(name))
    model.show_values(model.values)
    assert announced == []


notes = st.lists(st.builds(Note, st.integers(1, 8), st.sampled_from("ab")), unique_by=lambda note: note.id)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(notes, max_size=5))
def test_the_rows_follow_any_change(qapp, states):
    model: ValueListModel[Note] = ValueListModel(str)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for state in states:
        model.show_values(state)
        assert list(model.values) == state
    del tester
