from __future__ import annotations

import pytest

from qtmail.ui.accounts.settings.number_field import NumberField


@pytest.fixture
def minutes(qtbot):
    field = NumberField(1, 60, " min", "Minutes", unit=60)
    qtbot.addWidget(field)
    return field


@pytest.mark.parametrize("seconds", [1, 60, 90, 300, 86_400])
def test_what_nobody_touches_stays_exactly_as_it_was(minutes, seconds):
    minutes.show_amount(seconds)
    assert minutes.amount() == seconds


def test_what_the_user_sets_is_taken(minutes):
    minutes.show_amount(90)
    assert minutes.value() == 2
    minutes.setValue(3)
    assert minutes.amount() == 180


def test_the_old_value_set_again_is_no_change(minutes):
    minutes.show_amount(90)
    minutes.setValue(3)
    minutes.setValue(2)
    assert minutes.amount() == 90
