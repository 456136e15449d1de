"""The Date field and what is written in its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qtmail.mime.dates import parse_date, timestamp


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Mon, 1 Jan 2024 10:00:00 +0800", "2024-01-01 02:00:00"),
        ("1 Jan 2024 10:00 -0000", "2024-01-01 10:00:00"),
        ("Mon, 1 Jan 2024 10:00:00", "2024-01-01 10:00:00"),
        ("Mon, 01 Jan 24 10:00:00 EST", "2024-01-01 15:00:00"),
        ("1 Jan 99 00:00 GMT", "1999-01-01 00:00:00"),
        ("1 Jan 104 00:00 UT", "2004-01-01 00:00:00"),
        ("Mon (Monday), 1 (first) Jan 2024 10:00:00 +0000 (GMT)", "2024-01-01 10:00:00"),
        ("Tue, 5 Mar 2024 09:12:33 GMT+0800", "2024-03-05 01:12:33"),
        ("Tue Mar 05 09:12:33 GMT+08:00 2024", "2024-03-05 01:12:33"),
        ("Tue, 5 Mar 2024 09:12:33 +08:00", "2024-03-05 01:12:33"),
        ("Tue, 5 Mar 2024 09:12:33 --0500", "2024-03-05 14:12:33"),
        ("Tue,5Mar2024 09:12:33 +0000", "2024-03-05 09:12:33"),
        ("Thu Jan  4 00:00:01 2024", "2024-01-04 00:00:01"),
        ("Mon Jun  3 10:11:12 CEST 2024", "2024-06-03 08:11:12"),
        ("2024-01-05T10:00:00.123Z", "2024-01-05 10:00:00"),
        ("2024-01-05 10:00:00+01:00", "2024-01-05 09:00:00"),
        ("20240105101112", "2024-01-05 10:11:12"),
        ("2024/1/5 10:00", "2024-01-05 10:00:00"),
        ("2024年1月5日 下午3:04", "2024-01-05 15:04:00"),
        ("星期五, 5 一月 2024 10:00:00 +0800", "2024-01-05 02:00:00"),
        ("周五, 05 1月 2024 10:00:00 +0800", "2024-01-05 02:00:00"),
        ("Fri, 5 十二月 2024 10:00:00 +0800", "2024-12-05 02:00:00"),
        ("Fr, 5 Okt 2024 10:00:00 +0200", "2024-10-05 08:00:00"),
        ("Jan 5, 2024 3:04 PM", "2024-01-05 15:04:00"),
        ("Jan 5, 2024 12:04 AM", "2024-01-05 00:04:00"),
        ("05-Jan-2024 10.20.30 +0100", "2024-01-05 09:20:30"),
        ("31 Dec 2023 24:00:00 +0000", "2024-01-01 00:00:00"),
        ("30 Jun 2015 23:59:60 +0000", "2015-06-30 23:59:59"),
        ("5 Jan 2024 10:00:00 +9999", "2024-01-05 10:00:00"),
        ("5 Jan 2024", "2024-01-05 00:00:00"),
    ],
)
def test_dates(value: str, moment: str) -> None:
    found = parse_date(value)
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert parse_date(value.encode()) == found


@pytest.mark.parametrize(
    "value",
    [
        *("", "garbage", "Fri, 30 Feb 2024 10:00:00 +0000", "1 Foo 2024 10:00", "1 Jan 0000 00:00:00 +0000"),
        *("31 Dec 9999 23:00:00 -0800", "1 Jan 2024 25:00:00 +0000", "1 Jan 2024 10:61:00 +0000"),
        *("\xff\x00", "1:2:3"),
    ],
)
def test_no_valid_date(value: str) -> None:
    assert parse_date(value) is None


@pytest.mark.parametrize(
    "value",
    [
        *(
            "Thu, 13 Aug 2026 19:25:00 +0000",
            "13 Aug 2026 00:00:00 -0330",
            "1 Jan 1969 23:59:59 +1400 (LINT)",
        ),
        *("31 Dec 2016 23:59:60 +0000", "1 Jan 2017 24:00:00 +0000", "29 Feb 2023 10:00:00 +0000"),
        *("Thu, 13 Aug 2026 19:25:00 +9999", "13 Xyz 2026 19:25:00 +0000", "2026-08-13T19:25:00Z", ""),
        *("1 Jan 0001 00:00:00 +0100", "13 Aug 2026 19:25:00 +00001", "13 Aug 2026 19:25:00 +0200é"),
    ],
)
def test_the_quick_way_to_read_a_date_agrees_with_the_tolerant_one(value: str) -> None:
    moment = parse_date(value)
    assert timestamp(value.encode()) == (None if moment is None else int(moment.timestamp()))
