"""A line to a server far away: a relay that holds back whatever passes, without making it narrower."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from types import TracebackType

from tests.end2end.processes import LOOPBACK

PIECE = 65536


class DistantLine:
    """Listens on a loopback port and relays to another; use it as a context manager.

    Attributes:
        port: where clients connect.
    """

    host = LOOPBACK

    def __init__(self, server_port: int, round_trip: float) -> None:
        """`round_trip`: seconds from a question to the beginning of its answer."""
        self._server_port = server_port
        self._delay = round_trip / 2
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> DistantLine:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # wakes accept()
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((LOOPBACK, self._server_port))
                for source, target in ((client, server), (server, client)):
                    target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._relay(source, target)

    def _relay(self, source: socket.socket, target: socket.socket) -> None:
        passing: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

        def take() -> None:
            data = b"?"
            while data:
                try:
                    data = source.recv(PIECE)
                except OSError:
                    data = b""
                passing.put((time.monotonic() + self._delay, data))

        def give() -> None:
            with contextlib.suppress(OSError):
                while True:
                    when, data = passing.get()
                    time.sleep(max(0.0, when - time.monotonic()))
                    if not data:
                        target.shutdown(socket.SHUT_WR)
                        return
                    target.sendall(data)

        for work in (take, give):
            threading.Thread(target=work, daemon=True).start()
