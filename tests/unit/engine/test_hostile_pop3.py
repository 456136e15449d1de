"""Mail, and lists of mail, that are made to have other mail lost, doubled or never looked for again."""

from __future__ import annotations

import pytest

from qtmail.domain.account import Pop3Keep
from qtmail.domain.pop3 import Pop3Message
from qtmail.engine.pop3_identity import (
    DistinctIds,
    Mail,
    doubtful,
    header_digest,
    recognise,
    stand_in,
    with_ids,
)
from qtmail.engine.pop3_intake import arrival
from qtmail.store.store import Store
from tests.fakes.memory_pop3 import mail
from tests.fakes.pop3_bench import Pop3Bench

MANY = 100_000
"""With a step for each pair of them, a test over so many would take an hour."""


@pytest.fixture
def pop3(store: Store) -> Pop3Bench:
    return Pop3Bench.make(store)


def forged(like: bytes) -> bytes:
    """A message with the Message-ID, sender, subject, date and size of another, delivered by itself."""
    other = like.replace(b"id q", b"id z").replace(b"Hello.", b"Pay me")
    assert len(other) == len(like) and other != like
    return other


# --- many at once ---


def test_copies_without_end_cost_one_step_each():
    named = with_ids([Mail(number, 9, b"same") for number in range(1, MANY + 1)], {})
    assert len({mail.uidl for mail in named}) == MANY
    ids = DistinctIds()
    assert [ids.take(b"a") for _ in range(3)] == [b"a", b"a 2", b"a 3"]


def test_so_do_headers_that_are_all_the_same():
    digest = header_digest(b"Received: by b; today\r\n", 1)
    known = [Pop3Message(1, b"old %d" % number, 9, 0, number, digest=digest) for number in range(MANY)]
    listing = [Mail(number, 9, b"new-%d" % number) for number in range(1, MANY + 1)]
    assert len(doubtful(listing, known)) == MANY
    found = recognise(listing, known, dict.fromkeys(range(1, MANY + 1), digest))
    assert len(found.here) == MANY and not found.unknown


@pytest.mark.parametrize(
    "header",
    [
        b"Received: x;" + b"((" * 120_000,
        b"Received: x" + b"\r\n\t;" * 60_000,
        b"Received" + b" " * 250_000,
        b"Received: ;" + b"1:" * 120_000,
        b"To:\r\n" * 50_000,
        b"\r" * 250_000,
    ],
    ids=["comments", "folds", "blanks", "colons", "fields", "bare returns"],
)
def test_no_header_takes_more_than_a_look(header: bytes):
    assert header_digest(header, 1) == header_digest(header, 1)
    assert arrival(header, 17) == 17


# --- ids ---


def test_ids_that_change_places_delete_nothing_that_is_not_here(pop3: Pop3Bench):
    """A sender may choose the id on servers that take it from the header."""
    pop3.server.deliver(mail(1), uidl=b"x")
    pop3.check()
    pop3.server.mails.insert(0, pop3.server.deliver(mail(2), uidl=b"x"))
    del pop3.server.mails[-1]
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.check()
    assert set(pop3.contents()) == {mail(1), mail(2)} and pop3.server.mails == []


# --- headers ---


@pytest.mark.parametrize(
    "missing", [(), ("uidl",), ("uidl", "top")], ids=["all", "no ids", "no headers either"]
)
@pytest.mark.parametrize("keep", [Pop3Keep.KEEP, Pop3Keep.DELETE])
def test_a_message_that_pretends_to_be_another_takes_nothing_from_it(
    pop3: Pop3Bench, keep: Pop3Keep, missing: tuple[str, ...]
):
    """Whichever of them comes first: the stamp of the user's own server tells them apart."""
    pop3.server.without(*missing)
    pop3.set_policy(keep)
    true, false = mail(1), forged(mail(1))
    pop3.server.deliver(false)
    pop3.check()
    pop3.server.mails.clear()
    pop3.server.deliver(true)
    pop3.check()
    assert sorted(pop3.contents()) == sorted([true, false])


def test_a_stand_in_is_made_of_hexadecimal_digits_whatever_the_header_holds():
    assert stand_in(b"\xff\r\n ") == b"header ff0d0a20"
