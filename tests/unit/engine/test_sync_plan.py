from array import array

import pytest

from qtmail.domain.folder import FolderStatus, SyncState
from qtmail.engine.sync_plan import (
    Method,
    Plan,
    RemoteState,
    believable,
    compare_uids,
    newest_first,
    plan_sync,
    worth_selecting,
)

IN_STEP = SyncState(uid_validity=7, uid_next=101, highest_modseq=500, remote_count=90, complete=True)


def remote(**changes: object) -> RemoteState:
    values = {"uid_validity": 7, "exists": 90, "uid_next": 101, "highest_modseq": 500, "qresync_used": False}
    return RemoteState(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, True),
        (FolderStatus(90, 3, 101, 7, 500), False),
        (FolderStatus(91, 3, 101, 7, 500), True),
        (FolderStatus(90, 3, 102, 7, 500), True),
        (FolderStatus(90, 3, 101, 8, 500), True),
        (FolderStatus(90, 3, 101, 7, 501), True),
        (FolderStatus(90, 3, 101, 7, None), True),
    ],
)
def test_a_folder_is_selected_unless_its_status_vouches_for_everything(status, expected):
    assert worth_selecting(status, IN_STEP) is expected


def test_an_unfinished_first_walk_is_always_resumed():
    unfinished = SyncState(7, 101, 500, 90, complete=False)
    assert worth_selecting(FolderStatus(90, 3, 101, 7, 500), unfinished)


@pytest.mark.parametrize(
    ("state", "answer", "expected"),
    [
        (SyncState(), remote(), Plan(Method.FIRST)),
        (IN_STEP, remote(uid_validity=8), Plan(Method.FIRST, reset=True)),
        (SyncState(7, 101, 500, 90), remote(), Plan(Method.FIRST, flags_since=500)),
        (SyncState(7, 101, None, 90), remote(highest_modseq=None), Plan(Method.FIRST)),
        (IN_STEP, remote(qresync_used=True), Plan(Method.QRESYNC)),
        (IN_STEP, remote(qresync_used=True, uid_next=105), Plan(Method.QRESYNC, new_from=101)),
        (IN_STEP, remote(), Plan(Method.NOTHING)),
        (IN_STEP, remote(exists=89), Plan(Method.CONDSTORE, flags_since=500)),
        (IN_STEP, remote(highest_modseq=501), Plan(Method.CONDSTORE, flags_since=500)),
        (
            IN_STEP,
            remote(highest_modseq=501, uid_next=102),
            Plan(Method.CONDSTORE, flags_since=500, new_from=101),
        ),
        (IN_STEP, remote(highest_modseq=None), Plan(Method.COMPARE)),
        (IN_STEP, remote(highest_modseq=499), Plan(Method.COMPARE)),
        (IN_STEP, remote(highest_modseq=499, qresync_used=True), Plan(Method.COMPARE)),
        (
            IN_STEP,
            remote(highest_modseq=501, uid_next=None),
            Plan(Method.CONDSTORE, flags_since=500, new_from=101),
        ),
    ],
)
def test_the_cheapest_right_way_is_chosen(state, answer, expected):
    assert plan_sync(answer, state) == expected


def test_uids_are_compared_both_ways():
    difference = compare_uids(array("I", [1, 2, 5, 9]), array("I", [2, 3, 9]))
    assert (list(difference.missing), list(difference.gone)) == ([1, 5], [3])


@pytest.mark.parametrize(
    ("gone", "cached", "remaining", "expected"),
    [
        (0, 0, 0, True),
        (1, 1, 0, False),
        (5, 5, 0, False),
        (20, 25, 5, True),
        (21, 40, 19, False),
        (500, 1000, 500, True),
    ],
)
def test_a_sudden_loss_needs_a_second_answer(gone, cached, remaining, expected):
    assert believable(gone, cached, remaining) is expected


def test_windows_come_newest_first_and_cover_everything_once():
    windows = [list(window) for window in newest_first(array("I", range(1, 8)), window=3)]
    assert windows == [[5, 6, 7], [2, 3, 4], [1]]
