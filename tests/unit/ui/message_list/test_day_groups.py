from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QLocale

from qtmail.ui.message_list.day_groups import DayGroups

FRIDAY = datetime(2026, 11, 20, 15, 0).astimezone()


@pytest.fixture(autouse=True)
def _english():
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


def name(when: datetime, now: datetime = FRIDAY) -> str:
    return DayGroups(lambda: now).name(int(when.timestamp()))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (datetime(2026, 11, 20, 0, 0), "Today"),
        (datetime(2026, 11, 21, 0, 0), "Later than today"),
        (datetime(2026, 11, 19, 23, 59), "Yesterday"),
        (datetime(2026, 11, 16, 0, 0), "This week"),
        (datetime(2026, 11, 15, 23, 59), "Last week"),
        (datetime(2026, 11, 9, 0, 0), "Last week"),
        (datetime(2026, 11, 8, 12, 0), "This month"),
        (datetime(2026, 10, 31, 12, 0), "October"),
        (datetime(2025, 11, 20, 12, 0), "November 2025"),
        (datetime(1997, 1, 1, 12, 0), "January 1997"),
    ],
)
def test_moments_have_the_names_people_give_them(day: datetime, expected: str):
    assert name(day.astimezone()) == expected


def test_midnight_makes_today_yesterday():
    now = [FRIDAY]
    groups = DayGroups(lambda: now[0])
    moment = int(FRIDAY.timestamp())
    assert groups.name(moment) == "Today"
    now[0] += timedelta(hours=10)
    assert groups.name(moment) == "Yesterday"
