"""A line that is cut after any byte, at any place of any kind of sync: the next sync makes all good."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtmail.credentials import Credentials
from qtmail.domain.events import AccountState, Connection
from qtmail.domain.message import Flag
from qtmail.engine import sync_plan
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.incoming import ImapIncoming
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.secrets import secrets_of
from qtmail.engine.stopping import StopToken
from qtmail.errors import ConnectionFailed
from qtmail.protocols.connection import TlsTrust
from qtmail.workers.account_workers import AccountWorkers
from tests.end2end.fault_bench import Bench, letter
from tests.fakes.mailbox_server import (
    CONDSTORE,
    PLAIN,
    QRESYNC,
    Command,
    Hangup,
    MailboxServer,
    Tamper,
    honest,
)

EACH_METHOD = pytest.mark.parametrize(
    "capabilities", [QRESYNC, CONDSTORE, PLAIN], ids=["qresync", "condstore", "plain"]
)


@pytest.fixture
def make_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Bench]]:
    """Ten messages, in windows of four, so that several FETCH commands are on the line at once."""
    monkeypatch.setattr(sync_plan.newest_first, "__defaults__", (4,))
    made: list[Bench] = []

    def make(capabilities: str) -> Bench:
        server = MailboxServer(capabilities).__enter__()
        for number in range(10):
            server.inbox.deliver(letter(number))
        made.append(Bench.make(tmp_path / "profile", server))
        return made[-1]

    yield make
    for bench in made:
        bench.server.__exit__(None, None, None)
        bench.store.close()


def cut_after_each(bench: Bench, offsets: list[int], prepare: Callable[[], None]) -> None:
    """At each offset: prepare, sync over a line that is cut there, then sync over a sound one."""
    for offset in offsets:
        prepare()
        bench.server.sent.clear()
        bench.server.cut_after = offset
        fault = bench.try_sync()
        assert isinstance(fault, ConnectionFailed), f"after {offset} bytes: {fault!r}"
        bench.server.cut_after = None
        bench.sync()
        bench.check_in_step()


def conversation(bench: Bench) -> bytes:
    """All that one sync receives."""
    bench.server.sent.clear()
    bench.sync()
    (received,) = bench.server.sent
    return bytes(received)


def telling_offsets(received: bytes, *, every: int) -> list[int]:
    """Every byte of one FETCH response with a header and one with a body, and others at random."""
    chosen = set(random.Random(7).sample(range(1, len(received)), len(received) // every))
    for begins in (b"* 3 FETCH (UID 3 FLAGS", b"* 9 FETCH (UID 9 RFC822"):
        start = received.find(begins)
        if start >= 0:
            chosen |= set(range(start, received.find(b"\r\n* ", start + 150) + 3))
    return sorted(chosen)


def test_a_first_sync_cut_anywhere_is_resumed(make_bench: Callable[[str], Bench]) -> None:
    bench = make_bench(QRESYNC)
    received = conversation(bench)
    assert received.count(b" FETCH (") == 20
    cut_after_each(bench, telling_offsets(received, every=40), bench.forget)


@EACH_METHOD
def test_a_later_sync_cut_anywhere_is_resumed(make_bench: Callable[[str], Bench], capabilities: str) -> None:
    bench = make_bench(capabilities)
    bench.sync()
    change = Changes(bench)
    change()
    received = conversation(bench)
    bench.check_in_step()
    cut_after_each(bench, telling_offsets(received, every=25), change)


@pytest.mark.proof
@EACH_METHOD
@pytest.mark.timeout(1200)
def test_every_single_byte(make_bench: Callable[[str], Bench], capabilities: str) -> None:
    bench = make_bench(capabilities)
    cut_after_each(bench, list(range(1, len(conversation(bench)))), bench.forget)
    change = Changes(bench)
    change()
    cut_after_each(bench, list(range(1, len(conversation(bench)))), change)


class Changes:
    """What other programs do between two syncs: a message comes, one goes, flags change."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self) -> None:
        # Numbered anew each time, so that every round is as long as the one before.
        bench = self._bench
        inbox = bench.server.inbox
        inbox.messages.clear()
        inbox.expunged.clear()
        inbox.uid_validity, inbox.uid_next, inbox.modseq = inbox.uid_validity + 1, 1, 1
        for number in range(10):
            inbox.deliver(letter(number))
        bench.sync()
        inbox.deliver(letter(10))
        inbox.deliver(letter(11), Flag.SEEN)
        inbox.expunge(5)
        inbox.set_flags(1, Flag.SEEN | Flag.FLAGGED)
        inbox.set_flags(7, Flag.ANSWERED)


# -- both sessions of an account at once -----------------------------------------------------------


@pytest.fixture
def workers(make_bench: Callable[[str], Bench]) -> Iterator[tuple[Bench, AccountWorkers]]:
    bench = make_bench(QRESYNC)
    credentials = Credentials()
    credentials.session(bench.account, "secret")
    backend = ImapBackend(
        bench.account,
        secrets=secrets_of(bench.store, credentials),
        trust=TlsTrust(),
        protocol_log=bench.log,
        timeout=2.0,
    )
    workers = AccountWorkers(
        bench.store,
        bench.account,
        bench.events.append,
        incoming=ImapIncoming(bench.store, backend),
        sends=None,
        lock=OutboxLock(bench.store.directory, bench.account.id),
        stop=StopToken(),
    )
    workers.start()
    yield bench, workers
    workers.stop()
    workers.join(time.monotonic() + 5.0)


def hanging_up_now_and_then(chance: random.Random) -> Tamper:
    """One answer in fifteen ends in the middle of a line, and so does the session."""

    def cut(_command: Command, answer: list[bytes]) -> Iterator[bytes]:
        for line in answer:
            if chance.random() < 1 / 15:
                yield line[: len(line) // 2]
                raise Hangup
            yield line

    return cut


def wait_for(condition: Callable[[], bool], workers: AccountWorkers, seconds: float = 20.0) -> None:
    """Wait, and ask for mail again and again, as an impatient user does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, workers.state
        workers.sync_now()
        threading.Event().wait(0.02)


def test_lines_that_break_all_the_time_while_mail_comes_and_goes(
    workers: tuple[Bench, AccountWorkers],
) -> None:
    bench, account = workers
    server, chance = bench.server, random.Random(3)
    server.tamper = hanging_up_now_and_then(chance)
    for number in range(10, 40):
        with server.lock:
            server.inbox.deliver(letter(number))
            server.inbox.expunge(chance.choice(sorted(server.inbox.messages)))
            server.inbox.set_flags(chance.choice(sorted(server.inbox.messages)), Flag.SEEN)
        account.sync_now()
        threading.Event().wait(0.03)
    server.tamper = honest
    wait_for(lambda: bench.listed_in_step() and account.state.connection is Connection.WATCHING, account)
    assert account.state.problem is None
    problems = [event.problem for event in bench.events if isinstance(event, AccountState) and event.problem]
    assert problems, "lines did break"
    assert not any("fault in qtmail" in problem.sentence for problem in problems)
