"""The table says plainly which figures missed their target."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.harness import Result, table, write_json


@pytest.mark.parametrize(
    ("result", "reached"),
    [
        (Result("time", 0.9, "s", target=1.0), True),
        (Result("time", 1.1, "s", target=1.0), False),
        (Result("rate", 9000, "/s", target=8000, more_is_better=True), True),
        (Result("rate", 7000, "/s", target=8000, more_is_better=True), False),
        (Result("only told", 7000, "/s"), True),
        (Result("time", 2, "s", peer="other", peer_figure=3, least_ratio=1), True),
        (Result("time", 4, "s", peer="other", peer_figure=3, least_ratio=1), False),
        (
            Result("rate", 9000, "/s", more_is_better=True, peer="other", peer_figure=3000, least_ratio=3),
            True,
        ),
        (
            Result("rate", 8000, "/s", more_is_better=True, peer="other", peer_figure=3000, least_ratio=3),
            False,
        ),
    ],
)
def test_a_target_is_reached_or_not(result: Result, reached: bool) -> None:
    assert result.reached is reached
    assert ("MISSED" in table([result])) is not reached


def test_a_ratio_above_one_means_better_than_the_peer() -> None:
    faster = Result("time", 2, "s", peer="other", peer_figure=3)
    more = Result("rate", 300, "/s", more_is_better=True, peer="other", peer_figure=200)
    assert faster.ratio == more.ratio == 1.5
    assert Result("alone", 2, "s").ratio is None


def test_machines_read_the_same_figures(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    write_json([Result("time", 2, "s", target=1, peer="other", peer_figure=3)], path)
    (found,) = json.loads(path.read_text("utf-8"))
    assert found["name"] == "time"
    assert found["ratio"] == 1.5
    assert found["reached"] is False
