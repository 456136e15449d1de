"""Which runs of the program are alive.

Several may use one profile at a time. A draft that a composer shows belongs to the run of that composer; once
the run has died, its drafts are offered for recovery, and not before. A run is known to live by the lock on
a file that bears its name: the system gives it back when the process ends, however it ends.
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path

from qtmail.log import logger
from qtmail.process_lock import ProcessLock

_LOOK_SECONDS = 0.1
"""How long to ask for a lock: another run may hold it for a moment, only to look."""
_LEFT_BEHIND_SECONDS = 24 * 3600

log = logger("runs")


class Run:
    """This run of the program on a profile.

    Attributes:
        name: like that of no other run, ever.
    """

    def __init__(self, profile: Path) -> None:
        self.name = secrets.token_hex(8)
        self._path = _path(profile, self.name)
        self._lock = ProcessLock(self._path)
        self._guard = threading.Lock()

    def announce(self) -> None:
        """From now on other runs see that this one lives; call it before anything is marked as its own.

        Where the disk knows no locks the run looks dead to others: they may open its drafts, and nothing
        worse.
        """
        with self._guard:
            if self._lock.held:
                return
            try:
                self._lock.acquire(_LOOK_SECONDS)
            except OSError as error:
                log.warning("this run cannot be seen by others: %s", error)

    def end(self) -> None:
        """This run has nothing open any more."""
        with self._guard:
            if self._lock.held:
                self._lock.release()
                with suppress(OSError):
                    self._path.unlink()


def is_living(profile: Path, name: str) -> bool:
    """Whether the run of this name has announced itself and not ended since."""
    return _is_locked(_path(profile, name))


def forget_dead_runs(profile: Path) -> None:
    """Remove the files of runs that died.

    Not those that are young: one that is being made must not be taken away before it is locked.
    """
    for path in profile.glob("run-*.lock"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - _LEFT_BEHIND_SECONDS and not _is_locked(path):
                path.unlink()


def _is_locked(path: Path) -> bool:
    if not path.exists():
        return False
    lock = ProcessLock(path)
    try:
        if not lock.acquire(_LOOK_SECONDS):
            return True
    except OSError as error:
        log.warning("cannot tell whether %s is in use: %s", path.name, error)
        return False
    lock.release()
    return False


def _path(profile: Path, name: str) -> Path:
    return profile / f"run-{name}.lock"
