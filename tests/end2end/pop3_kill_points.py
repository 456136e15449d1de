"""A process that looks for mail and is killed at a durable write.

    python -m tests.end2end.pop3_kill_points PROFILE POINT NOW

kills itself with SIGKILL at the POINT-th point (see kill_points). With a POINT beyond the last it runs
through and says "points N". NOW: what its clock says, in seconds since the epoch.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qtmail.store.store import Store
from tests.end2end.kill_points import Killer, tell
from tests.end2end.pop3_desk import Pop3Desk


def main(profile: Path, point: int, now: float) -> None:
    killer = Killer(point)
    with Store.open(profile) as store:
        (account,) = store.accounts.list()
        killer.lie_in_wait()
        Pop3Desk(store, account, "secret", clock=lambda: now).check()
    tell(f"points {killer.passed}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
