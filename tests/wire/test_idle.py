"""Waiting for news: woken, renewed, refused, and after the computer slept."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import pytest

from qtmail.errors import ConnectionFailed, ServerRefused, Stopped
from qtmail.protocols import imap_idle
from qtmail.protocols.wake import Wake
from tests.fakes.imap_server import Expect, ScriptedServer, Send, Stall, Wait, transcript
from tests.wire.sessions import aborting, ready, signed_in

IDLE = "IMAP4rev1 IDLE"
BEGIN = """
    C: q2 IDLE
    S: + idling
"""
END = """
    C: DONE
    S: q2 OK done
"""


@pytest.fixture
def wake() -> Iterator[Wake]:
    with contextlib.closing(Wake()) as made:
        yield made


def test_new_mail_ends_the_wait(wake: Wake):
    rest = f"""
        {BEGIN}
        S: * OK still here
        S: * 4 EXISTS
        {END}
    """
    with ScriptedServer(signed_in(IDLE, rest)) as server, ready(server) as session:
        assert session.supports_idle
        session.idle(wake)
        assert session.take_updates().exists == 4


def test_what_the_server_says_while_idle_ends_is_kept(wake: Wake):
    rest = f"""
        {BEGIN}
        S: * 4 EXISTS
        C: DONE
        S: * 2 EXPUNGE
        S: q2 OK done
    """
    with ScriptedServer(signed_in(IDLE, rest)) as server, ready(server) as session:
        session.idle(wake)
        assert session.take_updates().expunged


def test_a_wake_ends_the_wait(wake: Wake):
    with ScriptedServer(signed_in(IDLE, BEGIN + END)) as server, ready(server) as session:
        timer = threading.Timer(0.05, wake.set)
        timer.start()
        began = time.monotonic()
        session.idle(wake)
        assert time.monotonic() - began < 2
        timer.join()


def test_a_wake_that_is_set_already_sends_nothing(wake: Wake):
    wake.set()
    with ScriptedServer(signed_in(IDLE)) as server, ready(server) as session:
        session.idle(wake)


def test_the_limit_ends_the_wait(wake: Wake):
    with ScriptedServer(signed_in(IDLE, BEGIN + END)) as server, ready(server) as session:
        session.idle(wake, limit=0.05)
        assert not session.take_updates()


def test_news_in_the_same_breath_as_the_continuation(wake: Wake):
    """Already in the buffer: no selector would report it."""
    rest = f"""
        C: q2 IDLE
        S: * 7 EXISTS
        S: + idling
        {END}
    """
    with ScriptedServer(signed_in(IDLE, rest)) as server, ready(server) as session:
        began = time.monotonic()
        session.idle(wake, limit=3)
        assert time.monotonic() - began < 2


def test_half_a_line_does_not_hold_up_a_wake(wake: Wake):
    script = [*signed_in(IDLE, BEGIN), Send(b"* 4 EXI"), Expect("DONE"), Send(b"STS\r\nq2 OK done\r\n")]
    with ScriptedServer(script) as server, ready(server, timeout=5) as session:
        timer = threading.Timer(0.05, wake.set)
        timer.start()
        began = time.monotonic()
        session.idle(wake)
        assert time.monotonic() - began < 2
        timer.join()
        assert session.take_updates().exists == 4


def test_a_server_that_refuses(wake: Wake):
    rest = """
        C: q2 IDLE
        S: q2 NO [LIMIT] too many idlers
    """
    with (
        ScriptedServer(signed_in(IDLE, rest)) as server,
        ready(server) as session,
        pytest.raises(ServerRefused, match="too many idlers"),
    ):
        session.idle(wake)


def test_a_line_that_breaks_while_waiting(wake: Wake):
    with (
        ScriptedServer(signed_in(IDLE, BEGIN + "DROP")) as server,
        ready(server) as session,
        pytest.raises(ConnectionFailed),
    ):
        session.idle(wake)


def test_bye_while_waiting(wake: Wake):
    rest = f"""
        {BEGIN}
        S: * BYE Logged out for inactivity
    """
    with (
        ScriptedServer(signed_in(IDLE, rest)) as server,
        ready(server) as session,
        pytest.raises(ConnectionFailed, match="Logged out for inactivity"),
    ):
        session.idle(wake)


def test_abort_ends_the_wait(wake: Wake):
    with (
        ScriptedServer([*signed_in(IDLE, BEGIN), Stall()]) as server,
        ready(server) as session,
        aborting(session, after=0.05),
        pytest.raises(Stopped),
    ):
        session.idle(wake)


class JumpingClock:
    """A wall clock that is an hour on with every look, as after a night's sleep; the rest is real."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self._now = 1e9

    def time(self) -> float:
        self._now += 3600
        return self._now


@pytest.mark.parametrize("answers", [True, False])
def test_after_sleep_the_server_must_answer_soon(wake: Wake, monkeypatch: pytest.MonkeyPatch, answers: bool):
    monkeypatch.setattr(imap_idle, "time", JumpingClock())
    monkeypatch.setattr(imap_idle, "SLICE_SECONDS", 0.05)
    monkeypatch.setattr(imap_idle, "PROBE_SECONDS", 0.1)
    end = transcript(END) if answers else [Stall()]
    with (
        ScriptedServer([*signed_in(IDLE, BEGIN), *end]) as server,
        ready(server, timeout=30) as session,
        contextlib.nullcontext() if answers else pytest.raises(ConnectionFailed, match="did not answer"),
    ):
        began = time.monotonic()
        session.idle(wake)
    assert time.monotonic() - began < 5


def test_news_between_two_waits_is_told_before_waiting_again(wake: Wake):
    told = threading.Event()
    script = [
        *signed_in(IDLE),
        *transcript(
            """
            C: q2 NOOP
            S: * 3 EXISTS
            S: q2 OK done
            """
        ),
        Wait(told),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        session.noop()
        session.idle(wake)
        told.set()
        assert session.take_updates().exists == 3
