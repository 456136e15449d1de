"""A small POP3 server for tests: keeps a mailbox as the standard says, and fails where it is told.

    with Pop3Server([b"Subject: one\\r\\n\\r\\n"], answers={"RETR 1": "-ERR [SYS/TEMP] later"}) as server: ...
    assert server.mails == [...]

What is deleted in a session is gone once its QUIT was answered, and never otherwise. Faults name a connection
and a byte of what it said or heard, so that a test can go through all of them in turn: run once without a
fault, then once for each number below `bytes_in[0]` and `bytes_out[0]`. For exact transcripts use
ScriptedServer (tests/fakes/imap_server.py), which knows nothing of protocols.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import itertools
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from types import TracebackType

import trustme

from tests.fakes.smtp_line import Do, Fault, LeftError, Line

__all__ = ["CHALLENGE", "EVERYTHING", "TIMESTAMP", "Do", "Fault", "Mail", "Pop3Server"]

PATIENCE = 10.0
"""Seconds after which a client that neither speaks nor leaves is given up."""

EVERYTHING = ("TOP", "UIDL", "USER", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "EXPIRE NEVER")
"""What CAPA tells; SASL and STLS come by themselves."""

CHALLENGE = b"<1896.697170952@fake.example>"
TIMESTAMP = "<1896.697170953@fake.example>"
"""What APOP needs, in the greeting."""


@dataclass(frozen=True)
class Mail:
    """A message in the mailbox, with CRLF line ends."""

    uidl: bytes
    data: bytes


class Pop3Server:
    """Serves any number of connections to one mailbox on a loopback port, each on a thread of its own.

    Attributes:
        mails: what is in the mailbox; tests may change it between sessions.
        faults: what goes wrong; may be changed as well.
        connections: how many were made.
        heard: for each connection the lines the client said.
        bytes_in, bytes_out: for each connection, counted inside TLS.
        closed: how many connections are over.
    """

    def __init__(
        self,
        messages: Iterable[bytes | Mail] = (),
        *,
        capabilities: Sequence[str] | None = EVERYTHING,
        unknown: Sequence[str] = (),
        users: Mapping[str, str] | None = None,
        mechanisms: Sequence[str] = ("PLAIN",),
        answers: Mapping[str, str | Sequence[str]] | None = None,
        faults: Sequence[Fault] = (),
        certificate: trustme.LeafCert | None = None,
        implicit_tls: bool = False,
    ) -> None:
        """Args:
        messages: bare ones get unique ids.
        capabilities: None makes it a server that does not know CAPA.
        unknown: commands it does not know ("UIDL", "TOP").
        users: names and passwords; by default "eva" with "secret".
        answers: in place of the usual ones, by step: "greeting", a verb ("LIST"), or a verb and its argument
            ("RETR 3"); "AUTH end" is the verdict of an AUTH. Given whole, lines separated by CRLF, the dot at
            the end of a list included. A list is used up one by one, after which the usual answer comes. What
            is refused has no effect; what is "" is never sent.
        certificate: with it STLS is offered, or with `implicit_tls` TLS begins at once.
        """
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._context)
        self._numbers = itertools.count(1)
        self.mails: list[Mail] = []
        self.put(*messages)
        self.capabilities = capabilities
        self.unknown = frozenset(unknown)
        self.users = {"eva": "secret"} if users is None else users
        self.mechanisms = tuple(mechanisms)
        self.implicit_tls = implicit_tls
        self._answers: dict[str, Iterator[str]] = {
            step: repeat(said) if isinstance(said, str) else iter(said)
            for step, said in (answers or {}).items()
        }
        self.faults = tuple(faults)
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
        self._thread = threading.Thread(target=self._serve, name="POP3 server", daemon=True)

    @property
    def connections(self) -> int:
        return len(self.heard)

    @property
    def bytes_in(self) -> list[int]:
        return [line.bytes_in for line in self._lines]

    @property
    def bytes_out(self) -> list[int]:
        return [line.bytes_out for line in self._lines]

    def put(self, *messages: bytes | Mail) -> None:
        """Deliver messages."""
        for message in messages:
            mail = message if isinstance(message, Mail) else Mail(b"uid-%d" % next(self._numbers), message)
            self.mails.append(mail)

    def __enter__(self) -> Pop3Server:
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
        """The answer a test wants at a step, the most particular name first; None for the usual one."""
        with self._lock:
            said = (next(self._answers.get(step, iter(())), None) for step in steps)
            return next((text for text in said if text is not None), None)

    def remove(self, mails: Sequence[Mail]) -> None:
        """Delete for good."""
        with self._lock:
            self.mails = [kept for kept in self.mails if not any(kept is mail for mail in mails)]

    def _fault(self, connection: int) -> Fault:
        return next((fault for fault in self.faults if fault.connection == connection), Fault())

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
                self._open.add(connection)
            thread = threading.Thread(target=self._attend, args=(connection, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _attend(self, connection: socket.socket, number: int) -> None:
        line = self._lines[number - 1]
        try:
            # A client may leave, or be turned away, at any byte.
            with contextlib.suppress(OSError, LeftError):
                _Dialogue(self, line, self.heard[number - 1]).serve()
        finally:
            line.close()
            with self._lock:
                self._open.discard(connection)
                self.closed += 1


class _Dialogue:
    """One connection's conversation."""

    def __init__(self, server: Pop3Server, line: Line, heard: list[str]) -> None:
        self._server = server
        self._line = line
        self._heard = heard
        self._encrypted = False
        self._name = ""
        self._mails: list[Mail] | None = None
        self._deleted: set[int] = set()

    def serve(self) -> None:
        if self._server.implicit_tls:
            self._begin_tls()
        if not self._say(f"+OK fake.example ready {TIMESTAMP}", "greeting"):
            return
        while True:
            said = self._line.line().decode("utf-8", "surrogateescape")
            self._heard.append(said)
            verb, _, rest = said.partition(" ")
            verb = verb.upper()
            if verb == "QUIT":
                return self._quit()
            if verb in self._server.unknown:
                self._say("-ERR what?")
            elif self._mails is None or verb == "CAPA":
                self._authorise(verb, rest)
            else:
                self._transact(verb, rest, self._mails)

    def _say(self, usual: str | bytes, *steps: str) -> bool:
        """Send the answer for a step; whether it is a positive one."""
        wanted = self._server.answer(*steps)
        text = usual if wanted is None else wanted
        data = text.encode() if isinstance(text, str) else text
        if data:
            self._line.send(data + b"\r\n")
        return data.startswith(b"+OK")

    def _say_list(self, lines: Iterable[bytes], *steps: str) -> bool:
        return self._say(b"\r\n".join([b"+OK here it comes", *lines, b"."]), *steps)

    def _begin_tls(self) -> None:
        context = self._server.context()
        assert context is not None
        self._line.begin_tls(context)
        self._encrypted = True

    # -- who is there ------------------------------------------------------------------------------

    def _authorise(self, verb: str, rest: str) -> None:
        match verb:
            case "CAPA" if self._server.capabilities is not None:
                self._say_list(self._capabilities(self._server.capabilities), verb)
            case "STLS" if self._server.context() and not self._encrypted:
                if self._say("+OK begin", verb):
                    self._begin_tls()
            case "UTF8":
                self._say("+OK", verb)
            case "USER":
                self._name = rest
                self._say("+OK and the password?", verb)
            case "PASS":
                proved = self._server.users.get(self._name) == rest
                self._let_in(proved, f"PASS {rest}", verb)
            case "APOP":
                name, _, digest = rest.partition(" ")
                secret = TIMESTAMP + self._server.users.get(name, "")
                self._let_in(hashlib.md5(secret.encode()).hexdigest() == digest, verb)
            case "AUTH":
                self._authenticate(rest)
            case _:
                self._say("-ERR what?", verb)

    def _capabilities(self, told: Sequence[str]) -> Iterator[bytes]:
        yield from (line.encode() for line in told)
        if self._server.mechanisms:
            yield b"SASL " + " ".join(self._server.mechanisms).encode()
        if self._server.context() and not self._encrypted:
            yield b"STLS"

    def _let_in(self, proved: bool, *steps: str) -> None:
        if self._say("+OK welcome" if proved else "-ERR [AUTH] wrong user name or password", *steps):
            self._mails = list(self._server.mails)

    def _authenticate(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() not in self._server.mechanisms:
            self._say("-ERR no such mechanism", "AUTH")
            return
        wanted = self._server.answer(f"AUTH {mechanism.upper()}", "AUTH")
        if wanted is not None:
            self._line.send(wanted.encode() + b"\r\n")
            return
        self._let_in(self._prove(mechanism.upper(), initial), "AUTH end")

    def _prove(self, mechanism: str, initial: str) -> bool:
        users = self._server.users
        if mechanism == "PLAIN":
            response = base64.b64decode(initial) if initial else self._ask(b"")
            _, user, password = response.split(b"\0") if response.count(b"\0") == 2 else (b"", b"", b"")
        elif mechanism == "LOGIN":
            user, password = self._ask(b"Username:"), self._ask(b"Password:")
        else:
            user, _, digest = self._ask(CHALLENGE).rpartition(b" ")
            secret = users.get(user.decode(), "").encode()
            return hmac.new(secret, CHALLENGE, "md5").hexdigest().encode() == digest
        return users.get(user.decode()) == password.decode()

    def _ask(self, challenge: bytes) -> bytes:
        self._line.send(b"+ " + base64.b64encode(challenge) + b"\r\n")
        said = self._line.line()
        return b"" if said == b"*" else base64.b64decode(said)

    # -- messages ----------------------------------------------------------------------------------

    def _transact(self, verb: str, rest: str, mails: list[Mail]) -> None:
        kept = {n: mail for n, mail in enumerate(mails, start=1) if n not in self._deleted}
        match verb:
            case "STAT":
                self._say(f"+OK {len(kept)} {sum(len(mail.data) for mail in kept.values())}", verb)
            case "LIST" if not rest:
                self._say_list((b"%d %d" % (n, len(mail.data)) for n, mail in kept.items()), verb)
            case "UIDL" if not rest:
                self._say_list((b"%d %s" % (n, mail.uidl) for n, mail in kept.items()), verb)
            case "RETR" | "TOP" | "DELE":
                self._one(verb, rest, kept)
            case "RSET":
                if self._say("+OK nothing is deleted", verb):
                    self._deleted.clear()
            case "NOOP":
                self._say("+OK still here", verb)
            case _:
                self._say("-ERR what?", verb)

    def _one(self, verb: str, rest: str, kept: Mapping[int, Mail]) -> None:
        number, _, lines = rest.partition(" ")
        mail = kept.get(int(number))
        if mail is None:
            self._say("-ERR no such message", verb)
        elif verb == "RETR":
            self._say(b"+OK %d bytes\r\n%s." % (len(mail.data), _stuffed(mail.data)), f"RETR {number}", verb)
        elif verb == "TOP":
            head, _, body = mail.data.partition(b"\r\n\r\n")
            some = b"".join(body.splitlines(keepends=True)[: int(lines)])
            self._say(b"+OK\r\n%s." % _stuffed(head + b"\r\n\r\n" + some), f"TOP {number}", verb)
        elif self._say("+OK deleted", f"DELE {number}", verb):
            self._deleted.add(int(number))

    def _quit(self) -> None:
        """Deletes before it answers, as a server must that says whether it could."""
        wanted = self._server.answer("QUIT")
        text = "+OK bye" if wanted is None else wanted
        if self._mails is not None and not text.startswith("-ERR"):
            self._server.remove([self._mails[number - 1] for number in self._deleted])
        if text:
            self._line.send(text.encode() + b"\r\n")


def _stuffed(data: bytes) -> bytes:
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    return (b"\r\n" + ended).replace(b"\r\n.", b"\r\n..")[2:]
