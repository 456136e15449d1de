"""Sets of message UIDs, as IMAP writes them: `1:3,7,9:*` (RFC 9051 section 9, sequence-set)."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LAST_UID = 0xFFFF_FFFF
"""UIDs are 32-bit numbers (RFC 9051 section 2.3.1.1); `*` stands for the last one."""


def parse_uid_set(text: str | bytes) -> Iterator[tuple[int, int]]:
    """The ranges of a set in the order written, both ends included.

    Raises ValueError for anything that is not a set of 32-bit numbers.
    """
    if isinstance(text, bytes):
        text = text.decode("ascii", "replace")
    for item in text.split(","):
        first, colon, last = item.partition(":")
        low = _uid(first)
        high = _uid(last) if colon else low
        yield (low, high) if low <= high else (high, low)


def _uid(text: str) -> int:
    if text == "*":
        return LAST_UID
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > LAST_UID:
        raise ValueError(f"not a UID: {text[:20]!r}")
    return int(text)


def format_uid_set(uids: Iterable[int]) -> str:
    """The shortest set that names exactly these UIDs; "" for none."""
    return ",".join(
        str(low) if low == high else f"{low}:{high}" for low, high in _merge((uid, uid) for uid in uids)
    )


def _merge(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sort ranges and join those that touch."""
    current: tuple[int, int] | None = None
    for low, high in sorted(ranges):
        if current is None:
            current = (low, high)
        elif low <= current[1] + 1:
            current = (current[0], max(current[1], high))
        else:
            yield current
            current = (low, high)
    if current is not None:
        yield current


@dataclass(frozen=True, slots=True)
class UidSet:
    """An immutable set of UIDs kept as ranges.

    A server may name four billion UIDs in ten characters (`VANISHED 1:*`): ask which of the known UIDs are
    in the set (`among`), never the set for all its members, unless it was made here.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    """Sorted, apart from each other, both ends included."""

    @classmethod
    def parse(cls, text: str | bytes) -> UidSet:
        """Read a set as a server writes it. Raises ValueError."""
        return cls(tuple(_merge(parse_uid_set(text))))

    @classmethod
    def of(cls, uids: Iterable[int]) -> UidSet:
        return cls(tuple(_merge((uid, uid) for uid in uids)))

    def union(self, *others: UidSet) -> UidSet:
        return UidSet(tuple(_merge(pair for part in (self, *others) for pair in part.ranges)))

    def among(self, uids: Sequence[int]) -> array[int]:
        """Those of the known UIDs that are in this set, in the order given."""
        return array("I", (uid for uid in uids if uid in self))

    def __contains__(self, uid: int) -> bool:
        index = bisect_right(self.ranges, (uid, LAST_UID)) - 1
        return index >= 0 and self.ranges[index][0] <= uid <= self.ranges[index][1]

    def __iter__(self) -> Iterator[int]:
        for low, high in self.ranges:
            yield from range(low, high + 1)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __str__(self) -> str:
        return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in self.ranges)


NO_UIDS = UidSet()
