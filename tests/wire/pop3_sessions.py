"""POP3 sessions for transcripts, against a scripted server or the small POP3 server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import ClientCertificate, Secret
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.pop3 import Pop3Session, Retrieved
from tests.fakes.imap_server import Step, transcript

HOST = "127.0.0.1"
SECRET = "secret"
SIGN_IN = "C: USER eva\nS: +OK\nC: PASS secret\nS: +OK welcome"
"""What a session without SASL says for user "eva", and what it hears."""


class Server(Protocol):
    port: int


def greeted(*capabilities: str, rest: str = "") -> list[Step]:
    """A greeting, and a CAPA that is answered with these."""
    told = "\n".join(f"S: {line}" for line in (*capabilities, "."))
    return transcript(f"S: +OK pop.example.org ready\nC: CAPA\nS: +OK\n{told}") + transcript(rest)


def signed_in(*capabilities: str, rest: str = "") -> list[Step]:
    """The same, and a sign-in."""
    return greeted("USER", *capabilities, rest=SIGN_IN) + transcript(rest)


def new_session(
    server: Server,
    *,
    security: Security = Security.NONE,
    trust: TlsTrust | None = None,
    log: ProtocolLog | None = None,
    host: str = HOST,
    user: str = "eva",
    timeout: float = 5.0,
    allow_clear_password: bool = True,
    apop: bool = False,
    client_certificate: ClientCertificate | None = None,
) -> Pop3Session:
    return Pop3Session(
        ServerSettings(host, server.port, security, user),
        trust=trust or TlsTrust(),
        log=log or ProtocolLog(),
        timeout=timeout,
        allow_clear_password=allow_clear_password,
        apop=apop,
        client_certificate=client_certificate,
    )


@contextlib.contextmanager
def connected(server: Server, **options: object) -> Iterator[Pop3Session]:
    """A session that knows what the server can do; closed without a word at the end."""
    with contextlib.closing(new_session(server, **options)) as session:  # type: ignore[arg-type]
        session.connect()
        yield session


@contextlib.contextmanager
def ready(server: Server, secret: Secret = SECRET, **options: object) -> Iterator[Pop3Session]:
    """A session that has signed in."""
    with connected(server, **options) as session:
        session.sign_in(secret)
        yield session


def whole(retrieved: Retrieved) -> bytes:
    """All of a message that was not refused."""
    assert retrieved.refusal is None
    return b"".join(retrieved.pieces)
