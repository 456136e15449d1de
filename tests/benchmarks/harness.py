"""One table for all measurements: figure, target, and the same work done by another program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

COLUMNS = ("measurement", "figure", "target", "peer", "ratio", "")


@dataclass(frozen=True, slots=True)
class Result:
    """One measured figure.

    Attributes:
        name: what was measured.
        figure: how much, in `unit`.
        unit: "s", "ms", "MB", "/s" and the like.
        target: the figure to reach, or None where there is none.
        more_is_better: True for rates.
        peer: who did the same work for comparison, or "".
        peer_figure: the peer's figure in the same unit.
        least_ratio: how many times better than the peer it must be; None where that does not matter.
        note: a remark on circumstances.
    """

    name: str
    figure: float
    unit: str
    target: float | None = None
    more_is_better: bool = False
    peer: str = ""
    peer_figure: float | None = None
    least_ratio: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer."""
        if not self.peer_figure or not self.figure:
            return None
        return self.figure / self.peer_figure if self.more_is_better else self.peer_figure / self.figure

    @property
    def reached(self) -> bool:
        """Whether the target, and the ratio to the peer, is reached."""
        if self.least_ratio is not None and (self.ratio is None or self.ratio < self.least_ratio):
            return False
        if self.target is None:
            return True
        return self.figure >= self.target if self.more_is_better else self.figure <= self.target


def table(results: Sequence[Result]) -> str:
    """The results as text, columns aligned, missed targets marked."""
    rows = [COLUMNS, *map(_cells, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def write_json(results: Sequence[Result], path: Path) -> None:
    """The same for machines: a list of objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    objects = [{**asdict(result), "ratio": result.ratio, "reached": result.reached} for result in results]
    path.write_text(json.dumps(objects, indent=2) + "\n", "utf-8")


def _cells(result: Result) -> tuple[str, ...]:
    sign = "≥" if result.more_is_better else "≤"
    target = f"{sign} {_number(result.target)} {result.unit}" if result.target is not None else ""
    if result.least_ratio is not None:
        target = f"{target}, {result.least_ratio:g}x".removeprefix(", ")
    peer = f"{result.peer} {_number(result.peer_figure)}" if result.peer_figure is not None else ""
    ratio = f"{result.ratio:.1f}x" if result.ratio is not None else ""
    remark = result.note if result.reached else f"MISSED {result.note}".rstrip()
    return result.name, f"{_number(result.figure)} {result.unit}", target, peer, ratio, remark


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"
