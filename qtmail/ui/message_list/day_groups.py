"""Under which heading a message stands in a list sorted by date: Today, Yesterday, This week, … October,
2024.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QLocale

_CLOCK = Callable[[], datetime]


def _local_now() -> datetime:
    return datetime.now().astimezone()


class DayGroups:
    """Names the group of a moment, seen from the present day; follows midnight by itself."""

    def __init__(self, clock: _CLOCK = _local_now) -> None:
        self._clock = clock
        self._today = date.min
        self._names: dict[date, str] = {}

    def name(self, timestamp: int) -> str:
        """The group of a moment in seconds since the epoch; equal names are one group."""
        today = self._clock().date()
        if today != self._today:
            self._today = today
            self._names.clear()
        day = datetime.fromtimestamp(timestamp).date()
        name = self._names.get(day)
        if name is None:
            name = self._names[day] = _name(day, today)
        return name


def _name(day: date, today: date) -> str:
    week = today - timedelta(days=(today.isoweekday() - QLocale().firstDayOfWeek().value) % 7)
    if day > today:
        return _words("Later than today")
    if day == today:
        return _words("Today")
    if day == today - timedelta(days=1):
        return _words("Yesterday")
    if day >= week:
        return _words("This week")
    if day >= week - timedelta(days=7):
        return _words("Last week")
    if (day.year, day.month) == (today.year, today.month):
        return _words("This month")
    month = QLocale().standaloneMonthName(day.month)
    return month if day.year == today.year else _words("{month} {year}").format(month=month, year=day.year)


def _words(text: str) -> str:
    return QCoreApplication.translate("DayGroups", text)
