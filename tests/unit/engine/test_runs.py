"""A run of the program is alive until its process ends, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qtmail.engine.runs import Run, forget_dead_runs, is_living

ANNOUNCE = """
import sys
from pathlib import Path
from qtmail.engine.runs import Run
run = Run(Path(sys.argv[1]))
run.announce()
print(run.name, flush=True)
sys.stdin.read()
"""


def test_a_run_lives_from_when_it_is_announced_until_it_ends(tmp_path: Path) -> None:
    run, other = Run(tmp_path), Run(tmp_path)
    assert run.name != other.name
    assert not is_living(tmp_path, run.name)
    run.announce()
    run.announce()
    assert is_living(tmp_path, run.name)
    assert not is_living(tmp_path, other.name)
    run.end()
    run.end()
    assert not is_living(tmp_path, run.name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are not killed by signals here")
def test_a_process_that_is_killed_is_dead(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ANNOUNCE, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert is_living(tmp_path, name)
        process.kill()
        process.wait(20)
        assert not is_living(tmp_path, name)


def test_what_dead_runs_left_behind_is_removed_and_living_ones_stay(tmp_path: Path) -> None:
    dead, young = (tmp_path / f"run-{name}.lock" for name in ("dead", "young"))
    run = Run(tmp_path)
    run.announce()
    (old,) = tmp_path.iterdir()
    dead.touch()
    young.touch()
    for path in (dead, old):
        os.utime(path, (time.time() - 10**6,) * 2)
    forget_dead_runs(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {young.name, old.name}
    assert is_living(tmp_path, run.name)
    run.end()


def test_where_nothing_can_be_locked_writing_goes_on(tmp_path: Path) -> None:
    no_folder = tmp_path / "file"
    no_folder.touch()
    run = Run(no_folder)
    run.announce()
    assert not is_living(no_folder, run.name)
    run.end()
