"""Fetches the remote pictures a user allowed, off the GUI thread, and remembers whose are always allowed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from qtmail.errors import QtmailError
from qtmail.log import logger
from qtmail.protocols.remote_image import fetch_image
from qtmail.store.store import Store
from qtmail.workers.background import Background

log = logger("pictures")

THREADS = 4
"""A newsletter has dozens of pictures on one server; more than four at once would look like an attack."""

Done = Callable[[bytes | None, str], None]


class RemoteImages(QObject):
    """What `ui.remote_content.RemoteFetcher` asks for, on a few plain threads started with the first
    picture.
    """

    _finished = Signal(object, object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: queue.SimpleQueue[tuple[str, Done] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def fetch(self, url: str, done: Done) -> None:
        """Fetch the picture at `url`; `done(bytes or None, MIME type)` runs on the GUI thread."""
        self._start()
        self._wanted.put((url, done))

    def stop(self) -> None:
        """End the threads once they are free; nothing more is fetched or delivered."""
        self._stopping = True
        for _ in self._threads:
            self._wanted.put(None)

    def _start(self) -> None:
        if not self._threads:
            self._threads = [
                threading.Thread(target=self._work, name=f"pictures-{number}", daemon=True)
                for number in range(THREADS)
            ]
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        while (wanted := self._wanted.get()) is not None and not self._stopping:
            url, done = wanted
            content, content_type = _fetched(url)
            if not self._stopping:
                self._finished.emit(done, content, content_type)

    @Slot(object, object, str)
    def _deliver(self, done: Done, content: bytes | None, content_type: str) -> None:
        if not self._stopping:
            done(content, content_type)


def _fetched(url: str) -> tuple[bytes | None, str]:
    try:
        image = fetch_image(url)
    except QtmailError as error:
        log.info("a remote picture was not fetched: %s", error.detail or error.sentence)
    except BaseException:
        log.exception("fetching a remote picture met a bug")  # which must not cost the thread
    else:
        return image.content, image.content_type
    return None, ""


class TrustedSenders:
    """What `ui.remote_content.TrustedSenders` asks for, kept in the store.

    The list is read once, because the reading pane asks for each message; it is short, and only this object
    adds to it.
    """

    def __init__(self, store: Store, writes: Background) -> None:
        self._store = store
        self._writes = writes
        self._addresses = set(store.senders.trusted())

    def allowed(self, address: str) -> bool:
        return address.lower() in self._addresses

    def allow(self, address: str) -> None:
        address = address.lower()
        self._addresses.add(address)

        def keep() -> None:
            with self._store.user_transaction() as tx:
                self._store.senders.trust(tx, address)

        self._writes.submit(keep, lambda _: None)
