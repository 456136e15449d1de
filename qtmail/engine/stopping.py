"""Asking long work to stop, and waiting in a way that can be interrupted."""

from __future__ import annotations

import threading

from qtmail.errors import Stopped


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


HEAVY_LANE = threading.Lock()
"""Held while a batch is parsed in Python.

Threads share one interpreter lock: with several accounts parsing at once the GUI thread would wait for each
of them in turn, so at most one parses at a time. Not state, and never held over I/O.
"""
