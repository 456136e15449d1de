"""Finding out whether a mail server is behind a name and a port, without signing in: nothing here is ever
given a password."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from qtmail.domain.account import ServerSettings
from qtmail.domain.discovery import ServerKind
from qtmail.domain.sign_in import SignInMethod
from qtmail.errors import QtmailError, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap_connect import Door
from qtmail.protocols.pop3_connect import Pop3Door
from qtmail.protocols.smtp_connect import SmtpDoor
from qtmail.protocols.stream import Stream
from qtmail.protocols.wake import Wake

_NOT_PASSWORDS = {
    "XOAUTH2": SignInMethod.OAUTH,
    "OAUTHBEARER": SignInMethod.OAUTH,
    "EXTERNAL": SignInMethod.CERTIFICATE,
    "ANONYMOUS": None,
}


def probe_server(
    kind: ServerKind, settings: ServerSettings, *, trust: TlsTrust, timeout: float, stop: Wake
) -> tuple[SignInMethod, ...]:
    """Connect, encrypt the line and check the certificate, read the greeting, ask what is offered, and say
    goodbye.

    Args:
        timeout: seconds without a byte after which the server counts as absent.

    Returns how one can sign in there, a password first; empty if there is no sign-in at all, as where a
    server only takes in mail for its own users.

    Raises ConnectionFailed, TlsFailed, ProtocolViolation, Stopped.
    """
    match kind:
        case ServerKind.IMAP:
            return _probe_imap(Door(settings, trust, ProtocolLog(), timeout, stop))
        case ServerKind.POP3:
            return _probe_pop3(Pop3Door(settings, trust, ProtocolLog(), timeout, stop))
        case ServerKind.SMTP:
            return _probe_smtp(SmtpDoor(settings, trust, ProtocolLog(), timeout, stop))


def _probe_imap(door: Door) -> tuple[SignInMethod, ...]:
    dialogue = door.open()
    _leave(dialogue.stream, b"q9 LOGOUT\r\n")
    offered = [name.removeprefix("AUTH=") for name in dialogue.capabilities if name.startswith("AUTH=")]
    # LOGIN is always there unless it is said not to be (RFC 9051 section 6.2.3).
    return _methods(offered, login="LOGINDISABLED" not in dialogue.capabilities)


def _probe_pop3(door: Pop3Door) -> tuple[SignInMethod, ...]:
    dialogue = door.open()
    _leave(dialogue.stream, b"QUIT\r\n")
    return _methods(dialogue.capabilities.mechanisms, login=dialogue.capabilities.user)


def _probe_smtp(door: SmtpDoor) -> tuple[SignInMethod, ...]:
    dialogue = door.open()
    _leave(dialogue.stream, b"QUIT\r\n")
    return _methods(dialogue.offers.mechanisms)


def _methods(mechanisms: Iterable[str], *, login: bool = False) -> tuple[SignInMethod, ...]:
    """How one can sign in by these SASL mechanisms; `login`: a password is taken without SASL."""
    offered = {_NOT_PASSWORDS.get(name.upper(), SignInMethod.PASSWORD) for name in mechanisms}
    if login:
        offered.add(SignInMethod.PASSWORD)
    return tuple(method for method in SignInMethod if method in offered)


def _leave(stream: Stream, farewell: bytes) -> None:
    """Say goodbye and close: what was to be learned is known, whatever becomes of the line."""
    with suppress(QtmailError, Stopped):
        stream.write(farewell)
        stream.flush()
    stream.close()
