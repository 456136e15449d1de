"""A profile that exists as long as the demo does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def demo_profile() -> Iterator[Path]:
    """An empty profile directory, only readable by this user, removed at the end."""
    # Windows keeps files that a virus scanner or a dying thread still holds open: leave those to the system.
    with tempfile.TemporaryDirectory(prefix="qtmail-demo-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)
