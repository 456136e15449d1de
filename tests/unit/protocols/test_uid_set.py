"""UID sets as servers write them and as commands want them."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.protocols.uid_set import LAST_UID, UidSet, format_uid_set, parse_uid_set

uid_lists = st.lists(st.integers(min_value=1, max_value=60))


@pytest.mark.parametrize(
    ("uids", "text"),
    [([], ""), ([5], "5"), ([1, 2], "1:2"), ([9, 3, 1, 2, 9], "1:3,9"), ([LAST_UID], "4294967295")],
)
def test_format(uids: list[int], text: str):
    assert format_uid_set(uids) == text


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("7", [(7, 7)]),
        ("1:3,9:7", [(1, 3), (7, 9)]),
        ("5:*", [(5, LAST_UID)]),
        (b"3:4", [(3, 4)]),
    ],
)
def test_parse(text: str | bytes, ranges: list[tuple[int, int]]):
    assert list(parse_uid_set(text)) == ranges


@pytest.mark.parametrize(
    "text", ["", ",", "1,", "a", "1:", ":1", "-1", "1:2:3", "4294967296", "1" * 5000, "٣"]
)
def test_what_is_no_set_is_refused(text: str):
    with pytest.raises(ValueError, match="not a UID"):
        UidSet.parse(text)


@given(uid_lists)
def test_a_set_survives_the_way_through_text(uids: list[int]):
    made = UidSet.of(uids)
    assert list(made) == sorted(set(uids))
    assert len(made) == len(set(uids))
    assert str(made) == format_uid_set(uids)
    if uids:
        assert UidSet.parse(str(made)) == made


@given(uid_lists, uid_lists)
def test_membership_and_union(first: list[int], second: list[int]):
    union = UidSet.of(first).union(UidSet.of(second))
    assert set(union) == {*first, *second}
    assert all((uid in union) == (uid in {*first, *second}) for uid in range(62))


def test_a_set_without_end_is_asked_only_for_what_is_known():
    everything = UidSet.parse("10:*")
    assert everything.among(array("I", [3, 10, 77])) == array("I", [10, 77])
    assert not UidSet()
