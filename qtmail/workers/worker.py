"""A plain thread that runs one blocking piece of work to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from qtmail.log import logger
from qtmail.store.store import Store

log = logger("worker")


class Worker(threading.Thread):
    """Runs `work`, then closes the store connections this thread opened.

    A fault that `work` does not handle is a bug: it is logged with its trace and handed to `crashed`, so that
    the account says that it stopped instead of standing still without a word.
    """

    def __init__(
        self, name: str, work: Callable[[], None], *, store: Store, crashed: Callable[[BaseException], None]
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._store = store
        self._crashed = crashed

    def run(self) -> None:
        try:
            self._work()
        except BaseException as bug:
            log.exception("%s stopped by a bug", self.name)
            self._crashed(bug)
        finally:
            self._store.close_thread()
