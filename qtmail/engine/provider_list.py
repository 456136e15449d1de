"""The mail providers this program knows: `resources/providers.json`, read when it is first asked.

Each entry of the file has

* `name`: what the provider calls itself;
* `domains`: of the addresses it gives out;
* `exchanges`: suffixes of the hosts that take in its mail. A domain whose MX records name one of them has its
  mail there, whatever it is called;
* `imap`, `pop3`, `smtp`: servers as "host:port/security", the best first;
* `users`, by kind of server, where the user name is not the whole address: "{local}" stands for what is
  before the @;
* `oauth`: who gives out its tokens; `password`: false where nothing else is taken;
* `app_password`: true where the password of the web site is not taken;
* `advice`: sentences for the user, each with the address of a page, or "".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import (
    FoundServer,
    FoundSettings,
    ProviderAdvice,
    ServerKind,
    SoughtAddress,
    Source,
)
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.paths import resource

_WHOLE_ADDRESS = "{address}"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider; its servers' user names are patterns."""

    name: str
    domains: tuple[str, ...]
    exchanges: tuple[str, ...]
    servers: tuple[FoundServer, ...]
    sign_in: SignIn
    advice: tuple[ProviderAdvice, ...]
    app_password: bool

    def settings_for(self, address: SoughtAddress) -> FoundSettings:
        """The provider's servers with the user names of one of its users."""
        servers = tuple(
            FoundServer(server.kind, _filled_in(server.settings, address), server.methods)
            for server in self.servers
        )
        return FoundSettings(
            Source.PROVIDER_LIST, self.name, servers, self.sign_in, self.advice, self.app_password
        )


class ProviderList:
    """Finds a provider by the domain of an address, or by the hosts that take in the domain's mail."""

    def __init__(self, path: Path | None = None) -> None:
        """`path`: of another list than the one that comes with the program."""
        self._path = path

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """All of them, in the order of the file."""
        content = (self._path or resource("providers.json")).read_text(encoding="utf-8")
        return tuple(_provider(entry) for entry in json.loads(content)["providers"])

    @cached_property
    def _by_domain(self) -> dict[str, Provider]:
        return {domain: provider for provider in self.providers for domain in provider.domains}

    @cached_property
    def _by_exchange(self) -> dict[str, Provider]:
        return {suffix: provider for provider in self.providers for suffix in provider.exchanges}

    def of_domain(self, domain: str) -> Provider | None:
        """The provider that gives out addresses of a domain (lower case, A-labels)."""
        return self._by_domain.get(domain)

    def of_exchanges(self, hosts: Iterable[str]) -> Provider | None:
        """The provider that runs one of these mail exchanges; the first that is known counts."""
        for host in hosts:
            labels = host.split(".")
            for first in range(len(labels)):
                if provider := self._by_exchange.get(".".join(labels[first:])):
                    return provider
        return None


def _filled_in(settings: ServerSettings, address: SoughtAddress) -> ServerSettings:
    user = settings.user.replace("{local}", address.local).replace(_WHOLE_ADDRESS, address.typed)
    return ServerSettings(settings.host, settings.port, settings.security, user)


def _provider(entry: Mapping[str, Any]) -> Provider:
    oauth, password = entry.get("oauth", ""), entry.get("password", True)
    offered = {SignInMethod.OAUTH: bool(oauth), SignInMethod.PASSWORD: password}
    methods = tuple(method for method, is_offered in offered.items() if is_offered)
    return Provider(
        name=entry["name"],
        domains=tuple(entry["domains"]),
        exchanges=tuple(entry.get("exchanges", ())),
        servers=tuple(
            FoundServer(kind, _server(text, entry.get("users", {}).get(kind, _WHOLE_ADDRESS)), methods)
            for kind in ServerKind
            for text in entry.get(kind, ())
        ),
        sign_in=SignIn(methods[0], provider=oauth),
        advice=tuple(ProviderAdvice(said["sentence"], said["url"]) for said in entry.get("advice", ())),
        app_password=entry.get("app_password", False),
    )


def _server(text: str, user: str) -> ServerSettings:
    """The inverse of `str(ServerSettings)`."""
    place, _, security = text.partition("/")
    host, _, port = place.rpartition(":")
    return ServerSettings(host, int(port), Security(security), user)
