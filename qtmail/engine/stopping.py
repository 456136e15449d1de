"""Asking long work to stop, and waiting in a way that can be interrupted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from qtmail.errors import Stopped

SLICE_SECONDS = 15.0
"""How long a wait may go without looking at the clock on the wall."""


class StopToken:
    """Shared by the piece of work and whoever may end it; once set, it stays set."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def stop(self) -> None:
        self._event.set()

    @property
    def stopped(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise Stopped if the work is to end; called between the steps of long work."""
        if self._event.is_set():
            raise Stopped


_HEAVY_LANE = threading.Lock()


@contextmanager
def heavy_lane(stop: StopToken) -> Iterator[None]:
    """Held while a batch is parsed in Python. Raises Stopped if meanwhile the work is to end.

    Threads share one interpreter lock: with several accounts parsing at once the GUI thread would wait for
    each of them in turn, so at most one parses at a time. Not state, and never held over I/O.
    """
    with _HEAVY_LANE:
        stop.check()
        yield


def wait_by_clock(event: threading.Event, seconds: float) -> bool:
    """Wait until `event` is set or `seconds` have passed; returns whether it is set.

    The time that the computer sleeps counts, which it does not for `Event.wait`: whoever opens the lid wants
    mail now and not in the five minutes that were left. Of the two clocks the one that is further on decides,
    because the one on the wall may be set back.
    """
    wall, steady = time.time() + seconds, time.monotonic() + seconds
    while not event.is_set():
        left = min(wall - time.time(), steady - time.monotonic())
        if left <= 0:
            break
        event.wait(min(left, SLICE_SECONDS))
    return event.is_set()
