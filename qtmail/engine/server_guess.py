"""Guessing servers by their usual names, and trying which of them answer. Nothing is signed in to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import FoundServer, ServerKind, SoughtAddress
from qtmail.domain.ports import IMAP_PORTS, POP3_PORTS, SMTP_PORTS
from qtmail.domain.sign_in import SignInMethod
from qtmail.engine.side_by_side import Answer, Question, ask_all
from qtmail.errors import Layer, QtmailError
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.host_names import within
from qtmail.protocols.wake import Wake

SECONDS = 6.0
"""For one server to answer; a firewall that drops packets costs all of them."""
MAX_EXCHANGES = 2
"""Mail exchanges that are tried as servers, too."""

_NAMES = {
    ServerKind.IMAP: ("imap", "mail"),
    ServerKind.POP3: ("pop", "pop3", "mail"),
    ServerKind.SMTP: ("smtp", "mail"),
}
_PORTS = {ServerKind.IMAP: IMAP_PORTS, ServerKind.POP3: POP3_PORTS, ServerKind.SMTP: SMTP_PORTS}
_TRIED = (Security.TLS, Security.STARTTLS)


class Probe(Protocol):
    """As `server_probe.probe_server`."""

    def __call__(
        self, kind: ServerKind, settings: ServerSettings, *, trust: TlsTrust, timeout: float, stop: Wake
    ) -> tuple[SignInMethod, ...]: ...


def guesses(kind: ServerKind, address: SoughtAddress, exchanges: Sequence[str] = ()) -> list[FoundServer]:
    """Where a server of this kind may be, the most likely first: by name, then TLS before STARTTLS. Clear
    text is never tried.
    """
    hosts = [f"{name}.{address.domain}" for name in _NAMES[kind]]
    hosts += [host for host in exchanges[:MAX_EXCHANGES] if host not in hosts]
    return [
        FoundServer(
            kind,
            ServerSettings(host, _PORTS[kind][security], security, address.typed),
            foreign=not within(host, address.domain),
        )
        for security in _TRIED
        for host in hosts
    ]


def guess_servers(
    address: SoughtAddress, exchanges: Sequence[str], probe: Probe, trust: TlsTrust, stop: Wake
) -> tuple[FoundServer, ...]:
    """The likeliest server of each kind that answers, shows a certificate for its name, and lets users sign
    in.

    Raises the fault that tells most, if none was found and one was more than absent (its certificate is for
    another name, say); Stopped.
    """
    kinds = [partial(_guess, guesses(kind, address, exchanges), probe, trust) for kind in ServerKind]
    answers = ask_all(kinds, seconds=SECONDS + 1.0, stop=stop, enough=lambda _: False)
    if found := tuple(answer.value for answer in answers if answer and answer.value):
        return found
    if fault := _telling_fault(answers):
        raise fault
    return ()


def _guess(
    candidates: Sequence[FoundServer], probe: Probe, trust: TlsTrust, stop: Wake
) -> FoundServer | None:
    questions: list[Question[FoundServer]] = [partial(_try, server, probe, trust) for server in candidates]
    answers = ask_all(questions, seconds=SECONDS, stop=stop)
    for answer in answers:
        if answer and answer.value:
            return answer.value
    if fault := _telling_fault(answers):
        raise fault
    return None


def _try(server: FoundServer, probe: Probe, trust: TlsTrust, stop: Wake) -> FoundServer | None:
    methods = probe(server.kind, server.settings, trust=trust, timeout=SECONDS, stop=stop)
    return FoundServer(server.kind, server.settings, methods, server.foreign) if methods else None


def _telling_fault(answers: Sequence[Answer[FoundServer] | None]) -> QtmailError | None:
    """The first fault of a server that is there; that a guessed name or port does not exist is no news."""
    absent = (Layer.NAME_LOOKUP, Layer.CONNECTION)
    faults = [answer.fault for answer in answers if answer and answer.fault]
    return next((fault for fault in faults if fault.layer not in absent), None)
