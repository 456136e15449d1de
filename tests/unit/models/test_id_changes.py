from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from qtmail.models.id_changes import MAX_SPLICES, Rearrangement, Splice, compare, with_kept


def ids(*values: int) -> array[int]:
    return array("q", values)


def applied(old: array[int], splices: list[Splice]) -> array[int]:
    result = old[:]
    for splice in splices:
        result[splice.row : splice.row + splice.removed] = splice.inserted
    return result


def test_equal_lists_need_no_change():
    assert compare(ids(3, 2, 1), ids(3, 2, 1)) == []


def test_new_mail_on_top_is_one_insertion():
    old = array("q", range(100_000))
    assert compare(old, ids(-3, -2, -1) + old) == [Splice(0, 0, ids(-3, -2, -1))]


def test_the_rest_of_a_folder_arriving_is_one_insertion_at_the_end():
    full = array("q", range(100_000))
    assert compare(full[:200], full) == [Splice(200, 0, full[200:])]


def test_one_removed_message_is_one_removal():
    old = array("q", range(1000))
    assert compare(old, old[:500] + old[501:]) == [Splice(500, 1, ids())]


def test_changes_at_both_ends_and_within_stay_three_ranges():
    old = array("q", range(1000))
    new = ids(-1) + old[:300] + old[310:] + ids(5000, 5001)
    assert compare(old, new) == [
        Splice(0, 0, ids(-1)),
        Splice(301, 10, ids()),
        Splice(991, 0, ids(5000, 5001)),
    ]


def test_one_id_taking_the_place_of_another():
    assert compare(ids(1, 2, 3), ids(1, 9, 3)) == [Splice(1, 1, ids(9))]


def test_a_list_in_another_order_is_a_rearrangement():
    old = array("q", range(1000))
    new = old[500:] + ids(5000) + old[:500]
    assert compare(old, new) == Rearrangement(kept=old[500:] + old[:500], gone=ids(), added=ids(5000))


def test_a_change_in_too_many_places_is_a_rearrangement():
    old = array("q", range(1000))
    change = compare(old, old[::2])
    assert isinstance(change, Rearrangement)
    assert len(change.gone) == 500 > MAX_SPLICES
    assert change.kept == old[::2]


def test_kept_ids_come_back_where_they_stood():
    assert with_kept(ids(1, 2, 3, 4), ids(9, 1, 3), {2}) == ids(9, 1, 2, 3)
    assert with_kept(ids(1, 2, 3, 4), ids(9, 1, 3), {4, 77}) == ids(9, 1, 3, 4)


unique_ids = st.lists(st.integers(0, 60), unique=True, max_size=40).map(lambda values: array("q", values))


@given(unique_ids, unique_ids)
def test_the_change_leads_from_the_old_list_to_the_new_one(old: array[int], new: array[int]):
    change = compare(old, new)
    if isinstance(change, Rearrangement):
        assert change.kept == array("q", (id_ for id_ in new if id_ in old))
        assert (set(change.gone), set(change.added)) == (set(old) - set(new), set(new) - set(old))
    else:
        assert applied(old, change) == new


@given(unique_ids, unique_ids, st.sets(st.integers(0, 60)))
def test_kept_ids_come_once_and_nothing_else_changes(old: array[int], new: array[int], keep: set[int]):
    result = with_kept(old, new, keep)
    assert [id_ for id_ in result if id_ in new] == list(new)
    assert sorted(id_ for id_ in result if id_ not in new) == sorted(keep & set(old) - set(new))
