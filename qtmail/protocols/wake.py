"""A switch that ends a wait on a socket from another thread."""

from __future__ import annotations

import selectors
import socket
import threading


class Wake:
    """Something a selector can wait on besides a server's socket.

    A pair of connected sockets and not a pipe, because Windows can only select on sockets. Setting it is
    safe from any thread, as often as one likes; it stays set, and its file descriptor readable, until it is
    cleared.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._lock = threading.Lock()
        self._set = False
        self._closed = False

    @property
    def is_set(self) -> bool:
        return self._set

    def fileno(self) -> int:
        return self._reader.fileno()

    def set(self) -> None:
        with self._lock:
            if not self._set and not self._closed:
                self._set = True
                self._writer.send(b"\0")

    def clear(self) -> None:
        with self._lock:
            if self._set and not self._closed:
                self._set = False
                self._reader.recv(1)

    def close(self) -> None:
        """Give the two sockets back; setting it afterwards does nothing."""
        with self._lock:
            self._closed = True
            self._reader.close()
            self._writer.close()

    def wait(self, timeout: float | None) -> bool:
        """Wait until it is set, at most `timeout` seconds; returns whether it is set."""
        with selectors.DefaultSelector() as selector:  # select() itself fails beyond 1,024 open files
            selector.register(self._reader, selectors.EVENT_READ)
            selector.select(timeout)
        return self._set
