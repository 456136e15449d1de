"""The program is killed at each durable write while it fetches mail, and started again."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.store.store import Store
from tests.end2end.pop3_scenarios import SCENARIOS, Scenario, Stage, letter
from tests.fakes.crashes import Crash, crash_at
from tests.fakes.pop3_server import Pop3Server

MANY = [letter(1), letter(2, b"x" * 3_000_000), *[letter(number) for number in range(3, 60)]]
"""One in several pieces, and more small ones than share a transaction."""
KILLED = {
    "many": Scenario(Pop3Policy(Pop3Keep.DELETE), comes=MANY, here=MANY, there=[]),
    **{name: SCENARIOS[name] for name in ("delete", "until deleted", "newest", "download one, delete one")},
    "other ids": replace(SCENARIOS["days"], days=0, there=[*SCENARIOS["days"].ever]),
}
EACH = pytest.mark.parametrize("name", KILLED)
NEVER = 1_000_000
TIME_LIMIT = 60.0


class Murder:
    """A scenario whose look for mail ends with the death of the process."""

    def __init__(self, name: str, directory: Path, server: Pop3Server) -> None:
        self._stage = Stage(KILLED[name], directory, server)
        self._renames = name == "other ids"

    def at(self, point: int) -> str:
        """Kill it there, and start it again; returns what the first process said."""
        profile, scenario, server = self._stage.reset(), self._stage.scenario, self._stage.server
        if self._renames:
            server.mails = [replace(mail, uidl=b"new-" + mail.uidl) for mail in server.mails]
        first = self._run(profile, point)
        assert first.returncode in (0, -signal.SIGKILL)
        with Store.open(profile) as store:
            scenario.check_nothing_is_lost(scenario.desk(store), server)
        assert self._run(profile, NEVER).returncode == 0
        with Store.open(profile) as store:
            desk = scenario.desk(store)
            scenario.check_all_is_done(desk, server)
            assert desk.check().messages_added == 0
        return first.stdout

    def points(self) -> int:
        return int(self.at(NEVER).split()[-1])

    def _run(self, profile: Path, point: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.end2end.pop3_kill_points", str(profile), str(point)]
        now = str(self._stage.scenario.now)
        done = subprocess.run(
            [*command, now], capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done


def test_killed_at_some_durable_writes(tmp_path: Path):
    with KILLED["many"].server() as server:
        murder = Murder("many", tmp_path, server)
        points = murder.points()
        for point in (points // 3, points - 2):
            murder.at(point)


def die_at(stage: Stage, point: int) -> bool:
    """As the process that is killed, but within this one, which is quicker; returns whether it died."""
    profile, scenario, server = stage.reset(), stage.scenario, stage.server
    died = False
    with Store.open(profile) as store, crash_at(point):
        try:
            scenario.desk(store).check()
        except Crash:
            died = True
    with Store.open(profile) as store:
        desk = scenario.desk(store)
        scenario.check_nothing_is_lost(desk, server)
        desk.check()
        scenario.check_all_is_done(desk, server)
    return died


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_dying_at_each_durable_write(tmp_path: Path, scenario: Scenario):
    with scenario.server() as server:
        stage = Stage(scenario, tmp_path, server)
        point = 0
        while die_at(stage, point):
            point += 1
        assert point > 4


@pytest.mark.proof
@pytest.mark.timeout(900)
@EACH
def test_killed_at_each_durable_write(tmp_path: Path, name: str):
    with KILLED[name].server() as server:
        murder = Murder(name, tmp_path, server)
        for point in range(1, murder.points() + 1):
            murder.at(point)
