"""Moved to `qtmail.process_lock`."""

from qtmail.process_lock import ProcessLock

__all__ = ["ProcessLock"]
