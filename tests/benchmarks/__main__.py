"""`make bench`, or `python -m tests.benchmarks [--only NAME]… [--json FILE]`.

Exits with 1 when a target is missed. Every measurement has its own servers and profile and leaves nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import accounts, completion, packages, pop3, sending, syncing, window
from tests.benchmarks.harness import Result, table, write_json

BENCHMARKS: dict[str, Callable[[], Iterator[Result]]] = {
    "header-sync": syncing.header_sync,
    "body-sync": syncing.body_sync,
    "unchanged-sync": syncing.unchanged_sync,
    "start": window.start_and_memory,
    "smooth-sync": window.smooth_sync,
    "huge-folder": window.huge_folder,
    "queue-large": sending.queue_large,
    "send-many": sending.send_many,
    "completion": completion.completing,
    "many-accounts": accounts.many_accounts,
    "pop3": pop3.fetching,
    "pop3-from-afar": pop3.fetching_from_afar,
    "pop3-many": pop3.fetching_many,
    "pop3-known": pop3.knowing,
    "packages": packages.sizes,
    "frozen-start": packages.frozen_start,
}


def main() -> int:
    """Measure what was asked for, print one table, write the same as JSON."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=list(BENCHMARKS), metavar="NAME", help=", ".join(BENCHMARKS)
    )
    parser.add_argument("--json", type=Path, default=Path("build", "bench.json"), metavar="FILE")
    arguments = parser.parse_args()
    results: list[Result] = []
    for name in arguments.only or BENCHMARKS:
        started = time.perf_counter()
        print(f"{name} …", end=" ", file=sys.stderr, flush=True)
        results += BENCHMARKS[name]()
        print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    print(f"\n{_machine()}\n\n{table(results)}")
    write_json(results, arguments.json)
    return 0 if all(result.reached for result in results) else 1


def _machine() -> str:
    """What to judge the figures by: other programs that compute meanwhile spoil them."""
    return (
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    )


if __name__ == "__main__":
    sys.exit(main())
