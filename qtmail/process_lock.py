"""A lock on a file, held by one process at a time; the system gives it back however that process ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import FileLock

_LOOK_SECONDS = 0.05
"""How often it is looked at whether the other has given it back."""


class ProcessLock:
    """The lock on one file, which is made if need be. Used by any thread.

    On a disk that has no flock(2) at all (ENOSYS) filelock writes the process into the file instead, and
    looks whether that one still runs.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: FileLock | None = None

    def acquire(self, patience: float = 0.0) -> bool:
        """Take it unless another holds it for longer than `patience` seconds; returns whether it is ours.

        Raises OSError where the disk refuses, or knows no locks.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 - 10 ms that many commands do without

        if self._lock is None:
            # Not thread-local: who gives it back need not be who took it.
            self._lock = FileLock(self._path, thread_local=False)
        try:
            self._lock.acquire(timeout=patience, poll_interval=min(patience / 4, _LOOK_SECONDS))
        except Timeout:
            return False
        return True

    @property
    def held(self) -> bool:
        """Whether it is ours now."""
        return self._lock is not None and self._lock.is_locked

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()
