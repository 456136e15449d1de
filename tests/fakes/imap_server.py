"""A server that follows a script to the letter: for what a real server will not do.

A script is a transcript of one connection. What the client says is compared with it line by line; whatever
the client says beyond it, and every connection beyond the scripts, fails the test when the server is left:

    with ScriptedServer(transcript('''
        S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready
        C: q1 LOGIN "eva" "secret"
        S: q1 NO [AUTHENTICATIONFAILED] go away
    ''')) as server: ...
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TypeAlias

import trustme

PATIENCE = 10.0
"""Seconds after which a client that neither speaks nor leaves fails the test."""


@dataclass(frozen=True)
class Expect:
    """The client says exactly this line, or with `pattern` one that matches it."""

    line: str
    pattern: bool = False

    def check(self, said: str) -> None:
        agrees = re.fullmatch(self.line, said) if self.pattern else self.line == said
        if not agrees:
            raise AssertionError(f"client said {said!r}, not {self.line!r}")


@dataclass(frozen=True)
class Answer:
    """The client says any line, and the server what is made of it: for what depends on a random number."""

    made_of: Callable[[str], str]


@dataclass(frozen=True)
class Send:
    """The server sends these bytes."""

    data: bytes


@dataclass(frozen=True)
class ExpectBytes:
    """The client sends exactly these bytes (a literal)."""

    data: bytes


@dataclass(frozen=True)
class BeginTls:
    """The server begins TLS."""


@dataclass(frozen=True)
class Drop:
    """The server closes the line; with `reset` by a TCP reset."""

    reset: bool = False


@dataclass(frozen=True)
class Stall:
    """The server says nothing more until the client leaves; what the client says is ignored."""


@dataclass(frozen=True)
class Flood:
    """The server sends these bytes again and again until the client leaves."""

    data: bytes


@dataclass(frozen=True)
class Wait:
    """The server waits until the test sets the event."""

    event: threading.Event


Step: TypeAlias = Expect | Answer | ExpectBytes | Send | BeginTls | Drop | Stall | Flood | Wait
Script: TypeAlias = Sequence[Step]


def transcript(text: str) -> list[Step]:
    """Steps written as lines: `S: ` the server sends, `C: ` the client says, `C~ ` the client says what
    matches.

    `TLS`, `DROP`, `RESET` and `STALL` on a line of their own are those steps.
    """
    words: dict[str, Step] = {"TLS": BeginTls(), "DROP": Drop(), "RESET": Drop(reset=True), "STALL": Stall()}
    steps: list[Step] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        who, _, said = line.partition(" ")
        match who:
            case "S:":
                steps.append(Send(said.encode() + b"\r\n"))
            case "C:":
                steps.append(Expect(said))
            case "C~":
                steps.append(Expect(said, pattern=True))
            case _:
                steps.append(words[line])
    return steps


class ScriptedServer:
    """Plays one script for each connection in turn, on a loopback port.

    Attributes:
        port: where it listens.
        connections: how many were made.
    """

    def __init__(
        self,
        *scripts: Script,
        certificate: trustme.LeafCert | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._scripts = scripts
        self._context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            certificate.configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._faults: list[str] = []
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="scripted server", daemon=True)

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        with contextlib.suppress(OSError):  # wakes accept(), which closing does not do on every system
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
        self._thread.join(PATIENCE + 1)
        self._listener.close()
        if error is None and self._thread.is_alive():
            self._faults.append("a connection is still open")
        if error is None and self._faults:
            raise AssertionError("; ".join(self._faults))

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._leaving.is_set():
                connection.close()
                return
            script = self._scripts[self.connections] if self.connections < len(self._scripts) else None
            self.connections += 1
            if script is None:
                self._faults.append("the client made one connection too many")
                connection.close()
                continue
            connection.settimeout(PATIENCE)
            peer = _Peer(connection, self._context)
            try:
                peer.play(script)
            except (AssertionError, OSError) as error:
                self._faults.append(f"connection {self.connections}: {error}")
            finally:
                peer.close()


class _Peer:
    """One connection of a client."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self._connection = connection
        self._context = context
        self._input = b""

    def close(self) -> None:
        self._connection.close()

    def play(self, script: Script) -> None:
        for step in script:
            match step:
                case Expect():
                    step.check(self._line())
                case ExpectBytes(data):
                    said = self._exactly(len(data))
                    if said != data:
                        raise AssertionError(f"client sent {said!r}, not {data!r}")
                case Answer(made_of):
                    self._connection.sendall(made_of(self._line()).encode() + b"\r\n")
                case Send(data):
                    self._connection.sendall(data)
                case BeginTls():
                    if not self._begin_tls():
                        return
                case Flood(data):
                    with contextlib.suppress(ConnectionError):
                        while True:
                            self._connection.sendall(data)
                    return
                case Wait(event):
                    event.wait(PATIENCE)
                case Stall():
                    self._until_gone()
                    return
                case Drop(reset):
                    if reset:
                        linger = struct.pack("ii", 1, 0)
                        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return
        if said := self._input + self._until_gone():
            raise AssertionError(f"client went on with {said!r}")

    def _begin_tls(self) -> bool:
        """False if the client broke the handshake off, as it does when it does not like the certificate."""
        if self._input:
            raise AssertionError(f"client sent {self._input!r} before TLS")
        try:
            self._connection = self._context.wrap_socket(self._connection, server_side=True)
        except (ssl.SSLError, ConnectionError):
            return False
        return True

    def _line(self) -> str:
        while b"\r\n" not in self._input:
            self._receive()
        line, self._input = self._input.split(b"\r\n", 1)
        return line.decode()

    def _exactly(self, size: int) -> bytes:
        while len(self._input) < size:
            self._receive()
        data, self._input = self._input[:size], self._input[size:]
        return data

    def _receive(self) -> None:
        data = self._connection.recv(65536)
        if not data:
            raise AssertionError(f"client left after {self._input!r}")
        self._input += data

    def _until_gone(self) -> bytes:
        """All that comes until the client closes, resets or truncates the line."""
        said = b""
        try:
            while data := self._connection.recv(65536):
                said += data
        except (ConnectionError, ssl.SSLError):
            pass
        return said
