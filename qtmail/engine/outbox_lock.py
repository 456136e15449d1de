"""One process at a time sends an account's mail.

The window and `qtmail outbox flush` may run side by side on one profile. What is being sent when a process
dies must be put right by the next one, and by no one while the first still lives: that is what the lock is
for.
"""

from __future__ import annotations

from pathlib import Path

from qtmail.errors import Layer, QtmailError, Retry
from qtmail.process_lock import ProcessLock


class OutboxLock:
    """The right to send the mail of one account."""

    def __init__(self, profile: Path, account_id: int) -> None:
        self._lock = ProcessLock(profile / f"outbox-{account_id}.lock")

    def acquire(self) -> bool:
        """Take it if nobody has it; returns whether it is ours. Raises QtmailError if the disk refuses."""
        try:
            return self._lock.acquire()
        except OSError as error:
            raise QtmailError(
                "The outbox could not be locked, so nothing is sent.",
                advice="Check that the disk is not full and that you may write to the profile folder.",
                detail=str(error),
                layer=Layer.STORE,
                retry=Retry.LATER,
            ) from error

    @property
    def held(self) -> bool:
        """Whether it is ours now."""
        return self._lock.held

    def release(self) -> None:
        self._lock.release()
