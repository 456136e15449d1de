"""What has to be done to bring the cache of one folder in step with the server: pure functions, no I/O.

    STATUS ──> worth_selecting? ──no──> nothing to do
                    │ yes
    SELECT ──> plan_sync ──> Plan: which of the cheap ways (QRESYNC, CONDSTORE, comparison) applies
                    │
    UID SEARCH ─> compare_uids ──> Difference: which UIDs to fetch, which are gone
                    │
               believable? ──no──> ask the server again before anything is dropped

`folder_sync.py` carries the plan out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from qtmail.domain.folder import FolderStatus, SyncState

WINDOW = 1000
"""Messages a header FETCH asks for: large enough that the round trip is noise, small enough to show at
once.
"""

PLAIN_FLAG_WINDOW = 2000
"""Newest messages whose flags are compared on each pass with a server that has no CONDSTORE."""


class Method(Enum):
    """How to learn what changed since the last sync, cheapest first."""

    NOTHING = auto()
    """The SELECT answer already shows that nothing changed."""
    QRESYNC = auto()
    """SELECT itself told vanished UIDs and changed flags (RFC 7162 section 3.2.5)."""
    CONDSTORE = auto()
    """FETCH CHANGEDSINCE for flags, a comparison of UIDs for what is gone (RFC 7162 section 3.1.4)."""
    COMPARE = auto()
    """UIDs and flags are compared one by one."""
    FIRST = auto()
    """Nothing usable is cached, or the first walk was interrupted: fetch what is missing, newest first."""


@dataclass(frozen=True, slots=True)
class RemoteState:
    """What SELECT said of the folder."""

    uid_validity: int
    exists: int
    uid_next: int | None
    highest_modseq: int | None
    qresync_used: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do after SELECT.

    Attributes:
        method: how changes are found.
        reset: the UIDs of the cache mean nothing any more (UIDVALIDITY changed): drop them first.
        flags_since: with CONDSTORE, and on resuming a first walk, the modification sequence to ask changes
        from.
        new_from: with a known UIDNEXT, the first UID that can be new; None: nothing can be new, or not known.
    """

    method: Method
    reset: bool = False
    flags_since: int | None = None
    new_from: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """The outcome of comparing UIDs: both sorted ascending."""

    missing: array[int]
    gone: array[int]


def worth_selecting(status: FolderStatus | None, state: SyncState) -> bool:
    """Whether a folder must be selected to be in step, judged by its STATUS.

    Only HIGHESTMODSEQ vouches for flags, so without it the answer is always yes.
    """
    if status is None or not state.complete or status.highest_modseq is None:
        return True
    return (
        status.uid_validity != state.uid_validity
        or status.uid_next != state.uid_next
        or status.messages != state.remote_count
        or status.highest_modseq != state.highest_modseq
    )


def plan_sync(remote: RemoteState, state: SyncState) -> Plan:
    """Choose the cheapest way that is right for what both sides know."""
    if state.uid_validity is None:
        return Plan(Method.FIRST)
    if state.uid_validity != remote.uid_validity:
        return Plan(Method.FIRST, reset=True)
    if not state.complete:
        return Plan(Method.FIRST, flags_since=state.highest_modseq if remote.highest_modseq else None)
    new_from = _first_new_uid(remote, state)
    if not _counts_on(remote.highest_modseq, state.highest_modseq):
        return Plan(Method.COMPARE, new_from=new_from)
    if remote.qresync_used:
        return Plan(Method.QRESYNC, new_from=new_from)
    if (
        remote.highest_modseq == state.highest_modseq
        and remote.exists == state.remote_count
        and new_from is None
    ):
        return Plan(Method.NOTHING)
    return Plan(Method.CONDSTORE, flags_since=state.highest_modseq, new_from=new_from)


def _counts_on(remote: int | None, cached: int | None) -> bool:
    """Whether the server counts changes on from where we were; restored from a backup it may fall back."""
    return remote is not None and cached is not None and remote >= cached


def _first_new_uid(remote: RemoteState, state: SyncState) -> int | None:
    if state.uid_next is None or remote.uid_next is None or remote.uid_next > state.uid_next:
        return state.uid_next or 1
    return None


def compare_uids(remote: Sequence[int], local: Sequence[int]) -> Difference:
    """What the server has and the cache has not, and the reverse."""
    on_server, cached = set(remote), set(local)
    return Difference(array("I", sorted(on_server - cached)), array("I", sorted(cached - on_server)))


def believable(gone: int, cached: int, remaining_on_server: int) -> bool:
    """Whether one answer is enough to drop `gone` of `cached` messages.

    A folder that is suddenly empty, or has lost more than half of many messages, is more often a server in
    trouble than a user who cleaned up; such an answer must be given twice before it is believed.
    """
    if gone == 0:
        return True
    if remaining_on_server == 0:
        return False
    return gone <= 20 or gone * 2 <= cached


def newest_first(uids: Sequence[int], window: int = WINDOW) -> Iterator[Sequence[int]]:
    """Cut ascending UIDs into windows, the window with the newest first; each window ascending."""
    for end in range(len(uids), 0, -window):
        yield uids[max(0, end - window) : end]
