"""The Date field (RFC 5322 section 3.3 and its obsolete forms in 4.3), and what is written in its place.

Every result is aware and in UTC. A date without a zone is taken as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_FOREIGN_MONTHS = {
    "mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, "janv": 1, "fév": 2, "févr": 2, "mars": 3, "avr": 4,
    "juin": 6, "juil": 7, "aoû": 8, "août": 8, "déc": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "set": 9,
    "out": 10, "fev": 2, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "ott": 10, "янв": 1, "фев": 2, "мар": 3,
    "апр": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "окт": 10, "ноя": 11, "дек": 12,
}  # fmt: skip
_CHINESE_MONTHS = {"十二月": 12, "十一月": 11} | {
    f"{digit}月": n for n, digit in enumerate("一二三四五六七八九十", 1)
}
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "met": 60, "mest": 120, "bst": 60,
    "wet": 0, "west": 60, "eet": 120, "eest": 180, "msk": 180, "msd": 240, "jst": 540, "kst": 540,
    "hkt": 480, "sgt": 480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "akst": -540, "akdt": -480,
    "hst": -600,
}  # fmt: skip
"""Minutes east of UTC; the North American ones by RFC 5322 section 4.3, the rest as commonly used."""

_PLAIN = re.compile(
    r"\s*(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s+([+-])(\d\d)(\d\d)\b"
)
_USUAL = re.compile(
    rb"(?:[A-Z][a-z]{2}, )?(\d{1,2} [A-Z][a-z]{2} [12]\d{3}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) "
    rb"([+-]\d{4})(?=[ (]|\Z)"
)
_COMMENT = re.compile(r"\([^()]*\)")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s*[:：时時]\s*(\d{1,2})(?:\s*[:：.分]\s*(\d{1,2})秒?(?:[.,]\d+)?)?\s*分?\s*([AaPp]\.?[Mm]\.?(?![A-Za-z]))?"
)
_DOTTED_TIME = re.compile(r"(?<!\d)(\d{1,2})\.(\d\d)\.(\d\d)(?!\d)()")
_NUMERIC_ZONE = re.compile(r"(?<![\d:])\s*([+-]{1,2})\s?(\d{1,2}):?(\d\d)?(?!\d)")
_DAY_MONTH_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s.\-/]*([^\W\d_]{3,9})\.?[\s,\-/]*(\d{2,4})(?!\d|:)"
)
_MONTH_DAY_YEAR = re.compile(r"\b([^\W\d_]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_CTIME = re.compile(r"\b([A-Za-z]{3})\s+(\d{1,2})\s+[\d:]+\s+(?:[A-Za-z]*[+-]?[\d:]*\s+)?(\d{4})\b")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?=\D|$)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_COMPACT = re.compile(r"^\s*(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)?")
_ZONE_NAME = re.compile(r"\b([A-Za-z]{1,4})\b")
_MAX_LENGTH = 300
_MAX_OFFSET_MINUTES = 18 * 60


def parse_date(value: bytes | str) -> datetime | None:
    """The moment a Date field names, in UTC; None where there is no valid one in it. Never raises."""
    text = value[:_MAX_LENGTH].decode("utf-8", "replace") if isinstance(value, bytes) else value[:_MAX_LENGTH]
    match = _PLAIN.match(text)
    if match is not None:
        day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
        number = _MONTHS.get(month.lower())
        if number is not None:
            offset = int(zone_hours) * 60 + int(zone_minutes)
            return _moment(
                (int(year), number, int(day)),
                (int(hour), int(minute), int(second or 0)),
                -offset if sign == "-" else offset,
            )
    return _parse_loosely(text)


def timestamp(value: bytes) -> int | None:
    """As `parse_date`, in seconds since the epoch.

    The calendar of a day is worked out once: mail comes in the order of its dates.
    """
    match = _USUAL.match(value)
    if match is not None:
        day, hour, minute, second, zone = match.groups()
        midnight = _midnight(day, zone)
        if midnight is not None:
            return midnight + int(hour) * 3600 + int(minute) * 60 + int(second)
    moment = parse_date(value)
    return None if moment is None else int(moment.timestamp())


@lru_cache(maxsize=1024)
def _midnight(day: bytes, zone: bytes) -> int | None:
    """When a day such as `13 Aug 2026` begins in a zone such as `+0200`."""
    moment = parse_date(b"%b 00:00:00 %b" % (day, zone))
    return None if moment is None else int(moment.timestamp())


def _moment(date: tuple[int, int, int], time: tuple[int, int, int], offset: int) -> datetime | None:
    """UTC from local date and time and the zone's minutes east; an absurd zone counts as UTC."""
    if abs(offset) > _MAX_OFFSET_MINUTES:
        offset = 0
    hour, minute, second = time
    try:
        moment = datetime(
            *date, hour % 24 if hour == 24 else hour, minute, min(second, 59) if second == 60 else second
        )
        moment += timedelta(days=1 if hour == 24 else 0, minutes=-offset)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC)


def _parse_loosely(text: str) -> datetime | None:
    """Everything that is not the plain form: find the date, the time and the zone one after the other."""
    text = _COMMENT.sub(" ", text)
    compact = _COMPACT.match(text)
    if compact is not None:
        year, month, day, hour, minute, second = (int(digits or 0) for digits in compact.groups())
        return _moment((year, month, day), (hour, minute, second), _zone(text[compact.end() :]))
    date = _find_date(_with_numbered_months(text))
    if date is None:
        return None
    time, rest = _find_time(text)
    return _moment(date, time, _zone(rest))


def _with_numbered_months(text: str) -> str:
    """Chinese month names outside a 年月日 date become English ones, so that one pattern reads both."""
    if "月" not in text or "年" in text:
        return text
    names = list(_MONTHS)
    for chinese, number in _CHINESE_MONTHS.items():
        text = text.replace(chinese, f" {names[number - 1]} ")
    return re.sub(r"(?<!\d)(1[0-2]|0?[1-9])月", lambda match: f" {names[int(match[1]) - 1]} ", text)


def _find_date(text: str) -> tuple[int, int, int] | None:
    if match := _YEAR_FIRST.search(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DAY_FIRST.search(text):
        return _numeric_date(match)
    for match in _DAY_MONTH_YEAR.finditer(text):
        if month := _month(match[2]):
            return _full_year(match[3]), month, int(match[1])
    for match in (*_MONTH_DAY_YEAR.finditer(text), *_CTIME.finditer(text)):
        if month := _month(match[1]):
            return int(match[3]), month, int(match[2])
    return None


def _numeric_date(match: re.Match[str]) -> tuple[int, int, int]:
    """5.3.2024 is the fifth of March; 3/5/2024 is American, unless its first number can be no month."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    month_first = match[2] == "/" and first <= 12
    return (year, first, second) if month_first else (year, second, first)


def _month(name: str) -> int | None:
    lower = name.lower()
    return _MONTHS.get(lower[:3]) or _FOREIGN_MONTHS.get(lower) or _FOREIGN_MONTHS.get(lower[:3])


def _full_year(digits: str) -> int:
    """RFC 5322 section 4.3: two digits below 50 are 20xx, all other short years count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _find_time(text: str) -> tuple[tuple[int, int, int], str]:
    """The time of day and the text behind it, where the zone stands."""
    match = _TIME.search(text) or _DOTTED_TIME.search(text)
    if match is None:
        return (0, 0, 0), ""
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    afternoon = (match[4] or "").lower().startswith("p") or re.search(
        r"下午|晚上|午後|오후", text
    ) is not None
    morning = (match[4] or "").lower().startswith("a") or re.search(r"上午|凌晨|午前|오전", text) is not None
    if afternoon and hour < 12:
        hour += 12
    elif morning and hour == 12:
        hour = 0
    return (hour, minute, second), text[match.end() :]


def _zone(text: str) -> int:
    """Minutes east of UTC of the first zone in `text`; 0 where there is none that is known."""
    if match := _NUMERIC_ZONE.search(text):
        digits, minutes = match[2], match[3]
        offset = int(digits) * 60 + int(minutes or 0)
        return -offset if match[1].startswith("-") else offset
    for match in _ZONE_NAME.finditer(text):
        if (offset := _ZONES.get(match[1].lower(), -1)) != -1:
            return offset
    return 0
