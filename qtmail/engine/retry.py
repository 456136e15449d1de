"""The one retry policy: exponential backoff with jitter, forgotten after success."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_DELAY = 2.0
LONGEST_DELAY = 300.0


class Backoff:
    """How long to wait before the next attempt, in seconds.

    Doubles from 2 s up to 5 min. The jitter of a quarter keeps fifty accounts that lost the same line from
    all coming back in the same instant.
    """

    def __init__(self, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._uniform = uniform
        self._failures = 0

    def failed(self) -> float:
        """Note a failure and return the seconds to wait."""
        delay = min(FIRST_DELAY * 2.0**self._failures, LONGEST_DELAY)
        if delay < LONGEST_DELAY:
            self._failures += 1
        return delay * self._uniform(0.75, 1.25)

    def succeeded(self) -> None:
        """Forget the failures so far."""
        self._failures = 0
