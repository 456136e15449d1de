"""Opening a line to a server: name look-up and TCP; TLS is spoken by tls.

All waiting is done on non-blocking sockets together with a `Wake`, so that another thread can end it at
once on every system: closing or shutting down a socket under a thread that waits on it does not work
everywhere.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import selectors
import socket
import threading
import time
from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import TypeAlias

from qtmail.errors import ConnectionFailed, Layer, Stopped
from qtmail.protocols.failures import translate
from qtmail.protocols.tls import TlsTrust, tls_context
from qtmail.protocols.wake import Wake

__all__ = ["TlsTrust", "look_up_addresses", "open_socket", "stays_here", "tls_context"]

NEXT_ADDRESS_SECONDS = 0.25
"""How long one address is tried alone before the next joins in (RFC 8305 section 5)."""

_STARTED = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, getattr(errno, "WSAEWOULDBLOCK", 0)}

SocketAddress: TypeAlias = "tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]"


def stays_here(host: str) -> bool:
    """Whether the line to this host never leaves the computer, so that nobody else can read it."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_socket(host: str, port: int, timeout: float, stop: Wake | None = None) -> socket.socket:
    """A connected, non-blocking TCP socket.

    The addresses of the host are tried in the order of RFC 8305 (IPv6 and IPv4 in turn), each getting a
    short head start, so that one dead address does not delay the others. An IDN host name is converted
    (IDNA).

    Raises ConnectionFailed with layer NAME_LOOKUP or CONNECTION, and Stopped once `stop` is set.
    """
    deadline = time.monotonic() + timeout
    try:
        connected = _Race(look_up_addresses(host, port, deadline, stop), deadline, stop).run()
    except OSError as error:
        raise translate(error, host, port) from error
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return connected


def look_up_addresses(host: str, port: int, deadline: float, stop: Wake | None = None) -> list[SocketAddress]:
    """The addresses of a host in the order in which they are to be tried.

    The resolver is asked on a thread of its own, because nothing can interrupt it.

    Raises ConnectionFailed with layer NAME_LOOKUP, and Stopped once `stop` is set.
    """
    try:
        return _interleaved(_ask_resolver(host, port, deadline, stop))
    except (OSError, UnicodeError) as error:
        raise translate(error, host, port) from error


def _ask_resolver(host: str, port: int, deadline: float, stop: Wake | None) -> list[SocketAddress]:
    if not host:
        raise UnicodeError("empty host name")
    answer: list[list[SocketAddress] | Exception] = []
    done = Wake()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.append([(entry[0], entry[4]) for entry in found])
        except (OSError, UnicodeError) as error:
            answer.append(error)
        done.set()

    threading.Thread(target=ask, name="name look-up", daemon=True).start()
    try:
        _wait_for(done, deadline, stop)
    finally:
        done.close()
    if not answer:
        raise ConnectionFailed(
            f"Looking up the name {host} took too long.",
            advice="Check that this computer is online.",
            layer=Layer.NAME_LOOKUP,
        )
    if isinstance(answer[0], Exception):
        raise answer[0]
    return answer[0]


def _wait_for(done: Wake, deadline: float, stop: Wake | None) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(done, selectors.EVENT_READ)
        if stop is not None:
            selector.register(stop, selectors.EVENT_READ)
        selector.select(max(0.0, deadline - time.monotonic()))
    if stop is not None and stop.is_set:
        raise Stopped


def _interleaved(addresses: Iterable[SocketAddress]) -> list[SocketAddress]:
    """One family after the other in turn, beginning with the resolver's favourite."""
    families: dict[socket.AddressFamily, list[SocketAddress]] = {}
    for address in addresses:
        families.setdefault(address[0], []).append(address)
    turns = chain.from_iterable(zip_longest(*families.values()))
    return list(dict.fromkeys(address for address in turns if address is not None))


class _Race:
    """Connection attempts to several addresses, each started a little after the one before; the first
    wins."""

    def __init__(self, addresses: list[SocketAddress], deadline: float, stop: Wake | None) -> None:
        self._waiting = addresses
        self._deadline = deadline
        self._stop = stop
        self._next_start = 0.0
        self._attempts: set[socket.socket] = set()
        self._error: OSError = TimeoutError("no address answered in time")

    def run(self) -> socket.socket:
        with selectors.DefaultSelector() as selector:
            if self._stop is not None:
                selector.register(self._stop, selectors.EVENT_READ)
            try:
                winner = self._run(selector)
                self._attempts.discard(winner)
                return winner
            finally:
                for loser in self._attempts:
                    loser.close()

    def _run(self, selector: selectors.BaseSelector) -> socket.socket:
        while (now := time.monotonic()) < self._deadline:
            if self._waiting and now >= self._next_start:
                self._start(selector)
            if not self._attempts and not self._waiting:
                raise self._error
            pause = (min(self._next_start, self._deadline) if self._waiting else self._deadline) - now
            for key, _ in selector.select(max(0.0, pause)):
                if key.fileobj is self._stop:
                    raise Stopped
                if isinstance(key.fileobj, socket.socket) and self._finished(key.fileobj, selector):
                    return key.fileobj
        raise TimeoutError("no address answered in time")

    def _start(self, selector: selectors.BaseSelector) -> None:
        family, address = self._waiting.pop(0)
        self._next_start = time.monotonic() + NEXT_ADDRESS_SECONDS
        try:
            attempt = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # a family this computer does not have
            self._failed(error)
            return
        attempt.setblocking(False)
        self._attempts.add(attempt)
        selector.register(attempt, selectors.EVENT_WRITE)
        try:
            code = attempt.connect_ex(address)
        except OSError as error:  # an address without a route is told so on some systems
            code = error.errno or errno.EHOSTUNREACH
        if code not in _STARTED:
            self._lost(attempt, selector, OSError(code, os.strerror(code)))

    def _finished(self, attempt: socket.socket, selector: selectors.BaseSelector) -> bool:
        code = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._lost(attempt, selector, OSError(code, os.strerror(code)))
        return not code

    def _lost(self, attempt: socket.socket, selector: selectors.BaseSelector, error: OSError) -> None:
        selector.unregister(attempt)
        self._attempts.discard(attempt)
        attempt.close()
        self._failed(error)

    def _failed(self, error: OSError) -> None:
        self._error = error
        self._next_start = 0.0
