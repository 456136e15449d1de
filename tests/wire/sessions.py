"""Sessions for transcripts: signed in, with a folder open, against a scripted server."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.pop3 import Pop3Session
from qtmail.protocols.quirks import Quirks
from qtmail.protocols.smtp import SmtpSession
from tests.fakes.imap_server import ScriptedServer, Step, transcript

HOST = "127.0.0.1"
SIGN_IN = "AUTHENTICATE PLAIN AGV2YQBzZWNyZXQ="
"""What a session says for user "eva" and password "secret"."""


def signed_in(capabilities: str = "IMAP4rev1", rest: str = "") -> list[Step]:
    """A greeting and a sign-in; the client's next command has the tag q2."""
    return transcript(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready
        C: q1 {SIGN_IN}
        S: q1 OK [CAPABILITY {capabilities}] signed in
        """
    ) + (transcript(rest) if rest else [])


def new_session(
    server: ScriptedServer,
    *,
    security: Security = Security.NONE,
    trust: TlsTrust | None = None,
    log: ProtocolLog | None = None,
    host: str = HOST,
    user: str = "eva",
    timeout: float = 5.0,
    quirks: Quirks | None = None,
    allow_clear_password: bool = False,
) -> ImapSession:
    return ImapSession(
        ServerSettings(host, server.port, security, user),
        trust=trust or TlsTrust(),
        log=log or ProtocolLog(),
        timeout=timeout,
        quirks=quirks,
        allow_clear_password=allow_clear_password,
    )


@contextlib.contextmanager
def connected(server: ScriptedServer, **options: object) -> Iterator[ImapSession]:
    """A session that has read the greeting; closed without a word at the end."""
    with contextlib.closing(new_session(server, **options)) as session:  # type: ignore[arg-type]
        session.connect()
        yield session


@contextlib.contextmanager
def ready(server: ScriptedServer, **options: object) -> Iterator[ImapSession]:
    """A session that has signed in."""
    with connected(server, **options) as session:
        session.sign_in("secret")
        yield session


def trust_in(authority: trustme.CA, directory: Path, accepted: frozenset[str] = frozenset()) -> TlsTrust:
    """Trust this authority beside the system's, and the accepted fingerprints for every host."""
    path = directory / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return TlsTrust(accepted=lambda _host, _port: accepted, cafile=str(path))


@contextlib.contextmanager
def aborting(session: ImapSession | SmtpSession | Pop3Session, *, after: float) -> Iterator[None]:
    """Abort the session from another thread a little later."""
    timer = threading.Timer(after, session.abort)
    timer.start()
    try:
        yield
    finally:
        timer.join()
