import functools
import threading

import pytest

from qtmail.domain.events import AccountState, Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.retry import Backoff
from qtmail.engine.session_loop import SessionLoop
from qtmail.engine.stopping import StopToken
from qtmail.errors import ConnectionFailed, QtmailError, SignInFailed, Stopped
from tests.fakes.memory_imap import MemoryServer


class Backend:
    """Opens sessions on a server in memory, after failing as often as it is told."""

    def __init__(self, account, failures):
        self.account = account
        self.failures = list(failures)
        self.opened = 0

    def open(self, *, on_created):
        if self.failures:
            raise self.failures.pop(0)
        session = MemoryServer().session()
        on_created(session)
        self.opened += 1
        return session


class Loop:
    """A session loop with everything around it; the duty ends it unless told otherwise."""

    def __init__(self, account, failures=(), duty=None, **options):
        self.stop = StopToken()
        self.retry = threading.Event()
        self.states: list[AccountState] = []
        self.told: list[QtmailError] = []
        self.backend = Backend(account, failures)
        self.monitor = AccountMonitor(account.id, self.states.append)  # type: ignore[arg-type]
        self.loop = SessionLoop(
            "sync",
            self.backend,  # type: ignore[arg-type]
            duty or (lambda session: self.stop.stop()),
            monitor=self.monitor,
            retry=self.retry,
            stop=self.stop,
            on_failure=self.told.append,
            **{"backoff": Backoff(uniform=lambda low, high: 0.01)} | options,
        )

    def connections(self):
        return [state.connection for state in self.states]


@pytest.fixture
def make(account):
    return functools.partial(Loop, account)


def test_a_lost_line_is_retried_and_then_forgotten(make):
    loop = make([ConnectionFailed("The line dropped."), ConnectionFailed("Again.")])
    loop.loop.run()
    assert loop.backend.opened == 1
    assert loop.connections().count(Connection.WAITING) == 2
    assert loop.monitor.state.problem is None
    assert [error.sentence for error in loop.told] == ["The line dropped.", "Again."]


def test_a_waiting_state_says_when_it_goes_on(make):
    loop = make([ConnectionFailed("The line dropped.")])
    loop.loop.run()
    waiting = next(state for state in loop.states if state.connection is Connection.WAITING)
    assert waiting.retry_at is not None and waiting.problem.sentence == "The line dropped."


def test_what_only_the_user_can_mend_is_not_retried_by_itself(make):
    loop = make([SignInFailed("The password was refused.")])
    thread = threading.Thread(target=loop.loop.run)
    thread.start()
    asked = threading.Event()
    loop.monitor._listener = lambda state: asked.set() if state.connection is Connection.NEEDS_USER else None
    if loop.monitor.state.connection is not Connection.NEEDS_USER:
        assert asked.wait(5)
    assert loop.backend.opened == 0
    loop.retry.set()  # the user gave a password
    thread.join(5)
    assert loop.backend.opened == 1


def test_a_session_lost_at_work_is_replaced(make):
    calls = []

    def duty(session):
        calls.append(session)
        if len(calls) == 1:
            raise ConnectionFailed("The line dropped.")
        loop.stop.stop()

    loop = make(duty=duty)
    loop.loop.run()
    assert len(calls) == 2 and calls[0] is not calls[1]


@pytest.mark.parametrize("end", [Stopped(), QtmailError("Late.")])
def test_stopping_is_not_reported_as_a_fault(make, end):
    def duty(session):
        loop.stop.stop()
        raise end

    loop = make(duty=duty)
    loop.loop.run()
    assert loop.told == []
    assert loop.connections()[-1] is Connection.OFFLINE
    assert all(state.problem is None for state in loop.states)


class NotingBackoff(Backoff):
    """Waits hardly at all, and notes how long it should have been."""

    def __init__(self):
        super().__init__(uniform=lambda low, high: 1.0)
        self.delays = []

    def failed(self):
        self.delays.append(super().failed())
        return 0.001


class BrittleServer:
    """A duty whose line drops five times, each time after so many seconds; then the loop is stopped."""

    def __init__(self, lasting):
        self.lasting = lasting
        self.now = 0.0
        self.drops = 5
        self.stop = lambda: None

    def clock(self):
        return self.now

    def __call__(self, session):
        self.now += self.lasting
        if not self.drops:
            self.stop()
            return
        self.drops -= 1
        raise ConnectionFailed("The line dropped.")


def test_a_server_that_lets_in_and_then_drops_is_asked_less_and_less_often(make):
    server, backoff = BrittleServer(lasting=1.0), NotingBackoff()
    loop = make(duty=server, backoff=backoff, clock=server.clock)
    server.stop = loop.stop.stop
    loop.loop.run()
    assert backoff.delays == [2, 4, 8, 16, 32]


def test_a_line_that_lasted_is_opened_again_at_once_and_without_a_word(make):
    server, backoff = BrittleServer(lasting=100.0), NotingBackoff()
    loop = make(duty=server, backoff=backoff, clock=server.clock)
    server.stop = loop.stop.stop
    loop.loop.run()
    assert loop.backend.opened == 6
    assert backoff.delays == []
    assert not any(state.problem for state in loop.states)
    assert loop.told == []


def test_if_that_fails_it_is_told(make):
    server = BrittleServer(lasting=100.0)
    loop = make(duty=server, clock=server.clock)
    server.stop = loop.stop.stop
    open_session, refused = loop.backend.open, ConnectionFailed("Nobody is there.")

    def open_but_once(*, on_created):
        if loop.backend.opened == 1 and refused not in loop.told:
            raise refused
        return open_session(on_created=on_created)

    loop.backend.open = open_but_once
    loop.loop.run()
    assert loop.told == [refused]


def test_a_fault_that_comes_back_after_each_sign_in_stays_in_sight(make):
    server = BrittleServer(lasting=1.0)
    loop = make(duty=server, clock=server.clock)
    server.stop = loop.stop.stop
    loop.loop.run()
    shown = [bool(state.problem) for state in loop.states]
    assert shown[shown.index(True) :].count(False) == 2, "after the first time, and at the end"


def test_a_good_session_that_is_lost_is_replaced_at_once_and_without_a_word(make):
    server = BrittleServer(lasting=100.0)
    loop = make(duty=server, clock=server.clock)
    server.stop = loop.stop.stop
    loop.loop.run()
    assert loop.backend.opened == 6
    assert loop.told == [], "what the user waits for is tried again on the new line"
    assert all(state.problem is None for state in loop.states)
