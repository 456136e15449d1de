"""One HTTP request and its answer, on a line of its own that gives up in time and can be ended at once.

The standard library reads and writes HTTP; here is the line it does so on. What may be asked, where, and in
which words a fault is told is up to `web` (settings, tokens) and `remote_image` (pictures of messages).
"""

from __future__ import annotations

import http.client
import io
import selectors
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from qtmail.errors import Stopped
from qtmail.protocols.wake import Wake

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_CHUNK = 64 * 1024
_LONGEST_HOST = 253
_BESIDES = 1 << 20
"""Bytes an answer may have besides twice its largest body: header fields, sizes of chunks."""


class TooLarge(http.client.HTTPException):
    """The answer has more bytes than are wanted."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    Attributes:
        parts: where to, as `web_address` makes it.
        headers: all header fields but Host and Content-Length.
    """

    method: Literal["GET", "POST"]
    parts: SplitResult
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a web server answered.

    Attributes:
        location: where it sends us on to; "" unless it does. The body is then not read.
        content_type: as the server wrote it, its parameters included.
    """

    status: int
    location: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """When to give up.

    Attributes:
        deadline: on the clock of `time.monotonic`.
        max_bytes: the largest body that is read.
        stop: ends every wait.
    """

    deadline: float
    max_bytes: int
    stop: Wake | None = None


def web_address(url: str, base: str = "") -> SplitResult:
    """The parts of an http or https URL, which may be relative to `base`, encoded so that they can stand in a
    request line.

    Raises ValueError, in words for a developer, for what is no such URL or carries a user name.
    """
    parts = urlsplit(urljoin(base, url.strip()))
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("neither http nor https")
    if "@" in parts.netloc:
        raise ValueError("carries a user name")
    if len(parts.hostname) > _LONGEST_HOST:
        raise ValueError("a name longer than any host's")
    _ = parts.port  # raises for a port that is no number
    return parts._replace(
        netloc=parts.netloc.encode("idna").decode("ascii"),
        path=_encoded(parts.path),
        query=_encoded(parts.query),
    )


def port_of(parts: SplitResult) -> int:
    """The port a URL leads to, the usual one of its scheme where it names none."""
    return parts.port or _PORTS[parts.scheme]


def exchange(
    connected: socket.socket, request: Request, limits: Limits, tls: ssl.SSLContext | None = None
) -> Answer:
    """Send one request over a connected, non-blocking socket, which is closed afterwards, and read the
    answer; encrypted if there is a `tls`.

    Raises OSError (TimeoutError at the deadline), http.client.HTTPException, TooLarge and Stopped.
    """
    line = _Line(connected, limits)
    try:
        if tls is not None:
            line.encrypt(tls, request.parts.hostname or "")
        return _converse(_Connection(line, request.parts), request, limits.max_bytes)
    finally:
        line.end.close()


def _converse(connection: http.client.HTTPConnection, request: Request, max_bytes: int) -> Answer:
    target = (request.parts.path or "/") + (f"?{request.parts.query}" if request.parts.query else "")
    connection.request(request.method, target, body=request.body, headers=dict(request.headers))
    response = connection.getresponse()
    location = (response.getheader("Location") or "") if response.status in REDIRECTS else ""
    body = b"" if location else _read(response, max_bytes)
    return Answer(response.status, location, response.getheader("Content-Type") or "", body)


def _encoded(text: str) -> str:
    """`text` with everything that may not stand in a request line percent-encoded, its own escapes kept."""
    return "".join(
        character
        if 0x21 <= ord(character) <= 0x7E
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def _read(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge(f"more than {max_bytes} bytes")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(chunks)


class _Connection(http.client.HTTPConnection):
    """An HTTP connection over a line that is already open."""

    def __init__(self, line: _Line, parts: SplitResult) -> None:
        super().__init__(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self.default_port = _PORTS[parts.scheme]  # otherwise the Host field names it
        self.sock = line  # it has all of a socket that http.client asks for


class _Line:
    """A non-blocking socket that looks to `http.client` like one that blocks."""

    def __init__(self, connected: socket.socket, limits: Limits) -> None:
        self.end = connected
        self._limits = limits
        self._room = 2 * limits.max_bytes + _BESIDES

    def encrypt(self, tls: ssl.SSLContext, host: str) -> None:
        """Raises ssl.SSLError, TimeoutError, Stopped."""
        secure = tls.wrap_socket(self.end, server_hostname=host.rstrip("."), do_handshake_on_connect=False)
        self.end = secure
        while True:
            try:
                return secure.do_handshake()
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                self._wait(selectors.EVENT_WRITE)

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self.end.send(rest) :]
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ)
            except (ssl.SSLWantWriteError, BlockingIOError):
                self._wait(selectors.EVENT_WRITE)

    def receive(self, buffer: WriteableBuffer) -> int:
        """Read what there is, at least a byte; 0 at the end. Raises TooLarge."""
        while True:
            self._check_time()  # a line that never runs dry is never waited for
            try:
                count = self.end.recv_into(buffer)
                self._room -= count
                if self._room < 0:
                    raise TooLarge("an answer far larger than its body may be")
                return count
            except (ssl.SSLWantReadError, BlockingIOError):
                self._wait(selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                self._wait(selectors.EVENT_WRITE)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Input(self))

    def close(self) -> None:
        """Nothing: http.client closes its end before it has read the answer; `exchange` closes the line."""

    def _wait(self, events: int) -> None:
        limits = self._limits
        with selectors.DefaultSelector() as selector:
            selector.register(self.end, events)
            if limits.stop is not None:
                selector.register(limits.stop, selectors.EVENT_READ)
            selector.select(max(0.0, limits.deadline - time.monotonic()))
        self._check_time()

    def _check_time(self) -> None:
        """Raises TimeoutError, Stopped."""
        if self._limits.stop is not None and self._limits.stop.is_set:
            raise Stopped
        if time.monotonic() >= self._limits.deadline:
            raise TimeoutError("the time is over")


class _Input(io.RawIOBase):
    """What arrives on a line, as a file."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._line.receive(buffer)
