"""The bytes of one connection to a fake SMTP server, and where they are cut short."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from dataclasses import dataclass
from enum import Enum


class Do(Enum):
    """What a fault does to the line."""

    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"
    """Nothing is read or said any more until the client leaves."""


@dataclass(frozen=True)
class Fault:
    """On a connection, after so many bytes, do this.

    Attributes:
        after_in: bytes of the client's that are still read, and whose commands still take effect; nothing is
            answered to the last of them.
        after_out: bytes that are still sent.
        connection: from 1; later ones work.
    """

    after_in: int | None = None
    after_out: int | None = None
    do: Do = Do.CLOSE
    connection: int = 1


class LeftError(Exception):
    """The line is gone, as the client or a fault wanted it."""


class Line:
    """Bytes of one connection, counted inside TLS, up to its fault."""

    def __init__(self, connection: socket.socket, fault: Fault) -> None:
        self._socket = connection
        self._fault = fault
        self._input = b""
        self.bytes_in = 0
        self.bytes_out = 0

    def begin_tls(self, context: ssl.SSLContext) -> None:
        self._socket = context.wrap_socket(self._socket, server_side=True)
        self._input = b""

    def close(self) -> None:
        self._socket.close()

    def line(self) -> bytes:
        while b"\n" not in self._input:
            self._receive()
        said, _, self._input = self._input.partition(b"\n")
        return said.removesuffix(b"\r")

    def exactly(self, size: int) -> bytes:
        while len(self._input) < size:
            self._receive()
        data, self._input = self._input[:size], self._input[size:]
        return data

    def until_dot(self) -> bytes:
        """A message as it was before dots were stuffed in."""
        lines: list[bytes] = []
        while (line := self.line_with_end()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def line_with_end(self) -> bytes:
        while b"\r\n" not in self._input:
            self._receive()
        said, _, self._input = self._input.partition(b"\r\n")
        return said + b"\r\n"

    def _receive(self) -> None:
        left = self._left(self._fault.after_in, self.bytes_in)
        if left == 0:
            self._fail()
        data = self._socket.recv(min(65536, left if left is not None else 65536))
        if not data:
            raise LeftError
        self.bytes_in += len(data)
        self._input += data

    def send(self, data: bytes) -> None:
        if self._left(self._fault.after_in, self.bytes_in) == 0 and not self._input:
            self._fail()
        left = self._left(self._fault.after_out, self.bytes_out)
        if left is not None and left < len(data):
            self._send(data[:left])
            self._fail()
        self._send(data)

    def _send(self, data: bytes) -> None:
        self._socket.sendall(data)
        self.bytes_out += len(data)

    def _left(self, limit: int | None, used: int) -> int | None:
        return None if limit is None else max(0, limit - used)

    def _fail(self) -> None:
        if self._fault.do is Do.STALL:
            with contextlib.suppress(OSError):
                while self._socket.recv(65536):
                    pass
        elif self._fault.do is Do.RESET:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise LeftError
