"""Two processes that send from one profile at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from qtmail.domain.outgoing import OutboxState
from qtmail.paths import default_profile_directory
from qtmail.store.store import Store
from tests.end2end.processes import wait_until
from tests.fakes.smtp_server import SmtpServer

TIME_LIMIT = 60.0
MESSAGES = 3
TO = "bob@example.org"


class SlowServer(SmtpServer):
    """Takes its time for the answer to a message: until `gate` is set.

    Attributes:
        waiting: somebody waits for it.
    """

    def __init__(self) -> None:
        super().__init__(users={"ann@example.org": "secret"})
        self.waiting = threading.Event()
        self.gate = threading.Event()

    def answer(self, *steps: str) -> str | None:
        if "end" in steps:
            self.waiting.set()
            self.gate.wait(TIME_LIMIT)
        return super().answer(*steps)


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "qtmail", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """Give it the password and wait for its end; returns what it said to people."""
    _, errors = process.communicate("secret\n", TIME_LIMIT)
    assert "Traceback" not in errors, errors
    assert process.returncode == 0, errors
    return errors


@pytest.fixture
def server() -> Iterator[SlowServer]:
    server = SlowServer()
    with server:
        finish(
            start(
                "account",
                "add",
                "--email",
                "ann@example.org",
                "--no-imap",
                "--smtp",
                f"127.0.0.1:{server.port}/none",
                "--password-stdin",
            )
        )
        for number in range(MESSAGES):
            finish(start("send", "--to", TO, "--subject", f"{number}", "--queue"))
        yield server
        server.gate.set()


def states() -> list[OutboxState]:
    with Store.open(default_profile_directory()) as store:
        (account,) = store.accounts.list()
        return [item.state for item in store.outbox.in_state(account.id, *OutboxState)]


def test_while_one_sends_the_other_leaves_it_to_that(server: SlowServer) -> None:
    first = start("outbox", "flush")
    wait_until(server.waiting.is_set, TIME_LIMIT, "the first message to be handed over")
    assert "another qtmail" in finish(start("outbox", "flush"))
    assert server.accepted == []
    server.gate.set()
    finish(first)
    assert [message.recipients for message in server.accepted] == [(TO,)] * MESSAGES
    assert states() == [OutboxState.FILED] * MESSAGES


def test_of_several_that_begin_at_once_each_message_goes_once(server: SlowServer) -> None:
    server.gate.set()
    for process in [start("outbox", "flush") for _ in range(3)]:
        finish(process)
    finish(start("outbox", "flush"))
    assert [message.recipients for message in server.accepted] == [(TO,)] * MESSAGES
    assert states() == [OutboxState.FILED] * MESSAGES
