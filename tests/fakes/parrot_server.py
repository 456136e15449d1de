"""A server that repeats, in its refusal, everything it was told while somebody signed in to it."""

from __future__ import annotations

import base64
import binascii
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Self

_CRAM_CHALLENGE = b"<1896.697170952@parrot.example>"


class ParrotServer:
    """Speaks as much IMAP, POP3 or SMTP as a sign-in takes, on loopback, and refuses it.

    Args:
        protocol: "imap", "pop3" or "smtp".
        mechanisms: what AUTH offers; none: the protocol's own way.
        hang_up: close the line in place of a refusal, after repeating what was said.

    Attributes:
        heard: what was said that nobody else may hear, as it was on the line.
    """

    def __init__(self, protocol: str, *mechanisms: str, hang_up: bool = False) -> None:
        self._protocol = protocol
        self._mechanisms = mechanisms
        self._hang_up = hang_up
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="parrot", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        """One after another, up to the end."""
        with contextlib.suppress(OSError):
            while True:
                self._talk(self._listener.accept()[0])

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, StopIteration), connection, connection.makefile("rwb") as line:
            connection.settimeout(10)
            for said in self._speak(line):
                line.write(said + b"\r\n")
                line.flush()

    def _speak(self, line: object) -> Iterator[bytes]:
        match self._protocol:
            case "imap":
                yield from self._imap(line)
            case "pop3":
                yield from self._pop3(line)
            case _:
                yield from self._smtp(line)

    # -- the protocols

    def _imap(self, line: object) -> Iterator[bytes]:
        offers = " ".join(["IMAP4rev1", *(f"AUTH={name}" for name in self._mechanisms)])
        yield f"* OK [CAPABILITY {offers}] parrot".encode()
        for tag, command in _lines(line, 1):
            word, _, rest = command.partition(b" ")
            if word == b"AUTHENTICATE":
                yield from self._challenges(line, rest, b"+ ")
            elif word == b"LOGIN":
                yield from self._password(line, rest)
            if self._hang_up and self.heard:
                yield b"* BYE I do not like " + self._all()
                return
            yield tag + (b" NO what is " + self._all() if self.heard else b" OK")

    def _password(self, line: object, rest: bytes) -> Iterator[bytes]:
        """The last word of a LOGIN, which may come as a literal (RFC 9051 section 4.3)."""
        word = rest.partition(b" ")[2]
        if word.startswith(b"{"):
            yield b"+ go on"
            word = next(_lines(line, 0))[0]
        self.heard.append(word[1:-1] if word.startswith(b'"') else word)

    def _pop3(self, line: object) -> Iterator[bytes]:
        yield b"+OK parrot <1896.697170952@parrot.example>"
        for word, rest in _lines(line, 1):
            match word:
                case b"CAPA":
                    own = [] if self._mechanisms else ["USER"]
                    offers = [*own, *(["SASL " + " ".join(self._mechanisms)] if self._mechanisms else [])]
                    yield "\r\n".join(["+OK", *offers, "."]).encode()
                case b"USER":
                    yield b"+OK"
                case b"PASS" | b"APOP" | b"AUTH":
                    if word == b"AUTH":
                        yield from self._challenges(line, rest, b"+ ")
                    else:
                        self.heard.append(rest.rpartition(b" ")[2])
                    yield b"-ERR unknown command: " + self._all()
                    if self._hang_up:
                        return
                case _:
                    yield b"-ERR"

    def _smtp(self, line: object) -> Iterator[bytes]:
        yield b"220 parrot ESMTP"
        for word, rest in _lines(line, 1):
            match word:
                case b"EHLO":
                    yield b"250-parrot\r\n250 AUTH " + " ".join(self._mechanisms).encode()
                case b"AUTH":
                    yield from self._challenges(line, rest, b"334 ")
                    yield (b"421 " if self._hang_up else b"535 5.7.8 ") + self._all()
                    if self._hang_up:
                        return
                case _:
                    yield b"500 what"

    def _challenges(self, line: object, rest: bytes, prompt: bytes) -> Iterator[bytes]:
        """The exchange of one mechanism, up to the point where the server refuses."""
        name, _, first = rest.partition(b" ")
        rounds = {b"LOGIN": 2, b"SCRAM-SHA-256": 2, b"SCRAM-SHA-1": 2}.get(name, 1)
        said = first
        for number in range(rounds):
            if not said:
                yield prompt + base64.b64encode(_challenge(name, number, b""))
                said = next(_lines(line, 0))[0]
            self._hear(name, number, said)
            if name.startswith(b"SCRAM") and number == 0:
                yield prompt + base64.b64encode(_challenge(name, 1, said))
                said = next(_lines(line, 0))[0]
                self._hear(name, 1, said)
                return
            said = b""

    def _hear(self, name: bytes, number: int, said: bytes) -> None:
        if name == b"LOGIN" and number == 0:
            return  # the user name is no secret
        self.heard.append(said)

    def _all(self) -> bytes:
        return b" ".join(self.heard)


def _challenge(name: bytes, number: int, said: bytes) -> bytes:
    if name == b"CRAM-MD5":
        return _CRAM_CHALLENGE
    if name.startswith(b"SCRAM") and said:
        try:
            nonce = base64.b64decode(said).rpartition(b"r=")[2]
        except binascii.Error:
            nonce = b""
        return b"r=" + nonce + b"parrot,s=" + base64.b64encode(b"salt" * 4) + b",i=4096"
    return b"" if name != b"LOGIN" else (b"Username:", b"Password:")[number]


def _lines(line: object, splits: int) -> Iterator[list[bytes]]:
    """What the client says, each line split at its first spaces."""
    while said := line.readline():  # type: ignore[attr-defined]
        words = said.rstrip(b"\r\n").split(b" ", splits)
        yield words + [b""] * (splits + 1 - len(words))
