from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qtmail.process_lock import ProcessLock

_HOLD = """
import sys
from pathlib import Path
from qtmail.process_lock import ProcessLock
lock = ProcessLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> ProcessLock:
    return ProcessLock(tmp_path / "one.lock")


def test_it_is_held_until_it_is_given_back(lock: ProcessLock, tmp_path: Path) -> None:
    other = ProcessLock(tmp_path / "one.lock")
    assert lock.acquire()
    assert lock.held
    assert not other.acquire()
    assert not other.held
    lock.release()
    assert other.acquire(patience=1.0)
    other.release()


def test_a_process_that_dies_gives_it_back(lock: ProcessLock, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path / "one.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert not lock.acquire(patience=0.1)
        process.kill()
    assert lock.acquire(patience=10.0)
    lock.release()
