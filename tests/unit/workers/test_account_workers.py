"""The threads of one account: they begin, end when they are told to, and say so when they break."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.attendant import Errand
from qtmail.engine.backend import Pass, Receiver
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.reporting import Event, Listener
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, UsageError
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from tests.unit.store.values import add_account

LIMIT = 10.0


class Waiting:
    """A way to a server with one duty: it waits until it is broken off, or does what the test says.

    Attributes:
        asked: how often somebody wanted mail now.
        fault: why nobody serves errands any more.
    """

    def __init__(self, run: Callable[[], None] | None = None) -> None:
        self._run = run or self._wait
        self.begun, self.aborted = threading.Event(), threading.Event()
        self.asked = 0
        self.errands: list[Errand] = []
        self.fault: QtmailError | None = None

    def one_pass(self, listener: Listener, stop: StopToken) -> Pass:
        raise NotImplementedError

    def receiver(
        self, monitor: AccountMonitor, listener: Listener, stop: StopToken, *, alone: Callable[[], bool]
    ) -> Receiver:
        return self

    @property
    def duties(self) -> Mapping[str, Callable[[], None]]:
        return {"look": self._run}

    def look_now(self) -> None:
        self.asked += 1

    def nudge(self) -> None:
        pass

    def request(self, errand: Errand) -> None:
        self.errands.append(errand)

    def crashed(self, duty: str, fault: QtmailError) -> None:
        self.fault = fault

    def abort(self) -> None:
        self.aborted.set()

    def _wait(self) -> None:
        self.begun.set()
        self.aborted.wait(LIMIT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def account(store: Store) -> Account:
    return add_account(store)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def make(store: Store, account: Account, events: list[Event]) -> Callable[[Waiting | None], AccountWorkers]:
    def one(incoming: Waiting | None) -> AccountWorkers:
        lock = OutboxLock(store.directory, account.id)
        return AccountWorkers(store, account, events.append, incoming=incoming, lock=lock, stop=StopToken())

    return one


Make = Callable[[Waiting | None], AccountWorkers]


def running() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("look-")]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_they_begin_and_end(make: Make, account: Account) -> None:
    way = Waiting()
    workers = make(way)
    workers.start()
    until(way.begun.is_set)
    assert running() == [f"look-{account.id}"]
    workers.stop()
    workers.join(time.monotonic() + LIMIT)
    assert running() == []


def test_one_that_does_not_end_is_left_behind(make: Make) -> None:
    let_go = threading.Event()
    workers = make(Waiting(lambda: until(let_go.is_set)))
    workers.start()
    workers.stop()
    began = time.monotonic()
    workers.join(began + 0.2)
    assert time.monotonic() - began < LIMIT / 2
    assert len(running()) == 1
    let_go.set()
    until(lambda: not running())


def test_stopping_what_was_never_started_waits_for_nothing(make: Make) -> None:
    workers = make(Waiting())
    workers.stop()
    workers.join(time.monotonic() + LIMIT)
    assert running() == []


def test_a_bug_is_told_to_the_user_and_to_whoever_waits(
    make: Make, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    way = Waiting(lambda: print(1 // 0))
    workers = make(way)
    workers.start()
    until(lambda: way.fault)
    assert workers.state.connection is Connection.NEEDS_USER
    (state,) = (event for event in events if isinstance(event, AccountState))
    assert state.problem is not None
    assert "ZeroDivisionError" in state.problem.detail
    assert "because of a fault in qtmail" in state.problem.sentence
    assert "look-1 stopped by a bug" in caplog.text
    workers.stop()
    workers.join(time.monotonic() + LIMIT)


def test_what_the_user_wants_goes_to_whoever_has_a_line(make: Make) -> None:
    way = Waiting()
    workers = make(way)
    errand = Errand(lambda session: None, lambda error: None)
    workers.request(errand)
    assert way.errands == [errand]
    workers.sync_now()
    assert way.asked == 1


def test_without_a_server_it_is_said_that_nothing_can_be_had(make: Make) -> None:
    workers = make(None)
    faults: list[QtmailError] = [UsageError("nobody said anything")]
    workers.request(Errand(lambda session: None, faults.append))
    assert "no server" in faults[-1].sentence
    workers.sync_now()
    workers.nudge()
    workers.send_now()
    workers.start()
    workers.stop()
    workers.join(time.monotonic() + LIMIT)
    assert workers.state.connection is Connection.OFFLINE
