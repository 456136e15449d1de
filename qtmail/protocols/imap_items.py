"""The attributes of a FETCH response (RFC 9051 section 7.5.2): flags, dates, numbers, sections."""

from __future__ import annotations

import re
from calendar import timegm
from functools import lru_cache

from qtmail.domain.message import FLAG_NAMES, Flag, FlagChange
from qtmail.protocols.imap_syntax import MalformedError, Untagged, Value, atoms, number
from qtmail.protocols.uid_set import LAST_UID

_FLAGS = {name.encode().upper(): flag for flag, name in FLAG_NAMES.items()} | {
    # Other spellings of the same thing: Thunderbird's and Apple Mail's of old, KMail's.
    b"JUNK": Flag.JUNK,
    b"NONJUNK": Flag.NOT_JUNK,
    b"NOTJUNK": Flag.NOT_JUNK,
    b"FORWARDED": Flag.FORWARDED,
    b"MDNSENT": Flag.MDN_SENT,
}
_RECENT = b"\\RECENT"  # says something about the session, not about the message
_MONTHS = {
    month: index
    for index, month in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
_DATE = re.compile(rb" *(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d)(?: ([+-]?)(\d\d)(\d\d))?")
_USUAL_DATE = len(" 1-Jan-2026 12:00:00 +0000")

Items = dict[bytes, Value]
"""Attribute names in upper case, and their values."""


def fetch_items(untagged: Untagged) -> Items:
    """The attributes of one FETCH response, in whatever order and case the server sent them.

    Raises MalformedError if they do not come in pairs, or if the UID is none: then nothing else in it can
    be relied on.
    """
    values = untagged.values()
    if len(values) != 1 or not isinstance(values[0], list):
        raise MalformedError("FETCH without its list")
    items = values[0]
    if len(items) % 2:
        raise MalformedError("an attribute without a value")
    found = {_attribute(items[index]): items[index + 1] for index in range(0, len(items), 2)}
    if b"UID" in found:
        number(found[b"UID"], LAST_UID)
    return found


def _attribute(name: Value) -> bytes:
    if not isinstance(name, bytes):
        raise MalformedError(f"not an attribute name: {name!r:.40}")
    return name.upper()


def uid_of(items: Items) -> int:
    """The UID, or 0 if it was not told."""
    value = items.get(b"UID")
    return int(value) if isinstance(value, bytes) else 0


def flag_change(items: Items) -> FlagChange:
    """Flags, keywords and MODSEQ of a message; `uid` is 0 where it was not told."""
    flags, keywords = flags_of(items)
    return FlagChange(uid_of(items), flags, keywords, modseq_of(items))


def flags_of(items: Items) -> tuple[Flag, frozenset[str]]:
    return parse_flags(tuple(atoms(items.get(b"FLAGS"))))


@lru_cache(maxsize=1024)
def parse_flags(names: tuple[bytes, ...]) -> tuple[Flag, frozenset[str]]:
    """Sort flag names into those qtmail knows and keywords. Case does not matter (RFC 9051 section 2.3.2)."""
    flags = Flag.NONE
    keywords = set()
    for name in names:
        known = _FLAGS.get(name.upper())
        if known is not None:
            flags |= known
        elif name.upper() != _RECENT:
            keywords.add(name.decode("utf-8", "replace"))
    return flags, frozenset(keywords)


def modseq_of(items: Items) -> int:
    """The modification sequence (RFC 7162 section 3.1.4.2), or 0."""
    value = items.get(b"MODSEQ")
    return _number_or_0(value[0] if isinstance(value, list) and value else value)


def size_of(items: Items) -> int:
    """RFC822.SIZE in bytes, or 0."""
    return _number_or_0(items.get(b"RFC822.SIZE"))


def _number_or_0(value: Value) -> int:
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) < 19 else 0


def internal_date(value: Value) -> int:
    """INTERNALDATE as seconds since the epoch; 0 if it cannot be read."""
    if not isinstance(value, bytes):
        return 0
    # Mail of one folder shares few days and zones, so reading these is done once for each.
    day, zone = value[:11], value[20:]
    try:
        time = int(value[12:14]) * 3600 + int(value[15:17]) * 60 + int(value[18:20])
        return _midnight(day, zone) + time if len(value) == _USUAL_DATE else _any_date(value)
    except ValueError:
        return _any_date(value)


@lru_cache(maxsize=4096)
def _midnight(day: bytes, zone: bytes) -> int:
    """Seconds since the epoch of the beginning of a day. Raises ValueError if it is not written as usual."""
    seconds = _any_date(day + b" 00:00:00" + zone)
    if not seconds:
        raise ValueError
    return seconds


def _any_date(value: bytes) -> int:
    match = _DATE.match(value)
    if match is None:
        return 0
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    known_month = _MONTHS.get(month.lower())
    if known_month is None:
        return 0
    seconds = timegm((max(int(year), 1), known_month, int(day), int(hour), int(minute), int(second)))
    zone = (int(zone_hours) * 60 + int(zone_minutes)) * 60 if zone_hours else 0
    return seconds + zone if sign == b"-" else seconds - zone


def section_of(items: Items, section: str, origin: int = 0) -> bytes | None:
    """The bytes of `BODY[section]<origin>`: b"" for NIL, None if the response does not have them."""
    name = b"BODY[%s]" % section.upper().encode()
    for key in (b"%s<%d>" % (name, origin), name):
        if key in items:
            value = items[key]
            return value if isinstance(value, bytes) else b""
    return None


def header_of(items: Items) -> bytes | None:
    """The bytes of `BODY[HEADER...]` whatever fields it names; None if the response has no header."""
    for name, value in items.items():
        if name.startswith(b"BODY[HEADER"):
            return value if isinstance(value, bytes) else b""
    return None
