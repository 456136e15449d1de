"""A small ESMTP server for tests: keeps every message it accepts, byte for byte, and fails where it is told.

    with SmtpServer(answers={"RCPT bob@example.org": "550 5.1.1 no such user"}) as server: ...
    assert server.accepted[0].data == b"..."

Faults name a connection and a byte of what it said or heard, so that a test can go through all of them in
turn: run once without a fault, then once for each number below `bytes_in[0]` and `bytes_out[0]`. For exact
transcripts use ScriptedServer (tests/fakes/imap_server.py), which knows nothing of protocols.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from types import TracebackType

import trustme

from tests.fakes.smtp_line import Do, Fault, LeftError, Line

__all__ = ["CHALLENGE", "EVERYTHING", "Accepted", "Do", "Fault", "SmtpServer"]

PATIENCE = 10.0
"""Seconds after which a client that neither speaks nor leaves is given up."""

EVERYTHING = ("PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES")
"""What it offers unless told otherwise; STARTTLS and AUTH are added where they work."""
CHALLENGE = b"<1896.697170952@fake.example>"


@dataclass(frozen=True)
class Accepted:
    """A message the server took, and has to deliver.

    Attributes:
        sender, recipients: without angle brackets.
        data: exactly as the client meant it, dots unstuffed.
        parameters: what followed the sender's address ("SIZE=12 BODY=8BITMIME").
        recipient_parameters: the same for each recipient.
        chunks: the sizes of the BDAT chunks; empty after DATA.
        user: who had signed in, or "".
        connection: in which connection, from 1.
    """

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    parameters: str
    recipient_parameters: tuple[str, ...]
    chunks: tuple[int, ...]
    user: str
    connection: int


class SmtpServer:
    """Serves any number of connections on a loopback port, each on a thread of its own.

    Attributes:
        accepted: messages taken, in order.
        connections: how many were made.
        heard: for each connection the lines the client said, without the messages.
        bytes_in, bytes_out: for each connection, counted inside TLS.
        closed: how many connections are over.
    """

    def __init__(
        self,
        *,
        offers: Sequence[str] = EVERYTHING,
        users: Mapping[str, str] | None = None,
        mechanisms: Sequence[str] = ("PLAIN", "LOGIN", "CRAM-MD5"),
        answers: Mapping[str, str | Sequence[str]] | None = None,
        faults: Sequence[Fault] = (),
        certificate: trustme.LeafCert | None = None,
        implicit_tls: bool = False,
    ) -> None:
        """Args:
        offers: the lines of its EHLO reply; () makes it a server that knows only HELO.
        users: names and passwords; if given, mail is only taken from who has signed in.
        answers: replies by step, in place of the usual ones: "greeting", "EHLO", "MAIL", "RCPT",
            "RCPT bob@example.org", "DATA", "end" (after the final dot, or the last chunk), "BDAT", "RSET", …
            A list is used up one by one, after which the usual reply comes. What is refused has no effect; a
            reply of 421 closes the line; one that is "" is never sent. Lines of a long reply are separated by
            CRLF.
        certificate: with it STARTTLS is offered, or with `implicit_tls` TLS begins at once.
        """
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._context)
        self.offers = tuple(offers)
        self.users = users
        self.mechanisms = tuple(mechanisms)
        self.implicit_tls = implicit_tls
        self._answers: dict[str, Iterator[str]] = {
            step: repeat(said) if isinstance(said, str) else iter(said)
            for step, said in (answers or {}).items()
        }
        self._faults = tuple(faults)
        self.accepted: list[Accepted] = []
        self.heard: list[list[str]] = []
        self.closed = 0
        self._lines: list[Line] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = "127.0.0.1"
        self.port: int = self._listener.getsockname()[1]
        self._leaving = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="SMTP server", daemon=True)

    @property
    def connections(self) -> int:
        return len(self.heard)

    @property
    def bytes_in(self) -> list[int]:
        return [line.bytes_in for line in self._lines]

    @property
    def bytes_out(self) -> list[int]:
        return [line.bytes_out for line in self._lines]

    def __enter__(self) -> SmtpServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        with contextlib.suppress(OSError):  # wakes accept(), which closing does not do on every system
            socket.create_connection((self.host, self.port), PATIENCE).close()
        self._thread.join(PATIENCE)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)

    def context(self) -> ssl.SSLContext | None:
        return self._context

    def answer(self, *steps: str) -> str | None:
        """The reply a test wants at a step, the most particular name first; None for the usual one."""
        with self._lock:
            said = (next(self._answers.get(step, iter(())), None) for step in steps)
            return next((text for text in said if text is not None), None)

    def _fault(self, connection: int) -> Fault:
        return next((fault for fault in self._faults if fault.connection == connection), Fault())

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._leaving.is_set():
                connection.close()
                return
            connection.settimeout(PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.heard.append([])
                number = len(self.heard)
                self._lines.append(Line(connection, self._fault(number)))
            thread = threading.Thread(target=self._attend, args=(connection, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _attend(self, connection: socket.socket, number: int) -> None:
        line = self._lines[number - 1]
        with self._lock:
            self._open.add(connection)
        try:
            # A client may leave, or be turned away, at any byte.
            with contextlib.suppress(OSError, LeftError):
                _Dialogue(self, line, number).serve()
        finally:
            line.close()
            with self._lock:
                self._open.discard(connection)
                self.closed += 1


@dataclass
class _Envelope:
    sender: str
    parameters: str
    recipients: list[str] = field(default_factory=list)
    recipient_parameters: list[str] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    failed: bool = False


class _Dialogue:
    """One connection's conversation."""

    def __init__(self, server: SmtpServer, line: Line, number: int) -> None:
        self._server = server
        self._line = line
        self._number = number
        self._encrypted = False
        self._user = ""
        self._envelope: _Envelope | None = None

    def serve(self) -> None:
        if self._server.implicit_tls:
            self._begin_tls()
        if not self._reply("220 fake.example ESMTP ready", "greeting"):
            return
        while True:
            said = self._line.line().decode("utf-8", "surrogateescape")
            self._server.heard[self._number - 1].append(said)
            verb, _, rest = said.partition(" ")
            if not self._obey(verb.upper(), rest):
                return

    def _obey(self, verb: str, rest: str) -> bool:
        """Answer a command; False ends the connection."""
        match verb:
            case "EHLO" if self._server.offers:
                return self._reply("\r\n".join(self._capabilities()), verb)
            case "HELO":
                return self._reply("250 fake.example", verb)
            case "STARTTLS" if self._server.context() and not self._encrypted:
                if self._agreed("220 begin", verb):
                    self._begin_tls()
                return True
            case "AUTH":
                return self._authenticate(rest)
            case "MAIL":
                return self._mail(rest)
            case "RCPT":
                return self._recipient(rest)
            case "DATA":
                return self._data()
            case "BDAT":
                return self._chunk(rest)
            case "RSET":
                self._envelope = None
                return self._reply("250 2.0.0 forgotten", verb)
            case "NOOP":
                return self._reply("250 2.0.0 still here", verb)
            case "QUIT":
                self._reply("221 2.0.0 bye", verb)
                return False
        return self._reply("500 5.5.1 what?", verb)

    def _capabilities(self) -> list[str]:
        offered = ["fake.example", *self._server.offers]
        if self._server.context() and not self._encrypted:
            offered.append("STARTTLS")
        if self._server.users is not None:
            offered.append("AUTH " + " ".join(self._server.mechanisms))
        return [f"250-{line}" for line in offered[:-1]] + [f"250 {offered[-1]}"]

    def _begin_tls(self) -> None:
        context = self._server.context()
        assert context is not None
        self._line.begin_tls(context)
        self._encrypted = True
        self._envelope = None

    # -- replies -----------------------------------------------------------------------------------

    def _reply(self, usual: str, *steps: str) -> bool:
        """Send the reply for a step; False if it ends the connection."""
        return not self._say(usual, *steps).startswith("421")

    def _agreed(self, usual: str, *steps: str) -> bool:
        """Send the reply for a step; whether it lets the client go on."""
        text = self._say(usual, *steps)
        if text.startswith("421"):
            raise LeftError
        return text[:1] in ("2", "3")

    def _say(self, usual: str, *steps: str) -> str:
        wanted = self._server.answer(*steps)
        text = usual if wanted is None else wanted
        if text:
            self._line.send(text.encode() + b"\r\n")
        return text

    # -- signing in --------------------------------------------------------------------------------

    def _authenticate(self, rest: str) -> bool:
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() not in self._server.mechanisms or self._server.users is None:
            return self._reply("504 5.5.4 no such mechanism", "AUTH")
        wanted = self._server.answer(f"AUTH {mechanism.upper()}", "AUTH")
        if wanted is not None:
            self._line.send(wanted.encode() + b"\r\n")
            return not wanted.startswith("421")
        user = self._prove(mechanism.upper(), initial)
        if user is None:
            return self._reply("535 5.7.8 wrong user name or password", "AUTH end")
        self._user = user
        return self._reply("235 2.7.0 welcome", "AUTH end")

    def _prove(self, mechanism: str, initial: str) -> str | None:
        """Who signed in, or None."""
        users = self._server.users or {}
        if mechanism == "PLAIN":
            response = base64.b64decode(initial) if initial else self._ask(b"")
            _, user, password = response.split(b"\0") if response.count(b"\0") == 2 else (b"", b"", b"")
            proved = users.get(user.decode()) == password.decode()
        elif mechanism == "LOGIN":
            user, password = self._ask(b"Username:"), self._ask(b"Password:")
            proved = users.get(user.decode()) == password.decode()
        else:
            user, _, digest = self._ask(CHALLENGE).rpartition(b" ")
            secret = users.get(user.decode(), "").encode()
            proved = hmac.new(secret, CHALLENGE, "md5").hexdigest().encode() == digest
        return user.decode() if proved and user.decode() in users else None

    def _ask(self, challenge: bytes) -> bytes:
        self._line.send(b"334 " + base64.b64encode(challenge) + b"\r\n")
        said = self._line.line()
        return b"" if said == b"*" else base64.b64decode(said)

    # -- messages ----------------------------------------------------------------------------------

    def _mail(self, rest: str) -> bool:
        match = re.fullmatch(r"FROM:<([^>]*)> ?(.*)", rest, re.IGNORECASE)
        if match is None:
            return self._reply("501 5.5.4 bad sender")
        if self._envelope is not None:
            return self._reply("503 5.5.1 one at a time")
        if self._server.users is not None and not self._user:
            return self._reply("530 5.7.0 sign in first")
        if self._agreed("250 2.1.0 sender fine", "MAIL"):
            self._envelope = _Envelope(match[1], match[2])
        return True

    def _recipient(self, rest: str) -> bool:
        match = re.fullmatch(r"TO:<([^>]*)> ?(.*)", rest, re.IGNORECASE)
        if match is None or self._envelope is None:
            return self._reply("503 5.5.1 no sender yet")
        if self._agreed("250 2.1.5 recipient fine", f"RCPT {match[1]}", "RCPT"):
            self._envelope.recipients.append(match[1])
            self._envelope.recipient_parameters.append(match[2])
        return True

    def _data(self) -> bool:
        envelope = self._envelope
        if envelope is None or not envelope.recipients:
            # With "354" for DATA the server is one that finds out only after the dot.
            if not self._agreed("554 5.5.1 no valid recipients", "DATA nobody"):
                return True
            self._line.until_dot()
            return self._reply("554 5.5.1 no valid recipients", "end")
        if not self._agreed("354 go on", "DATA"):
            return True
        data = self._line.until_dot()
        return self._take(envelope, data, ())

    def _chunk(self, rest: str) -> bool:
        size, _, last = rest.partition(" ")
        data = self._line.exactly(int(size))
        envelope = self._envelope
        if envelope is None or not envelope.recipients or envelope.failed:
            return self._reply("503 5.5.1 no valid recipients")
        envelope.chunks.append(data)
        if last:
            return self._take(envelope, b"".join(envelope.chunks), tuple(map(len, envelope.chunks)))
        envelope.failed = not self._agreed("250 2.0.0 more", "BDAT")
        return True

    def _take(self, envelope: _Envelope, data: bytes, chunks: tuple[int, ...]) -> bool:
        """What the reply says is done before it is sent, as a server does that keeps its word."""
        self._envelope = None
        wanted = self._server.answer("end")
        text = "250 2.0.0 taken" if wanted is None else wanted
        if text.startswith("2"):
            message = Accepted(
                envelope.sender,
                tuple(envelope.recipients),
                data,
                envelope.parameters,
                tuple(envelope.recipient_parameters),
                chunks,
                self._user,
                self._number,
            )
            self._server.accepted.append(message)
        if text:
            self._line.send(text.encode() + b"\r\n")
        return not text.startswith("421")
