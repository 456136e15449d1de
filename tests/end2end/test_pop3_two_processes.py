"""Two processes that fetch the mail of one account at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.paths import default_profile_directory
from qtmail.store.store import Store
from tests.end2end.pop3_scenarios import PASSWORD, Scenario, letter
from tests.end2end.processes import wait_until
from tests.fakes.pop3_server import Pop3Server

TIME_LIMIT = 60.0
LETTERS = [letter(number) for number in range(80)]
DELETING = Scenario(Pop3Policy(Pop3Keep.DELETE), comes=LETTERS, here=LETTERS, there=[])


class SlowServer(Pop3Server):
    """Takes its time to give a message: until `gate` is set.

    Attributes:
        waiting: somebody waits for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Event()
        self.gate = threading.Event()

    def answer(self, *steps: str) -> str | None:
        if "RETR" in steps:
            self.waiting.set()
            self.gate.wait(TIME_LIMIT)
        return super().answer(*steps)


@pytest.fixture
def server() -> Iterator[SlowServer]:
    server = SlowServer()
    with server:
        DELETING.prepare(default_profile_directory(), server)
        yield server
        server.gate.set()


def start() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "qtmail", "sync", "--password-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(f"{PASSWORD}\n")
    process.stdin.flush()
    return process


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for its end; returns what it said to people."""
    _, errors = process.communicate(timeout=TIME_LIMIT)
    assert "Traceback" not in errors, errors
    assert process.returncode in (0, 1), errors
    assert (process.returncode == 0) == (not errors), errors
    return errors


def check_all_is_here(server: Pop3Server) -> None:
    with Store.open(default_profile_directory()) as store:
        DELETING.check_all_is_done(DELETING.desk(store), server)


def test_while_one_fetches_the_other_leaves_it_to_that(server: SlowServer) -> None:
    first = start()
    wait_until(server.waiting.is_set, TIME_LIMIT, "the first message to be asked for")
    assert "another window or command" in finish(start())
    assert server.connections == 1
    server.gate.set()
    assert finish(first) == ""
    check_all_is_here(server)


def test_of_several_that_begin_at_once_each_message_comes_once(server: SlowServer) -> None:
    server.gate.set()
    for process in [start() for _ in range(3)]:
        finish(process)
    assert finish(start()) == ""
    check_all_is_here(server)
