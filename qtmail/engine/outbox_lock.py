"""One process at a time sends an account's mail.

The window and `qtmail outbox flush` may run side by side on one profile. What is being sent when a process
dies must be put right by the next one, and by no one while the first still lives: that is what the lock is
for. The system gives it back when the process ends, however it ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtmail.errors import Layer, QtmailError, Retry

if TYPE_CHECKING:
    from filelock import FileLock


class OutboxLock:
    """The right to send the mail of one account."""

    def __init__(self, profile: Path, account_id: int) -> None:
        self._path = profile / f"outbox-{account_id}.lock"
        self._lock: FileLock | None = None

    def acquire(self) -> bool:
        """Take it if nobody has it; returns whether it is ours. Raises QtmailError if the disk refuses."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - 15 ms, not before the window is shown

        if self._lock is None:
            # Not thread-local: it is taken on the sending thread and given back wherever the program ends.
            self._lock = FileLock(self._path, thread_local=False)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            raise QtmailError(
                "The outbox could not be locked, so nothing is sent.",
                advice="Check that the disk is not full and that you may write to the profile folder.",
                detail=str(error),
                layer=Layer.STORE,
                retry=Retry.LATER,
            ) from error
        return True

    @property
    def held(self) -> bool:
        """Whether it is ours now."""
        return self._lock is not None and self._lock.is_locked

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()
