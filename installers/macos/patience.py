"""Programs of macOS that fail now and then for reasons that pass."""

from __future__ import annotations

import time
from pathlib import Path

from installers.packaging import BuildFailed, call

ATTEMPTS = 6
PAUSE = 10.0
"""Seconds between two attempts."""


def call_patiently(*command: str | Path, passing: str, pause: float = PAUSE) -> str:
    """Run a program as `call` does; again while it fails with the words `passing`, up to `ATTEMPTS` times.

    Raises:
        BuildFailed: it failed otherwise, or every time.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return call(*command)
        except BuildFailed as failure:
            if passing not in str(failure):
                raise
        time.sleep(pause)
    return call(*command)
