"""A signal that asks the program to end is heard in Qt's loop."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")

PROGRAM = """
import signal, sys
from PySide6.QtCore import QCoreApplication, QTimer
from qtmail.ending_signals import ending_signals

def say(word):
    print(word, flush=True)

def end():
    say("end")
    {end}

app = QCoreApplication(sys.argv)
{first}
with ending_signals(end):
    {start}
    app.exec()
say("saved")
"""
START = "QTimer.singleShot(0, lambda: say('ready'))"


def run(
    sent: list[int], *, first: str = "", start: str = START, end: str = "app.quit()"
) -> tuple[int, list[str]]:
    """Send signals to a program, each once it has said something; its status, and what it said."""
    code = PROGRAM.format(first=first, start=start, end=end)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = []
        for number in sent:
            said.append(process.stdout.readline().strip())
            process.send_signal(number)
        said += process.communicate(timeout=60)[0].split()
    return process.returncode, said


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_program_ends_in_order(name: str) -> None:
    assert run([getattr(signal, name)]) == (0, ["ready", "end", "saved"])


def test_a_second_signal_ends_what_does_not_end() -> None:
    assert run([signal.SIGTERM, signal.SIGTERM], end="pass") == (-signal.SIGTERM, ["ready", "end"])


def test_a_signal_before_the_loop_runs_is_heard_in_it() -> None:
    assert run([], start="signal.raise_signal(signal.SIGTERM); say('ready')") == (
        0,
        ["ready", "end", "saved"],
    )


def test_what_is_ignored_stays_ignored() -> None:
    first = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    start = f"{START}; QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGHUP))"
    assert run([signal.SIGTERM], first=first, start=start) == (0, ["ready", "end", "saved"])
