"""What is asked about a mail address, and of whom. Each question blocks until its answer is there."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Protocol

from qtmail.domain.discovery import FoundSettings, SoughtAddress, Source
from qtmail.engine.provider_list import ProviderList
from qtmail.engine.server_guess import Probe, guess_servers
from qtmail.engine.side_by_side import Question, ask_all
from qtmail.errors import QtmailError
from qtmail.protocols import autoconfig, srv_records
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.host_names import within
from qtmail.protocols.srv_records import Resolver
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import WebAnswer

WEB_SECONDS = 10.0
"""For one file, redirects included."""
MAX_LIST_QUESTIONS = 4
"""Domains that Thunderbird's list is asked about, for one address."""


class Web(Protocol):
    """As `web.web_get`."""

    def __call__(
        self, url: str, *, trust: TlsTrust, timeout: float, max_bytes: int, stop: Wake | None
    ) -> WebAnswer: ...


class Sources:
    """The sources of settings for one address. Used by several threads at once."""

    def __init__(
        self,
        address: SoughtAddress,
        providers: ProviderList,
        resolver: Resolver,
        web: Web,
        probe: Probe,
        trust: TlsTrust,
    ) -> None:
        self._address = address
        self._providers = providers
        self._resolver = resolver
        self._web = web
        self._probe = probe
        self._trust = trust
        self._exchanges = _Exchanges(resolver, address.domain)

    def ask(self, source: Source, stop: Wake) -> FoundSettings | None:
        """What one source knows, or None. Raises QtmailError where it could not be asked, Stopped."""
        match source:
            case Source.PROVIDER_LIST:
                return self._known_by_exchange()
            case Source.AUTOCONFIG:
                return self._published(stop)
            case Source.ISPDB:
                return self._listed(stop)
            case Source.DNS:
                servers = srv_records.find_services(self._resolver, self._address)
            case Source.GUESS:
                exchanges = self._exchanges.known_hosts()
                servers = guess_servers(self._address, exchanges, self._probe, self._trust, stop)
            case _:
                raise ValueError(f"{source} cannot be asked")
        return FoundSettings(source, self._address.domain, servers) if servers else None

    def _known_by_exchange(self) -> FoundSettings | None:
        """The provider we know that takes in the domain's mail.

        A forged answer of DNS leads to another provider of the list at worst.
        """
        provider = self._providers.of_exchanges(self._exchanges.hosts())
        return provider.settings_for(self._address) if provider else None

    def _published(self, stop: Wake) -> FoundSettings | None:
        """The file under the domain itself."""
        places = autoconfig.addresses_of_file(self._address)
        questions: list[Question[FoundSettings]] = [
            partial(self._read_file, url, Source.AUTOCONFIG) for url in places
        ]
        answers = [
            answer
            for answer in ask_all(questions, seconds=WEB_SECONDS + 1.0, stop=stop)
            if answer is not None
        ]
        if found := next((answer.value for answer in answers if answer.value), None):
            return found
        # That one of the two places does not exist is usual.
        if answers and all(answer.fault for answer in answers) and answers[0].fault:
            raise answers[0].fault
        return None

    def _listed(self, stop: Wake) -> FoundSettings | None:
        """What Thunderbird's list has about the domain, else about those of its mail exchanges; one after the
        other, so that it is asked about no more than is needed.
        """
        for domain in self._list_entries():
            if found := self._read_file(autoconfig.address_in_ispdb(domain), Source.ISPDB, stop):
                return found if domain == self._address.domain else _foreign(found, self._address.domain)
        return None

    def _list_entries(self) -> Iterable[str]:
        yield self._address.domain
        hosts = self._exchanges.known_hosts()[:1]
        parents = dict.fromkeys(parent for host in hosts for parent in _parents(host))
        yield from [parent for parent in parents if parent != self._address.domain][: MAX_LIST_QUESTIONS - 1]

    def _read_file(self, url: str, source: Source, stop: Wake) -> FoundSettings | None:
        answer = self._web(
            url, trust=self._trust, timeout=WEB_SECONDS, max_bytes=autoconfig.MAX_BYTES, stop=stop
        )
        if answer.status != HTTPStatus.OK:
            return None
        return autoconfig.read_settings(answer.body, self._address, source)


def _foreign(found: FoundSettings, domain: str) -> FoundSettings:
    """The same, found under a name that was read in DNS: whoever forged it chose among all providers of the
    list, of which anybody may run one."""
    servers = (replace(one, foreign=not within(one.settings.host, domain)) for one in found.servers)
    return replace(found, servers=tuple(servers))


class _Exchanges:
    """The hosts that take in a domain's mail; DNS is asked once, whoever wants to know."""

    def __init__(self, resolver: Resolver, domain: str) -> None:
        self._resolver = resolver
        self._domain = domain
        self._lock = threading.Lock()
        self._answer: list[str] | QtmailError | None = None

    def hosts(self) -> list[str]:
        """The preferred first. Raises ConnectionFailed where DNS does not answer."""
        with self._lock:
            if self._answer is None:
                self._answer = self._ask()
        if isinstance(self._answer, QtmailError):
            raise self._answer
        return self._answer

    def known_hosts(self) -> list[str]:
        """The same; none where DNS does not answer."""
        try:
            return self.hosts()
        except QtmailError:
            return []

    def _ask(self) -> list[str] | QtmailError:
        try:
            return self._resolver.exchanges(self._domain, srv_records.time_limit())
        except QtmailError as fault:
            return fault


def _parents(host: str) -> list[str]:
    """The domains a host may belong to, the narrowest first. Which of them can be registered would take a
    list of all registries; one question more does no harm.
    """
    labels = host.split(".")
    return [".".join(parent) for parent in (labels[1:], labels[-3:], labels[-2:]) if len(parent) >= 2]
