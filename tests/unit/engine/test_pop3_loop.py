"""The fetching thread comes back after every fault, waits for the user only where it must, ends at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from qtmail.domain.account import SyncPolicy
from qtmail.domain.events import AccountState, Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.pop3_loop import Pop3Loop
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.retry import Backoff
from qtmail.engine.stopping import StopToken
from qtmail.errors import ConnectionFailed, QtmailError, Retry, SignInFailed
from qtmail.protocols.pop3 import Pop3Refused
from qtmail.store.store import Store
from tests.end2end.processes import wait_until
from tests.fakes.memory_pop3 import MemoryPop3Server, MemoryPop3Session, mail
from tests.fakes.pop3_bench import pop3_account

IN_USE = Pop3Refused("The mailbox is in use.", code="IN-USE", retry=Retry.LATER)


class Backend:
    """Opens sessions, after failing as often as it is told."""

    def __init__(self, server: MemoryPop3Server, failures: list[QtmailError]) -> None:
        self.server = server
        self.failures = failures
        self.attempts = 0

    def open(self, *, on_created: Callable[[MemoryPop3Session], None]) -> MemoryPop3Session:
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        session = self.server.session()
        on_created(session)
        return session


class Loop:
    """A loop on a thread of its own, with everything around it."""

    def __init__(self, store: Store, *failures: QtmailError, poll_seconds: int = 300) -> None:
        account = replace(pop3_account(), sync=SyncPolicy(poll_seconds=poll_seconds))
        with store.user_transaction() as tx:
            self.account = store.accounts.add(tx, account)
        self.store = store
        self.server = MemoryPop3Server()
        self.backend = Backend(self.server, list(failures))
        self.wake, self.retry, self.stop = threading.Event(), threading.Event(), StopToken()
        self.states: list[AccountState] = []
        self.monitor = AccountMonitor(self.account.id, self.states.append)  # type: ignore[arg-type]
        self.now = 1_790_000_000.0
        self.loop = Pop3Loop(
            self.account,
            self.backend,  # type: ignore[arg-type]
            Pop3Sync(store, self.account, lambda event: None, self.stop),
            monitor=self.monitor,
            wake=self.wake,
            retry=self.retry,
            stop=self.stop,
            backoff=Backoff(uniform=lambda low, high: 0.001),
            clock=lambda: self.now,
        )
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self.loop.run()
        self.store.close_thread()

    @contextmanager
    def running(self) -> Iterator[Loop]:
        self.thread.start()
        try:
            yield self
        finally:
            self.stop.stop()
            self.loop.abort()
            self.retry.set()
            self.wake.set()
            self.thread.join(5)
        assert not self.thread.is_alive()
        assert self.monitor.state.connection is Connection.OFFLINE

    def wait_until_it_is(self, connection: Connection) -> None:
        wait_until(lambda: self.monitor.state.connection is connection, 5, connection)

    def wait_for_messages(self, count: int) -> None:
        wait_until(lambda: self.store.local_messages.count(self.account.id) == count, 5, f"{count} messages")

    def look_now(self) -> None:
        """The user asks for mail."""
        self.retry.set()
        self.wake.set()


def test_it_looks_at_once_and_whenever_it_is_woken(store: Store):
    loop = Loop(store)
    loop.server.deliver(mail(1))
    with loop.running():
        loop.wait_for_messages(1)
        loop.wait_until_it_is(Connection.WATCHING)
        loop.server.deliver(mail(2))
        loop.look_now()
        loop.wait_for_messages(2)
    seen = dict.fromkeys(state.connection for state in loop.states)
    assert list(seen)[:3] == [Connection.CONNECTING, Connection.SYNCING, Connection.WATCHING]
    assert loop.monitor.state.last_heard


def test_it_looks_by_itself_after_a_while(store: Store):
    loop = Loop(store, poll_seconds=0)
    with loop.running():
        wait_until(lambda: loop.server.sessions >= 2, 5, "two sessions")
        loop.server.deliver(mail(1))
        loop.wait_for_messages(1)


@pytest.mark.parametrize("fault", [ConnectionFailed("The line dropped."), IN_USE])
def test_it_comes_back_after_a_fault_that_passes(store: Store, fault: QtmailError):
    loop = Loop(store, fault, fault)
    loop.server.deliver(mail(1))
    with loop.running():
        loop.wait_for_messages(1)
        loop.wait_until_it_is(Connection.WATCHING)
        assert loop.monitor.state.problem is None
    waiting = [state for state in loop.states if state.connection is Connection.WAITING]
    assert waiting[0].problem and waiting[0].problem.sentence == fault.sentence
    assert waiting[0].retry_at is not None


def test_a_password_that_is_refused_is_not_tried_again_by_itself(store: Store):
    loop = Loop(store, SignInFailed("The password was refused."))
    with loop.running():
        loop.wait_until_it_is(Connection.NEEDS_USER)
        loop.wake.set()
        assert loop.backend.attempts == 1
        loop.look_now()
        loop.wait_until_it_is(Connection.WATCHING)


def test_a_server_that_names_the_time_to_wait_is_believed(store: Store):
    loop = Loop(store, Pop3Refused("Too soon.", code="LOGIN-DELAY", retry_after=120, retry=Retry.LATER))
    with loop.running():
        loop.wait_until_it_is(Connection.WAITING)
        assert loop.monitor.state.retry_at == loop.now + 120


def test_a_login_delay_is_kept_even_when_the_user_asks(store: Store):
    loop = Loop(store)
    loop.server.capabilities = replace(loop.server.capabilities, login_delay=600)
    with loop.running():
        loop.wait_until_it_is(Connection.WATCHING)
        for _ in range(3):
            loop.look_now()
            wait_until(lambda: not loop.wake.is_set(), 5, "the loop to take notice")
        assert loop.server.sessions == 1
        loop.now += 600
        loop.look_now()
        wait_until(lambda: loop.server.sessions == 2, 5, "the second session")


def test_what_the_server_does_not_give_is_shown_as_a_problem(store: Store):
    loop = Loop(store)
    loop.server.deliver(mail(1))
    loop.server.refuses.add(b"uid-1")
    with loop.running():
        loop.wait_until_it_is(Connection.WATCHING)
        assert loop.monitor.state.problem is not None
        loop.server.refuses.clear()
        loop.look_now()
        loop.wait_for_messages(1)
        wait_until(lambda: loop.monitor.state.problem is None, 5, "no problem")
