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

    def __init__(
        self,
        uniform: Callable[[float, float], float] = random.uniform,
        *,
        first: float = FIRST_DELAY,
        longest: float = LONGEST_DELAY,
    ) -> None:
        self._uniform = uniform
        self._first = first
        self._longest = longest
        self._failures = 0

    def failed(self) -> float:
        """Note a failure and return the seconds to wait."""
        self._failures += 1
        return self.after(self._failures)

    def after(self, failures: int) -> float:
        """The seconds to wait after so many failures in a row, where somebody else counts them."""
        doublings = min(max(0, failures - 1), 30)
        return min(self._first * 2.0**doublings, self._longest) * self._uniform(0.75, 1.25)

    def succeeded(self) -> None:
        """Forget the failures so far."""
        self._failures = 0
