"""Dates as people say them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale

from qtmail.ui.shared.dates import full_date, long_date, short_date

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    locale = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(locale)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (NOW, "15:00"),
        (datetime(2026, 11, 21, 0, 5, tzinfo=UTC), "00:05"),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), "Yesterday"),
        (datetime(2026, 11, 17, 12, 0, tzinfo=UTC), "Tue"),
        (datetime(2026, 11, 15, 12, 0, tzinfo=UTC), "Sun"),
        (datetime(2026, 11, 14, 12, 0, tzinfo=UTC), "14 Nov"),
        (datetime(2026, 5, 3, 12, 0, tzinfo=UTC), "3 May"),
        (datetime(2024, 11, 3, 12, 0, tzinfo=UTC), "2024-11-03"),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "22 Nov"),
        (datetime(2031, 1, 2, 12, 0, tzinfo=UTC), "2031-01-02"),
    ],
)
def test_short_date(when: datetime, words: str) -> None:
    assert short_date(when, now=NOW) == words


def test_the_zone_of_this_computer_decides_what_today_is() -> None:
    east = datetime.fromisoformat("2026-11-21T02:00:00+08:00")  # the evening before, here
    assert short_date(east, now=NOW) == "Yesterday"


def test_long_date_always_tells_the_time() -> None:
    assert long_date(NOW, now=NOW) == "15:00"
    assert long_date(NOW - timedelta(days=1), now=NOW) == "Yesterday 15:00"
    assert long_date(NOW - timedelta(days=700), now=NOW) == "2024-12-21 15:00"


def test_full_date_tells_everything() -> None:
    assert full_date(NOW) == "Saturday, 21 November 2026 15:00:00 (UTC+0000)"


@pytest.mark.parametrize(("locale", "words"), [("zh_CN", "5月3日"), ("ja_JP", "5月3日"), ("ko_KR", "5월3일")])
def test_the_month_comes_first_in_east_asia(locale: str, words: str) -> None:
    QLocale.setDefault(QLocale(locale))
    assert short_date(datetime(2026, 5, 3, tzinfo=UTC), now=NOW) == words
