"""What may take minutes, and can be given up: each on a thread of its own, so that none waits for another."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from qtmail.errors import QtmailError, Stopped
from qtmail.protocols.wake import Wake
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.worker import Worker

T = TypeVar("T")


class Search:
    """Something that is waited for and can be given up.

    Attributes:
        stop: set once nobody waits for it any more.
    """

    def __init__(self) -> None:
        self.stop = Wake()
        self._cancelled = False

    def wanted(self) -> bool:
        return not self._cancelled

    def cancel(self) -> None:
        """Stop at once, and call nobody."""
        self._cancelled = True
        self.stop.set()


class Searches:
    """Those that are under way. Lives on the GUI thread."""

    def __init__(self, store: Store, door: Background) -> None:
        """`door`: by which answers come to the GUI thread."""
        self._store = store
        self._door = door
        self._running: list[tuple[Search, Worker]] = []

    def start(
        self,
        work: Callable[[Search], T],
        done: Callable[[T], None],
        failed: Callable[[QtmailError], None],
        *,
        heeds: bool = True,
    ) -> Search:
        """Run `work` at once, then `done(result)`, or `failed(error)`, on the GUI thread, if it is still
        wanted.

        Args:
            heeds: it ends soon once `Search.stop` is set; else the program's end does not wait for it.
        """
        search = Search()

        def run() -> None:
            try:
                self.tell(search, done, work(search))
            except Stopped:
                return
            except QtmailError as error:
                self.tell(search, failed, error)
            finally:
                search.stop.close()

        def crashed(_bug: BaseException) -> None:
            fault = QtmailError("This did not work because of a fault in qtmail.", advice="Please report it.")
            self.tell(search, failed, fault)

        worker = Worker("search", run, store=self._store, crashed=crashed)
        if heeds:
            self._running = [one for one in self._running if one[1].is_alive()]
            self._running.append((search, worker))
        worker.start()
        return search

    def tell(self, search: Search, listener: Callable[[T], None], news: T) -> None:
        """Call `listener(news)` on the GUI thread, if the search is still wanted; from any thread."""
        self._door.tell(listener, news, wanted=search.wanted)

    def cancel(self) -> None:
        """Give all of them up; returns at once. `join` waits for them."""
        for search, _ in self._running:
            search.cancel()

    def join(self, deadline: float) -> None:
        """Wait until they have ended, until `deadline` (of time.monotonic) at most."""
        for _, worker in self._running:
            worker.join(max(0.0, deadline - time.monotonic()))
