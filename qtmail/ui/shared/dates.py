"""The one place that turns moments into words: 14:05, Yesterday, Tue, 3 May, 2024-11-03.

Times are shown in the computer's own time zone, names in the language of the default `QLocale`.
"""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale

DAYS_NAMED = 6
"""Up to this many days back a weekday's name says it; a week back it would be ambiguous."""

_MONTH_BEFORE_DAY = frozenset({QLocale.Language.Chinese, QLocale.Language.Japanese, QLocale.Language.Korean})


def short_date(when: datetime, *, now: datetime | None = None) -> str:
    """`when` (aware) as people say it in a list, seen from `now` (aware; the present if None)."""
    local = when.astimezone()
    today = (now or datetime.now().astimezone()).astimezone().date()
    return local.strftime("%H:%M") if local.date() == today else day_name(local.date(), today)


def long_date(when: datetime, *, now: datetime | None = None) -> str:
    """As `short_date`, with the time of day always in it: for the one message that is open."""
    local = when.astimezone()
    today = (now or datetime.now().astimezone()).astimezone().date()
    time = local.strftime("%H:%M")
    return time if local.date() == today else f"{day_name(local.date(), today)} {time}"


def day_name(day: date, today: date) -> str:
    """A day as people call it: Today, Yesterday, Tue, 3 May, 2024-11-03."""
    age = (today - day).days
    if age == 0:
        return QCoreApplication.translate("dates", "Today")
    if age == 1:
        return QCoreApplication.translate("dates", "Yesterday")
    locale = QLocale()
    if 1 < age <= DAYS_NAMED:
        return locale.dayName(day.isoweekday(), QLocale.FormatType.ShortFormat)
    if day.year == today.year:
        return _day_and_month(day, locale)
    return day.isoformat()


def full_date(when: datetime) -> str:
    """The whole date with weekday, seconds and the offset from UTC, for a tooltip."""
    local = when.astimezone()
    day = QDate(local.year, local.month, local.day)
    words = QLocale().toString(day, QLocale.FormatType.LongFormat)
    return f"{words} {local:%H:%M:%S} (UTC{local:%z})"


def _day_and_month(day: date, locale: QLocale) -> str:
    if locale.language() in _MONTH_BEFORE_DAY:
        return locale.toString(QDate(day.year, day.month, day.day), "MMMd") + _day_suffix(locale)
    return f"{day.day} {locale.monthName(day.month, QLocale.FormatType.ShortFormat)}"


def _day_suffix(locale: QLocale) -> str:
    return "일" if locale.language() == QLocale.Language.Korean else "日"
