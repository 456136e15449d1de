"""The line is cut at every byte, either way: nothing is lost, nothing comes twice, nothing is deleted on the
server that is not safe here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.errors import ConnectionFailed, ProtocolViolation, SignInFailed
from qtmail.store.store import Store
from tests.end2end.pop3_scenarios import SCENARIOS, Scenario, Stage
from tests.fakes.pop3_server import Fault

EXPECTED = (ConnectionFailed, ProtocolViolation, SignInFailed)
EACH = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)


@contextlib.contextmanager
def on_stage(scenario: Scenario, directory: Path) -> Iterator[Stage]:
    with scenario.server() as server:
        yield Stage(scenario, directory, server)


def look_over(stage: Stage, fault: Fault) -> tuple[int, int]:
    """Look for mail over a line that breaks there, and then over one that holds; returns how many bytes the
    first was said and said.
    """
    scenario, server = stage.scenario, stage.server
    profile = stage.reset()
    number = server.connections
    server.faults = (fault,)
    with Store.open(profile) as store:
        desk = scenario.desk(store)
        with contextlib.suppress(*EXPECTED):
            desk.check()
        scenario.check_nothing_is_lost(desk, server)
        desk.check()
        scenario.check_all_is_done(desk, server)
        assert desk.check().messages_added == 0
    return server.bytes_in[number], server.bytes_out[number]


def next_line(stage: Stage) -> int:
    return stage.server.connections + 1


def cut_at(stage: Stage, *, every: int) -> None:
    """Cut the line at each byte, or at one in so many, that is heard and that is said."""
    heard, said = look_over(stage, Fault())
    for after in range(0, heard, every):
        look_over(stage, Fault(after_in=after, connection=next_line(stage)))
    for after in range(0, said, every):
        look_over(stage, Fault(after_out=after, connection=next_line(stage)))


@EACH
def test_cut_at_some_bytes(tmp_path: Path, scenario: Scenario):
    with on_stage(scenario, tmp_path) as stage:
        cut_at(stage, every=97)


@pytest.mark.proof
@pytest.mark.timeout(1800)
@EACH
def test_cut_at_every_byte(tmp_path: Path, scenario: Scenario):
    with on_stage(scenario, tmp_path) as stage:
        cut_at(stage, every=1)
