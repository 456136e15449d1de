"""What is fetched and what is deleted, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.engine.pop3_identity import Mail, recognise
from qtmail.engine.pop3_plan import DAY_SECONDS, FORGET_SECONDS, to_delete, to_fetch, to_forget

NOW = 1_790_000_000


def here(number: int, **changes: object) -> tuple[Mail, Pop3Message]:
    uidl = b"%d" % number
    message = Pop3Message(1, uidl, 100, NOW, number, digest=uidl)
    return Mail(number, 100, uidl), replace(message, **changes)  # type: ignore[arg-type]


def numbers(chosen: list[tuple[Mail, Pop3Message]]) -> list[int]:
    return [mail.number for mail, _ in chosen]


# --- fetching ---


def test_new_mail_is_fetched_newest_first():
    listing = [Mail(n, 100, b"%d" % n) for n in range(1, 4)]
    fetch = to_fetch(listing, recognise(listing, [], {}), Pop3Policy(), top=True)
    assert [mail.number for mail in fetch.whole] == [3, 2, 1]
    assert len(fetch) == 3 and not fetch.headers and not fetch.rest


@pytest.mark.parametrize(
    ("size", "top", "alone"), [(101, True, True), (100, True, False), (101, False, False)]
)
def test_of_large_messages_the_header(size: int, top: bool, alone: bool):
    listing = [Mail(1, size, b"a")]
    fetch = to_fetch(listing, recognise(listing, [], {}), Pop3Policy(headers_only_over=100), top=top)
    assert (len(fetch.headers), len(fetch.whole)) == ((1, 0) if alone else (0, 1))


def test_what_has_no_id_is_fetched_whole():
    listing = [Mail(1, 999, None)]
    fetch = to_fetch(listing, recognise(listing, [], {}), Pop3Policy(headers_only_over=100), top=True)
    assert len(fetch.whole) == 1


@pytest.mark.parametrize(
    ("changes", "fetched"),
    [
        ({"whole": False, "wish": Pop3Wish.DOWNLOAD}, True),
        ({"whole": False, "wish": Pop3Wish.DOWNLOAD, "local_uid": None}, False),
        ({"whole": False}, False),
        ({"whole": False, "wish": Pop3Wish.DELETE}, False),
    ],
)
def test_the_rest_of_a_message_comes_by_wish(changes: dict[str, object], fetched: bool):
    mail, message = here(1, **changes)
    fetch = to_fetch([mail], recognise([mail], [message], {}), Pop3Policy(), top=True)
    assert fetch.rest == (((mail, message),) if fetched else ())
    assert not fetch.whole


# --- deleting ---

DAY_OLD = {"fetched_at": NOW - DAY_SECONDS}


@pytest.mark.parametrize(
    ("policy", "changes", "goes"),
    [
        (Pop3Policy(Pop3Keep.DELETE), {}, True),
        (Pop3Policy(Pop3Keep.KEEP), {}, False),
        (Pop3Policy(Pop3Keep.KEEP), {"local_uid": None}, False),
        (Pop3Policy(Pop3Keep.DAYS, days=1), DAY_OLD, True),
        (Pop3Policy(Pop3Keep.DAYS, days=1), {"fetched_at": NOW - DAY_SECONDS + 1}, False),
        (Pop3Policy(Pop3Keep.UNTIL_DELETED), {}, False),
        (Pop3Policy(Pop3Keep.UNTIL_DELETED), {"local_uid": None}, True),
        (Pop3Policy(Pop3Keep.UNTIL_DELETED), {"in_trash": True}, True),
        (Pop3Policy(Pop3Keep.NEWEST, newest_count=1), {}, False),
        (Pop3Policy(Pop3Keep.NEWEST), {}, False),
    ],
)
def test_of_what_is_whole_here(policy: Pop3Policy, changes: dict[str, object], goes: bool):
    assert bool(to_delete([here(1, **changes)], policy, NOW)) is goes


@pytest.mark.parametrize("keep", list(Pop3Keep))
@pytest.mark.parametrize("in_trash", [False, True])
def test_no_rule_deletes_what_is_not_whole_here(keep: Pop3Keep, in_trash: bool):
    policy = Pop3Policy(keep, days=0, newest_count=1)
    header = here(1, whole=False, in_trash=in_trash, fetched_at=0)
    assert numbers(to_delete([header, here(2)], policy, NOW)) in ([], [2])


@pytest.mark.parametrize("keep", list(Pop3Keep))
def test_the_user_may_have_it_deleted_unread(keep: Pop3Keep):
    assert numbers(to_delete([here(1, whole=False, wish=Pop3Wish.DELETE)], Pop3Policy(keep), NOW)) == [1]


def test_a_header_deleted_for_good_is_deleted_there_where_the_server_follows_deletions():
    header = here(1, whole=False, local_uid=None)
    assert numbers(to_delete([header], Pop3Policy(Pop3Keep.UNTIL_DELETED), NOW)) == [1]
    assert to_delete([header], Pop3Policy(Pop3Keep.DELETE), NOW) == []


def test_what_is_not_here_at_all_stays():
    assert to_delete([(Mail(1, 100, b"a"), None)], Pop3Policy(Pop3Keep.DELETE), NOW) == []


@pytest.mark.parametrize(
    ("count", "size", "gone"),
    [
        (2, 0, [1, 2]),
        (0, 250, [1, 2]),
        (3, 250, [1, 2]),
        (1, 250, [1, 2, 3]),
        (9, 0, []),
        (0, 50, [1, 2, 3, 4]),
    ],
)
def test_the_newest_stay_by_number_and_by_bytes(count: int, size: int, gone: list[int]):
    policy = Pop3Policy(Pop3Keep.NEWEST, newest_count=count, newest_bytes=size)
    assert numbers(to_delete([here(n) for n in range(1, 5)], policy, NOW)) == gone


def test_what_is_not_fetched_counts_among_the_newest():
    listing = [here(1), here(2), (Mail(3, 100, b"3"), None)]
    assert numbers(to_delete(listing, Pop3Policy(Pop3Keep.NEWEST, newest_count=2), NOW)) == [1]


# --- forgetting ---


def test_forgotten_is_what_has_been_gone_for_a_week():
    rows = [
        here(1, gone_since=NOW - FORGET_SECONDS)[1],
        here(2, gone_since=NOW - FORGET_SECONDS + 1)[1],
        here(3)[1],
    ]
    assert to_forget(rows, NOW) == [b"1"]
