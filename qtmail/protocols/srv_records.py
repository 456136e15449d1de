"""What DNS says about a domain's mail: services (SRV, RFC 2782 and 6186; RFC 8314 section 5.1) and exchanges
(MX).

DNS is not signed for most domains, so anybody on the way can forge an answer. An encrypted line to a host
under the address' own domain shows by its certificate that the answer was right; a host elsewhere proves
nothing, and is marked as foreign.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import FoundServer, ServerKind, SoughtAddress
from qtmail.errors import ConnectionFailed, Layer
from qtmail.protocols.host_names import is_host_name, within

SECONDS = 5.0
"""For all that is asked of one domain together."""
MAX_RECORDS = 10
"""Of each kind; the domains of the largest providers have 5."""

_SERVICES = (
    ("_imaps", ServerKind.IMAP, Security.TLS),
    ("_imap", ServerKind.IMAP, Security.STARTTLS),
    ("_pop3s", ServerKind.POP3, Security.TLS),
    ("_pop3", ServerKind.POP3, Security.STARTTLS),
    ("_submissions", ServerKind.SMTP, Security.TLS),
    ("_submission", ServerKind.SMTP, Security.STARTTLS),
)
"""TLS from the first byte goes before STARTTLS, whatever the records' priorities say (RFC 8314 section
5.1)."""


@dataclass(frozen=True, slots=True)
class Service:
    """One SRV record; `target` in lower case without the last dot, "" where the service is not offered,
    or the name cannot be one."""

    priority: int
    weight: int
    port: int
    target: str


class Resolver(Protocol):
    """Asks DNS; every method blocks. What does not exist is an empty list; raises ConnectionFailed (layer
    NAME_LOOKUP) where there is no answer.
    """

    def services(self, name: str, deadline: float) -> list[Service]:
        """The SRV records of a name ("_imaps._tcp.example.org"); `deadline` by the monotonic clock."""

    def exchanges(self, domain: str, deadline: float) -> list[str]:
        """The hosts of a domain's MX records, the preferred first, in lower case without the last dot."""


class DnsResolver:
    """Asks the resolvers this computer is set up with, or the ones it is given."""

    def __init__(self, nameservers: Sequence[str] = (), port: int = 53) -> None:
        self._nameservers = tuple(nameservers)
        self._port = port

    def services(self, name: str, deadline: float) -> list[Service]:
        return [
            Service(record.priority, record.weight, record.port, _host(record.target))
            for record in self._ask(name, "SRV", deadline)
        ]

    def exchanges(self, domain: str, deadline: float) -> list[str]:
        records = sorted(self._ask(domain, "MX", deadline), key=lambda record: int(record.preference))
        hosts = [_host(record.exchange) for record in records[:MAX_RECORDS]]
        return [host for host in hosts if host]  # ".": RFC 7505

    def _ask(self, name: str, kind: str, deadline: float) -> list[Any]:
        # Takes 90 ms to load, and is needed only while an account is added.
        import dns.exception  # noqa: PLC0415
        import dns.resolver  # noqa: PLC0415

        try:
            resolver = dns.resolver.Resolver(configure=not self._nameservers)
            if self._nameservers:
                resolver.nameservers = list(self._nameservers)
                resolver.port = self._port
            lifetime = max(0.1, deadline - time.monotonic())
            return list(resolver.resolve(f"{name}.", kind, lifetime=lifetime, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise _no_answer(name, error) from error


def time_limit() -> float:
    """Until when DNS may take for what is asked from now on, by the monotonic clock."""
    return time.monotonic() + SECONDS


def find_services(resolver: Resolver, address: SoughtAddress) -> tuple[FoundServer, ...]:
    """The servers that a domain announces, of each kind the best first, with the whole address as the user
    name (RFC 6186 section 4).

    Raises ConnectionFailed.
    """
    deadline = time_limit()
    return tuple(
        _found(kind, security, service, address)
        for label, kind, security in _SERVICES
        for service in _in_order(resolver.services(f"{label}._tcp.{address.domain}", deadline))
    )


def _in_order(services: list[Service]) -> list[Service]:
    """Those that are offered. Weights are for sharing load among equals; settings that are kept for years
    take the heaviest."""
    offered = [service for service in services if service.target and service.port]
    return sorted(offered, key=lambda service: (service.priority, -service.weight))[:MAX_RECORDS]


def _found(kind: ServerKind, security: Security, service: Service, address: SoughtAddress) -> FoundServer:
    settings = ServerSettings(service.target, service.port, security, address.typed)
    return FoundServer(kind, settings, foreign=not within(service.target, address.domain))


def _host(name: object) -> str:
    """The host that a record names; "" for the root, and for what cannot be one."""
    host = str(name).rstrip(".").lower()
    return host if is_host_name(host) else ""


def _no_answer(name: str, error: Exception) -> ConnectionFailed:
    return ConnectionFailed(
        f"DNS gave no answer about {name}.",
        advice="Check that this computer is online.",
        detail=str(error),
        layer=Layer.NAME_LOOKUP,
    )
