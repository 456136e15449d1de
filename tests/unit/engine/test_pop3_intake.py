"""What is taken in is durable in few transactions, and either known as fetched and here, or neither."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qtmail.domain.account import Account
from qtmail.engine.local_mail import LocalMail
from qtmail.engine.pop3_identity import Mail, Missing
from qtmail.engine.pop3_intake import BATCH_MESSAGES, Pop3Intake, arrival, beginning
from qtmail.errors import ConnectionFailed
from qtmail.store.store import Store
from tests.fakes.crashes import Crash, crash_at
from tests.fakes.memory_pop3 import mail
from tests.fakes.pop3_bench import NOW, pop3_account


@pytest.fixture
def owner(store: Store) -> Account:
    with store.user_transaction() as tx:
        return store.accounts.add(tx, pop3_account())


@pytest.fixture
def local(store: Store, owner: Account) -> LocalMail:
    local = LocalMail(store, owner)
    local.show()
    return local


@pytest.fixture
def intake(store: Store, owner: Account, local: LocalMail) -> Pop3Intake:
    return Pop3Intake(store, owner.id, local, taken=[], missing=Missing([]), clock=lambda: NOW)


def take(intake: Pop3Intake, number: int) -> None:
    raw = mail(number)
    assert intake.take(Mail(number, len(raw), b"%d" % number), iter([raw]))


def here_and_known(store: Store, owner: Account) -> tuple[int, int]:
    return store.local_messages.count(owner.id), len(store.pop3_messages.list(owner.id))


def test_small_messages_share_a_transaction(
    store: Store, owner: Account, intake: Pop3Intake, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("qtmail.engine.pop3_intake.BATCH_SECONDS", 1000.0)
    for number in range(BATCH_MESSAGES - 1):
        take(intake, number)
    assert here_and_known(store, owner) == (0, 0)
    take(intake, BATCH_MESSAGES)
    assert here_and_known(store, owner) == (BATCH_MESSAGES, BATCH_MESSAGES)
    assert intake.added == BATCH_MESSAGES


@pytest.mark.parametrize(
    ("point", "kept"), [(0, 0), (1, 3), (2, 3)], ids=["before", "after", "before it is shown"]
)
def test_a_crash_at_the_commit_leaves_both_or_neither(
    store: Store, owner: Account, intake: Pop3Intake, point: int, kept: int
):
    for number in range(3):
        take(intake, number)
    with pytest.raises(Crash), crash_at(point):
        intake.flush()
    assert here_and_known(store, owner) == (kept, kept)


def test_the_first_of_them_does_not_wait_for_long(
    store: Store, owner: Account, intake: Pop3Intake, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("qtmail.engine.pop3_intake.BATCH_SECONDS", 0.0)
    take(intake, 1)
    assert here_and_known(store, owner) == (1, 1)


def test_nothing_is_held_of_a_large_message(store: Store, owner: Account, intake: Pop3Intake):
    pieces = [mail(1), *[b"x" * 100_000] * 50]
    assert intake.take(Mail(1, sum(map(len, pieces)), b"1"), iter(pieces))
    (growing,) = [*_blob_sizes(store)]
    assert growing == sum(map(len, pieces))
    intake.flush()
    (message,) = store.local_messages.list(owner.id)
    assert b"".join(store.blobs.pieces(message.blob_id)) == b"".join(pieces)


def _blob_sizes(store: Store) -> Iterator[int]:
    with store.user_transaction() as tx:
        yield from [size for (size,) in tx.execute("SELECT size FROM blobs").fetchall()]


def test_a_line_that_breaks_in_a_message_leaves_nothing_of_it(
    store: Store, owner: Account, intake: Pop3Intake
):
    def broken() -> Iterator[bytes]:
        yield mail(1)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        intake.take(Mail(1, 999, b"1"), broken())
    intake.flush()
    assert here_and_known(store, owner) == (0, 0)


def test_what_came_of_a_large_message_before_the_line_broke_is_given_up(store: Store, intake: Pop3Intake):
    def broken() -> Iterator[bytes]:
        yield mail(1)
        yield from [b"x" * 1_000_000] * 3
        raise ConnectionFailed("The line broke.")

    with pytest.raises(ConnectionFailed):
        intake.take(Mail(1, 9_000_000, b"1"), broken())
    with store.user_transaction() as tx:
        assert tx.execute("SELECT state FROM blobs").fetchall() == [("dropped",)]
        while not store.blobs.sweep(tx, NOW):
            pass
    assert list(_blob_sizes(store)) == []


def test_the_beginning_is_read_no_further_than_a_header_goes():
    pieces = iter([b"x" * 200_000] * 9)
    assert len(beginning(pieces)) == 400_000
    assert len(list(pieces)) == 7


@pytest.mark.parametrize(
    ("header", "when"),
    [
        (
            b"Received: by b; Sat, 3 Feb 2024 04:05:06 +0000\r\nReceived: by a; Fri, 2 Feb 2024\r\n",
            1_706_933_106,
        ),
        (b"Received: by b\r\n\twith SMTP;\r\n Sat, 3 Feb 2024 05:05:06 +0100 (CET)\r\n", 1_706_933_106),
        (b"Received: by b; Sat, 3 Feb 2085 04:05:06 +0000\r\n", NOW),
        (b"Received: by b\r\n", NOW),
        (b"Date: Sat, 3 Feb 2024 04:05:06 +0000\r\n", NOW),
    ],
    ids=["the last server's", "folded", "in the future", "without a date", "none"],
)
def test_when_a_message_arrived(header: bytes, when: int):
    assert arrival(header, NOW) == when
