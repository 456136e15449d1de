"""A relay before a server that counts what passes: bytes each way and round trips.

It counts on the wire, between the sockets, and so believes neither side's own counters. It reads clear text.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import selectors
import socket
import threading
from dataclasses import dataclass, field
from types import TracebackType

from tests.end2end.processes import LOOPBACK

SIGNED_IN = re.compile(
    rb"^[^\s*+]+ OK [^\r\n]*(?:Logged in|authenticat|LOGIN)[^\r\n]*\r\n", re.MULTILINE | re.I
)


@dataclass(slots=True)
class Traffic:
    """What passed on one connection.

    Attributes:
        events: pieces in order, as (direction, bytes): "C" from the client, "S" from the server.
    """

    events: list[tuple[str, bytes]] = field(default_factory=list)

    def received(self) -> bytes:
        """All the server said."""
        return b"".join(data for direction, data in self.events if direction == "S")

    def sent(self) -> bytes:
        """All the client said."""
        return b"".join(data for direction, data in self.events if direction == "C")

    @property
    def round_trips(self) -> int:
        """How often the client spoke after it had heard the server: each costs one trip over the line."""
        directions = [direction for direction, _ in self.events]
        return sum(now == "C" and before != "C" for before, now in itertools.pairwise(["", *directions]))

    def after_sign_in(self) -> Traffic:
        """What passed after the server accepted the sign-in; empty if it never did."""
        for index, (direction, data) in enumerate(self.events):
            if direction == "S" and (found := SIGNED_IN.search(data)):
                rest = [("S", data[found.end() :])] if found.end() < len(data) else []
                return Traffic([*rest, *self.events[index + 1 :]])
        return Traffic()


class Meter:
    """Listens on a loopback port and relays to another; use it as a context manager.

    Attributes:
        port: where clients connect.
        connections: the traffic of each connection, oldest first.
    """

    host = LOOPBACK

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections: list[Traffic] = []
        self._stopping, self._stopped = socket.socketpair()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Close everything."""
        self._stopping.close()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()
        self._stopped.close()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while self._stopped not in [key.fileobj for key, _ in selector.select()]:
                client, _ = self._listener.accept()
                traffic = Traffic()
                self.connections.append(traffic)
                self._start(self._relay, client, traffic)

    def _relay(self, client: socket.socket, traffic: Traffic) -> None:
        server = socket.create_connection((LOOPBACK, self._server_port))
        routes = {client: ("C", server), server: ("S", client)}
        with client, server, selectors.DefaultSelector() as selector, contextlib.suppress(ConnectionError):
            for end in (client, server, self._stopped):
                selector.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._stopped:
                        return
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    direction, target = routes[source]
                    data = source.recv(65536)
                    if not data:
                        return
                    traffic.events.append((direction, data))
                    target.sendall(data)
