"""The sending thread comes back after every fault, waits for the user only where it must, ends at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.events import AccountState, Connection
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_loop import OutboxLoop
from qtmail.engine.retry import Backoff
from qtmail.engine.stopping import StopToken
from qtmail.errors import ConnectionFailed, HandedOver, QtmailError, SignInFailed, Stopped, StoreFailed
from tests.end2end.processes import wait_until

NOW = 1_790_000_000.0
SERVER = ServerSettings("mail.example.org", 465, Security.TLS, "ann")
ACCOUNT = Account(1, "Ann", "ann@example.org", "Ann", None, SERVER)


class ScriptedSender:
    """An OutboxSender to which things happen, one each time it is asked to send; then nothing is due.

    Attributes:
        done: what it was asked to do, in order.
    """

    def __init__(self, happens: list[int | Exception], broken_store: int = 0) -> None:
        self._happens = happens
        self._broken_store = broken_store
        self.done: list[str] = []

    def recover(self) -> None:
        self.done.append("recover")
        self._fail()

    def _fail(self) -> None:
        if self._broken_store:
            self._broken_store -= 1
            raise StoreFailed("The disk is full.")

    def next_time(self) -> int | None:
        return int(NOW) if self._happens else None

    def send_due(self) -> int:
        self.done.append("send")
        what = self._happens.pop(0)
        if isinstance(what, Exception):
            raise what
        return what


class Loop:
    """A loop on a thread of its own, with everything around it."""

    def __init__(
        self, directory: Path, *happens: int | Exception, account: Account = ACCOUNT, broken_store: int = 0
    ) -> None:
        self.sender = ScriptedSender(list(happens), broken_store)
        self.wake, self.retry, self.stop = threading.Event(), threading.Event(), StopToken()
        self.states: list[AccountState] = []
        self.accepted = 0
        self.monitor = AccountMonitor(account.id, self.states.append)  # type: ignore[arg-type]
        self._loop = OutboxLoop(
            account,
            self.sender,  # type: ignore[arg-type]
            OutboxLock(directory, account.id),
            monitor=self.monitor,
            wake=self.wake,
            retry=self.retry,
            stop=self.stop,
            on_accepted=self._accepted,
            backoff=Backoff(uniform=lambda low, high: 0.001),
            clock=lambda: NOW,
        )
        self.thread = threading.Thread(target=self._loop.run, daemon=True)

    def _accepted(self) -> None:
        self.accepted += 1

    @contextmanager
    def running(self) -> Iterator[Loop]:
        self.thread.start()
        yield self
        self.end()

    def end(self) -> None:
        """End it as the program does."""
        self.stop.stop()
        self.retry.set()
        self.wake.set()
        self.thread.join(5)
        assert not self.thread.is_alive()

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        wait_until(condition, 5, f"{what}; {self.sender.done}")

    def wait_for_sends(self, count: int) -> None:
        self.wait_for(lambda: self.sender.done.count("send") >= count, f"{count} attempts")

    def wait_until_it_is(self, connection: Connection) -> None:
        self.wait_for(lambda: self.monitor.state.connection is connection, connection)


def test_what_is_due_is_sent_and_the_copy_is_asked_for(tmp_path: Path):
    loop = Loop(tmp_path, 2)
    with loop.running():
        loop.wait_until_it_is(Connection.WATCHING)
    assert loop.sender.done == ["recover", "send"]
    assert loop.accepted == 1
    assert any(state.activity == "Sending…" for state in loop.states)
    assert loop.monitor.state.connection is Connection.OFFLINE


def test_no_copy_is_asked_for_where_nothing_was_taken(tmp_path: Path):
    loop = Loop(tmp_path, 0)
    with loop.running():
        loop.wait_until_it_is(Connection.WATCHING)
    assert loop.accepted == 0


def test_an_account_that_is_also_read_is_told_about_by_its_readers(tmp_path: Path):
    loop = Loop(tmp_path, 1, account=replace(ACCOUNT, imap=SERVER))
    with loop.running():
        loop.wait_for_sends(1)
        loop.wait_until_it_is(Connection.OFFLINE)


def test_a_line_that_is_lost_is_tried_again_and_then_forgotten(tmp_path: Path):
    loop = Loop(tmp_path, ConnectionFailed("The line broke."), ConnectionFailed("Again."), 1)
    with loop.running():
        loop.wait_for_sends(3)
        loop.wait_until_it_is(Connection.WATCHING)
        assert loop.monitor.state.problem is None
    waiting = [state for state in loop.states if state.connection is Connection.WAITING]
    assert [state.problem.sentence for state in waiting if state.problem] == ["The line broke.", "Again."]
    assert waiting[0].retry_at is not None and waiting[0].retry_at >= NOW


def test_what_only_the_user_can_mend_waits_for_the_user(tmp_path: Path):
    loop = Loop(tmp_path, SignInFailed("No."), SignInFailed("No."), 1)
    with loop.running():
        loop.wait_until_it_is(Connection.NEEDS_USER)
        loop.wake.set()  # something else was queued, which mends nothing
        loop.retry.set()
        loop.wait_for_sends(2)
        loop.wait_until_it_is(Connection.NEEDS_USER)
        sends = loop.sender.done.count("send")
    assert sends == 2


def test_a_retry_of_long_ago_is_not_taken_for_an_answer(tmp_path: Path):
    """Asking for mail sets it for all threads, also for those that had nothing to retry."""
    loop = Loop(tmp_path, SignInFailed("No."), 1)
    loop.retry.set()
    with loop.running():
        loop.wait_until_it_is(Connection.NEEDS_USER)
        sends = loop.sender.done.count("send")
    assert sends == 1


def test_a_message_in_doubt_does_not_keep_the_others_from_theirs(tmp_path: Path):
    loop = Loop(tmp_path, HandedOver("The line broke after the end."), 1)
    with loop.running():
        loop.wait_for_sends(2)
        loop.wait_until_it_is(Connection.WATCHING)
    assert loop.accepted == 1


def test_a_store_that_fails_does_not_end_it(tmp_path: Path):
    loop = Loop(tmp_path, 1, broken_store=2)
    with loop.running():
        loop.wait_for_sends(1)
    assert loop.sender.done == ["recover", "recover", "recover", "send"]


def test_a_store_that_fails_after_sending_does_not_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    loop = Loop(tmp_path, 1, 1)
    looks = iter([StoreFailed("The disk failed.")])
    asked = loop.sender.next_time

    def next_time() -> int | None:
        if loop.sender.done.count("send") == 1 and (fault := next(looks, None)):
            raise fault
        return asked()

    monkeypatch.setattr(loop.sender, "next_time", next_time)
    with loop.running():
        loop.wait_for_sends(2)
        loop.wait_until_it_is(Connection.WATCHING)


# -- one process at a time -------------------------------------------------------------------------


def test_while_another_process_sends_nothing_is_touched(tmp_path: Path):
    other = OutboxLock(tmp_path, ACCOUNT.id)
    assert other.acquire()
    loop = Loop(tmp_path, 1)
    with loop.running():
        assert not OutboxLock(tmp_path, ACCOUNT.id).acquire()
        assert loop.sender.done == []
        other.release()
        loop.wake.set()
        loop.wait_for_sends(1)
        assert not other.acquire(), "it is ours now"
    assert other.acquire(), "it is given back at the end"
    other.release()


def test_it_ends_while_it_waits_for_the_other_process(tmp_path: Path):
    other = OutboxLock(tmp_path, ACCOUNT.id)
    assert other.acquire()
    loop = Loop(tmp_path, 1)
    with loop.running():
        pass
    assert loop.sender.done == []
    other.release()


def test_a_profile_that_cannot_be_locked_is_told_and_looked_at_again(tmp_path: Path):
    profile = tmp_path / "profile"
    profile.write_text("no folder")
    loop = Loop(profile, 1)
    with loop.running():
        loop.wait_until_it_is(Connection.WAITING)
        problem = loop.monitor.state.problem
        assert problem is not None and problem.advice
        profile.unlink()
        profile.mkdir()
        loop.wake.set()
        loop.wait_for_sends(1)
        loop.wait_until_it_is(Connection.WATCHING)


def test_a_stop_between_two_rounds_is_heard(tmp_path: Path):
    loop = Loop(tmp_path, SignInFailed("No."), SignInFailed("No."))
    clear = loop.wake.clear

    def stopped_just_before() -> None:
        loop.stop.stop()
        loop.retry.set()
        loop.wake.set()
        clear()

    loop.wake.clear = stopped_just_before  # type: ignore[method-assign]
    loop.thread.start()
    loop.thread.join(5)
    assert not loop.thread.is_alive()


@pytest.mark.parametrize("end", [Stopped(), QtmailError("Late.")])
def test_a_stop_while_it_sends_is_no_fault(tmp_path: Path, end: Exception):
    loop = Loop(tmp_path, end)
    begun = threading.Event()

    def send_due() -> int:
        begun.set()
        loop.wait_for(lambda: loop.stop.stopped, "the stop")
        raise end

    loop.sender.send_due = send_due  # type: ignore[method-assign]
    with loop.running():
        assert begun.wait(5)
    assert loop.monitor.state.connection is Connection.OFFLINE
