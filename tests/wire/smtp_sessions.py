"""SMTP sessions for transcripts, against a scripted server or the small ESMTP server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from qtmail.domain.account import Security, ServerSettings
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.smtp import SendResult, SendTimeouts, SmtpEnvelope, SmtpSession
from tests.fakes.imap_server import Step, transcript

HOST = "127.0.0.1"
MESSAGE = b"Subject: hello\r\n\r\nworld\r\n"
PLAIN = "AUTH PLAIN AGV2YQBzZWNyZXQ="
"""What a session says for user "eva" and password "secret"."""


class Server(Protocol):
    port: int


def greeted(*offers: str, rest: str = "") -> list[Step]:
    """A greeting, and an EHLO that is answered with these offers."""
    lines = ["mail.example.org", *offers]
    told = "\n".join(f"S: 250{'-' if line is not lines[-1] else ' '}{line}" for line in lines)
    hello = f"S: 220 mail.example.org ESMTP\nC: EHLO [127.0.0.1]\n{told}"
    return transcript(hello) + transcript(rest)


def new_session(
    server: Server,
    *,
    security: Security = Security.NONE,
    trust: TlsTrust | None = None,
    log: ProtocolLog | None = None,
    host: str = HOST,
    user: str = "eva",
    timeout: float = 5.0,
    timeouts: SendTimeouts | None = None,
    allow_clear_password: bool = False,
) -> SmtpSession:
    return SmtpSession(
        ServerSettings(host, server.port, security, user),
        trust=trust or TlsTrust(),
        log=log or ProtocolLog(),
        timeout=timeout,
        timeouts=timeouts,
        allow_clear_password=allow_clear_password,
    )


@contextlib.contextmanager
def connected(server: Server, **options: object) -> Iterator[SmtpSession]:
    """A session that knows what the server can do; closed without a word at the end."""
    with contextlib.closing(new_session(server, **options)) as session:  # type: ignore[arg-type]
        session.connect()
        yield session


def envelope(*recipients: str, sender: str = "eva@example.org", **options: object) -> SmtpEnvelope:
    return SmtpEnvelope(
        sender,
        recipients or ("bob@example.org",),
        options.pop("size", len(MESSAGE)),  # type: ignore[arg-type]
        **options,  # type: ignore[arg-type]
    )


def nothing() -> None:
    """A `before_end` that has nothing to write down."""


def send(
    session: SmtpSession,
    to: SmtpEnvelope | None = None,
    message: Iterable[bytes] = (MESSAGE,),
    *,
    before_end: Callable[[], None] = nothing,
) -> SendResult:
    return session.send(to or envelope(), message, before_end=lambda told: before_end())
