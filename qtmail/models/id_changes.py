"""How one array of message ids became another, in as few row ranges as a view can apply cheaply.

A list of 1,000,000 messages is compared whenever mail comes or goes, so everything here runs at C speed
over slices: stretches that agree are skipped by bisection (`array` compares slices with memcmp), and after
a difference the lists are brought in step again with `array.index`, within a bounded look-ahead. Lists that
differ in too many places are described as a rearrangement instead.

No call holds the interpreter for more than a few milliseconds at a time: comparisons run in a background
thread and must not stall the one that paints.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MAX_SPLICES = 64
LOOK_AHEAD = 20_000
MAX_SEARCHES = 256
_CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Splice:
    """One change of a stretch of rows.

    Splices are applied first to last, so `row` counts in the list as the earlier ones have left it.
    """

    row: int
    removed: int
    inserted: array[int]


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """A change in too many places for splices.

    Attributes:
        kept: the ids in both lists, in the new order.
        gone: the ids only in the old list.
        added: the ids only in the new list.
    """

    kept: array[int]
    gone: array[int]
    added: array[int]


def compare(old: array[int], new: array[int]) -> list[Splice] | Rearrangement:
    """How `old` became `new`; neither holds an id twice.

    Messages that changed places make it a rearrangement: as splices they would go and come, and lose their
    selection.
    """
    splices = _splices(old, new)
    return _rearrangement(old, new) if splices is None or _moves_any(old, splices) else splices


def with_kept(old: array[int], new: array[int], keep: Collection[int]) -> array[int]:
    """`new` with those ids of `keep` that only `old` has put back where they stood.

    Where the lists differ in too many places to say where that was, `new` is returned as it is.
    """
    lost = set(keep)
    for chunk in _chunks(new):
        lost.difference_update(chunk)
    splices = _splices(old, new) if lost else None
    if splices is None:
        return new
    restored = array("q")
    old_at = new_at = 0
    for splice in splices:
        old_at += splice.row - new_at
        restored += new[new_at : splice.row] + splice.inserted
        restored.extend(id_ for id_ in old[old_at : old_at + splice.removed] if id_ in lost)
        old_at += splice.removed
        new_at = splice.row + len(splice.inserted)
    return restored + new[new_at:]


def _splices(old: array[int], new: array[int]) -> list[Splice] | None:
    tail = _common_suffix(old, new)
    old_end, new_end = len(old) - tail, len(new) - tail
    splices: list[Splice] = []
    searches = i = j = 0
    while True:
        same = _common_prefix(old, i, old_end, new, j, new_end)
        i, j = i + same, j + same
        if i == old_end and j == new_end:
            return splices
        if len(splices) == MAX_SPLICES:
            return None
        start_i, start_j = i, j
        while i < old_end and j < new_end and old[i] != new[j]:
            searches += 1
            if searches > MAX_SEARCHES:
                return None
            i, j = _next_meeting(old, i, old_end, new, j, new_end)
        if i == old_end or j == new_end:
            i, j = old_end, new_end
        splices.append(Splice(start_j, i - start_i, new[start_j:j]))


def _moves_any(old: array[int], splices: list[Splice]) -> bool:
    removed: set[int] = set()
    shift = 0
    for splice in splices:
        start = splice.row - shift
        removed.update(old[start : start + splice.removed])
        shift += len(splice.inserted) - splice.removed
    # Mostly nothing was removed, and a million ids inserted.
    return bool(removed) and any(
        not removed.isdisjoint(chunk) for splice in splices for chunk in _chunks(splice.inserted)
    )


def _next_meeting(
    old: array[int], i: int, old_end: int, new: array[int], j: int, new_end: int
) -> tuple[int, int]:
    """The nearer of the places where the lists go on alike after a removal or an insertion.

    Where neither helps, one id was replaced by another, and the next pair is to be looked at.
    """
    removal = _find(old, new[j], i + 1, old_end)
    insertion = _find(new, old[i], j + 1, new_end)
    if removal is None and insertion is None:
        return i + 1, j + 1
    if insertion is None or (removal is not None and removal - i <= insertion - j):
        assert removal is not None
        return removal, j
    return i, insertion


def _find(ids: array[int], wanted: int, start: int, end: int) -> int | None:
    try:
        return ids.index(wanted, start, min(end, start + LOOK_AHEAD))
    except ValueError:
        return None


def _common_prefix(old: array[int], i: int, old_end: int, new: array[int], j: int, new_end: int) -> int:
    """How many ids agree from `old[i]` and `new[j]` on: in growing steps to the difference, in halves up to
    it.
    """
    same, step = 0, 64
    limit = min(old_end - i, new_end - j)
    while same < limit:
        step = min(step, limit - same)
        if old[i + same : i + same + step] == new[j + same : j + same + step]:
            same += step
            step *= 2
        else:
            limit = same + step - 1
            step = max(1, step // 2)
    return same


def _common_suffix(old: array[int], new: array[int]) -> int:
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _rearrangement(old: array[int], new: array[int]) -> Rearrangement:
    before, after = _as_set(old), _as_set(new)
    return Rearrangement(
        kept=_filtered(new, before, keep=True),
        gone=_filtered(old, after, keep=False),
        added=_filtered(new, before, keep=False),
    )


def _as_set(ids: array[int]) -> set[int]:
    members: set[int] = set()
    for chunk in _chunks(ids):
        members.update(chunk)
    return members


def _chunks(ids: array[int]) -> Iterator[array[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _filtered(ids: array[int], members: set[int], *, keep: bool) -> array[int]:
    return array("q", (id_ for id_ in ids if (id_ in members) is keep))
