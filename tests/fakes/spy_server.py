"""A server that notes whoever comes: every connection, every HTTP request line, every datagram."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n"
    b"Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
)
_PATIENCE = 0.5
"""Seconds a connection may stay silent before it is closed as one that sends no request (a preconnect)."""


class SpyServer:
    """Listens on one port of 127.0.0.1 and ::1, TCP and UDP, until the `with` block ends.

    Attributes:
        port: the port.
        connections: how many TCP connections were accepted.
        datagrams: how many UDP datagrams came.
    """

    def __init__(self) -> None:
        self.connections = 0
        self.datagrams = 0
        self._paths: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        four = socket.create_server(("127.0.0.1", 0))
        self.port: int = four.getsockname()[1]
        self._listeners = [four, socket.create_server(("::1", self.port), family=socket.AF_INET6)]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._threads = [threading.Thread(target=self._accept, args=(s,)) for s in self._listeners]
        self._threads.append(threading.Thread(target=self._receive))

    def __enter__(self) -> SpyServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        for thread in list(self._threads):
            thread.join()
        self._udp.close()

    @property
    def paths(self) -> set[str]:
        """The paths that were asked for."""
        with self._lock:
            return set(self._paths)

    def fill(self, page: str) -> str:
        """`page` with its placeholders replaced by addresses of this server."""
        authority = f"127.0.0.1:{self.port}"
        addresses = {
            "{http}": f"http://{authority}",
            "{tls}": f"https://{authority}",
            "{name}": f"http://spy.localhost:{self.port}",
            "{authority}": authority,
            "{port}": str(self.port),
        }
        for placeholder, address in addresses.items():
            page = page.replace(placeholder, address)
        return page

    def _accept(self, listener: socket.socket) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(_PATIENCE)
            try:
                words = connection.recv(4096).split(b" ", 2)
                if len(words) == 3:
                    with self._lock:
                        self._paths.add(words[1].decode("ascii", "replace"))
                    connection.sendall(_ANSWER)
            except OSError:
                return

    def _receive(self) -> None:
        while True:
            self._udp.recv(2048)
            if self._closing.is_set():
                return
            with self._lock:
                self.datagrams += 1
