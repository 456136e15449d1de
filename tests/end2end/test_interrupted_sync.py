"""`qtmail sync` broken off with Ctrl-C, and taken up again."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end2end.dovecot import Dovecot, User
from tests.end2end.processes import wait_until
from tests.end2end.program import Program

MESSAGES = 20_000


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    user = dovecot.add_user()
    dovecot.fill(user, "INBOX", MESSAGES)
    return user


@contextlib.contextmanager
def running_sync(program: Program, user: User) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "qtmail", "sync", "--bodies", "none", "--password-stdin"]
    with subprocess.Popen(
        command,
        env=program.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(f"{user.password}\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


def stored(home: Path) -> int:
    """How many messages are in the cache, as another process sees it."""
    path = home / "profile" / "cache.db"
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            (count,) = connection.execute("SELECT count(*) FROM messages").fetchone()
        except sqlite3.OperationalError:  # the tables are just being made
            return 0
    return int(count)


def test_ctrl_c_ends_it_cleanly_and_the_next_sync_goes_on_from_there(
    dovecot: Dovecot, user: User, own_home: Path
) -> None:
    program = Program(dovecot, user, own_home)
    with running_sync(program, user) as process:
        wait_until(lambda: stored(own_home) > 0, 30, "the first messages")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert errors == "qtmail: stopped\n"
    kept = stored(own_home)
    assert 0 < kept < MESSAGES
    (report,) = program.sync("--bodies", "none").answers
    assert report["messages_added"] == MESSAGES - kept
    assert stored(own_home) == MESSAGES
