"""Which message is which: ids are believed until something speaks against them, then the header decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.pop3 import Pop3Message
from qtmail.engine.pop3_identity import (
    HEADER_BYTES,
    Mail,
    doubtful,
    header_digest,
    header_of,
    is_weak,
    recognise,
    stand_in,
    with_ids,
)

STAMPED = b"Received: by b id 7; today\r\nMessage-ID: <1@x>\r\nSubject: Hi\r\n"


def known(uidl: bytes, size: int = 100, digest: bytes = b"", gone_since: int | None = None) -> Pop3Message:
    return Pop3Message(1, uidl, size, 0, 5, digest=digest or b"of " + uidl, gone_since=gone_since)


# --- headers ---


def test_the_header_ends_at_the_empty_line():
    assert header_of(b"A: 1\r\nB: 2\r\n\r\nbody\r\n\r\n") == b"A: 1\r\nB: 2\r\n"
    assert header_of(b"A: 1\n\nbody") == b"A: 1\n"
    assert header_of(b"\r\nbody") == b""
    assert header_of(b"A: 1\r\n") == b"A: 1\r\n"
    assert len(header_of(b"x" * (HEADER_BYTES + 9))) == HEADER_BYTES


@pytest.mark.parametrize(
    "same",
    [
        STAMPED.replace(b"\r\n", b"\n"),
        STAMPED.replace(b"id 7; today", b"id 7;\r\n\t today"),
        STAMPED + b"Status: RO\r\nX-UIDL: 7\r\nContent-Type: multipart/mixed; boundary=other\r\n",
        STAMPED.replace(b"Subject", b"SUBJECT"),
        STAMPED + b"\r\n",
    ],
)
def test_what_servers_change_in_a_header_does_not_matter(same: bytes):
    assert header_digest(same, 1) == header_digest(STAMPED, 2)


@pytest.mark.parametrize("change", [(b"id 7", b"id 8"), (b"<1@x>", b"<2@x>"), (b"Hi", b"Ho")])
def test_what_makes_it_another_message_does(change: tuple[bytes, bytes]):
    assert header_digest(STAMPED.replace(*change), 1) != header_digest(STAMPED, 1)


def test_without_a_stamp_the_size_counts_as_well():
    header = b"Message-ID: <1@x>\r\n"
    assert header_digest(header, 1) == header_digest(header, 1) != header_digest(header, 2)
    assert not is_weak(header_digest(header, 1))


def test_a_header_that_others_may_have_is_weak():
    assert is_weak(header_digest(b"Subject: Hi\r\n", 1))
    assert header_digest(b"Subject: Hi\r\nStatus: O\r\n", 1) == header_digest(b"Subject: Hi\r\n", 1)
    assert header_digest(b"Subject: Hi\r\n", 1) != header_digest(b"Subject: Hi\r\nX: y\r\n", 1)


# --- ids ---


def test_ids_become_unique():
    listing = [Mail(1, 9, b"a"), Mail(2, 9, b"a"), Mail(3, 9, None), Mail(4, 9, None), Mail(5, 9, None)]
    named = with_ids(listing, {3: b"d", 4: b"d"})
    assert [mail.uidl for mail in named] == [b"a", b"a 2", stand_in(b"d"), stand_in(b"d") + b" 2", None]
    assert with_ids(named, {3: b"d", 4: b"d"}) == named


# --- doubts ---


def test_where_nothing_speaks_against_the_ids_no_header_is_looked_at():
    listing = [Mail(1, 100, b"a"), Mail(2, 55, b"new")]
    assert doubtful(listing, [known(b"a"), known(b"gone", size=66)]) == []


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (Mail(1, 100, None), known(b"a")),
        (Mail(1, 101, b"a"), known(b"a", size=100)),
        (Mail(1, 100, b"a"), known(b"a", gone_since=3)),
        (Mail(1, 100, b"b"), known(b"a", size=100, gone_since=3)),
        (Mail(1, 999, b"b"), known(b"a", size=100)),
    ],
    ids=["no id", "another size", "it had been gone", "one of this size is missing", "none is left"],
)
def test_doubts(mail: Mail, message: Pop3Message):
    assert doubtful([mail], [message]) == [1]


def test_after_all_was_deleted_new_mail_is_in_no_doubt():
    assert doubtful([Mail(1, 100, b"new")], [known(b"a", size=66, gone_since=3)]) == []


# --- recognition ---


def test_here_unknown_and_missing():
    a, b = known(b"a"), known(b"b")
    new = Mail(2, 100, b"c")
    found = recognise([Mail(1, 100, b"a"), new], [a, b], {})
    assert found.here == {1: a} and found.unknown == (new,)
    assert list(found.missing) == [b]
    assert found.renamed == () and found.returned == ()


def test_a_header_settles_which_it_is():
    a = known(b"a")
    other = recognise([Mail(1, 100, b"a")], [a], {1: b"another"})
    assert other.here == {} and other.unknown == (Mail(1, 100, b"a"),)
    aside = stand_in(a.digest)
    assert other.renamed == ((a, aside, 100),), "the id is free for the other one"
    assert list(other.missing) == [replace(a, uidl=aside)]
    same = recognise([Mail(1, 222, b"a")], [a], {1: a.digest})
    assert same.here == {1: a} and same.renamed == ((a, b"a", 222),)


def test_another_size_is_another_message_where_no_header_is_given():
    found = recognise([Mail(1, 222, b"a")], [known(b"a")], {})
    assert found.here == {} and len(found.unknown) == 1


def test_one_that_comes_back_is_noted():
    a = known(b"a", gone_since=3)
    assert recognise([Mail(1, 100, b"a")], [a], {1: a.digest}).returned == (b"a",)


def test_new_ids_of_known_messages():
    a, b = known(b"a"), known(b"b")
    found = recognise([Mail(1, 7, b"x"), Mail(2, 8, b"y")], [a, b], {1: b.digest, 2: a.digest})
    assert found.renamed == ((b, b"x", 7), (a, b"y", 8))
    assert found.here[1] == replace(b, uidl=b"x", size=7)
    assert list(found.missing) == []


def test_each_known_message_is_found_once():
    a = known(b"a")
    found = recognise([Mail(1, 7, b"x"), Mail(2, 7, b"y")], [a], {1: a.digest, 2: a.digest})
    assert list(found.here) == [1] and [mail.number for mail in found.unknown] == [2]


def test_a_weak_digest_gives_nothing_another_id():
    weak = known(b"a", digest=header_digest(b"Subject: Hi\r\n", 7))
    found = recognise([Mail(1, 7, b"x")], [weak], {1: weak.digest})
    assert found.here == {}


def test_what_was_deleted_here_and_put_back_there_is_new():
    deleted = replace(known(b"a", gone_since=3), local_uid=None)
    assert recognise([Mail(1, 7, b"x")], [deleted], {1: deleted.digest}).here == {}
    moved = replace(deleted, gone_since=None)
    assert list(recognise([Mail(1, 7, b"x")], [moved], {1: moved.digest}).here) == [1]
