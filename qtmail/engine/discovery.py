"""Finding the servers behind a mail address. Nothing is signed in to, and nobody is shown a password: there
is none here.

```
address ─> provider list ─known─> done, nobody was asked
                │ unknown
                ├── provider list by MX    the domain's mail is kept by a provider we know
                ├── autoconfig             a file under the domain, over HTTPS
                ├── ISPDB                  Thunderbird's list, asked by domain
                ├── DNS                    SRV records
                └── guess                  usual names, tried
```

All five are asked at once. The most trustworthy that has settings for both reading and sending wins as soon
as all that go before it have come to nothing; the others are then dropped. A provider known by MX goes before
what the domain's own web server says: hosters publish a file for every domain of their customers, also for
those whose mail is elsewhere.

Who learns what: DNS learns the domain, as it will with every connection. The domain's autoconfig server
learns the address, as the protocol has it, over HTTPS. Thunderbird's list learns the domain and, where it
does not know it, the one of its mail exchange.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from qtmail.domain.discovery import (
    INCOMING,
    Attempt,
    Discovery,
    FoundSettings,
    ServerKind,
    SoughtAddress,
    Source,
)
from qtmail.engine.discovery_sources import Sources, Web
from qtmail.engine.provider_list import ProviderList
from qtmail.engine.server_guess import Probe
from qtmail.engine.side_by_side import Answer, Question, ask_all, best_is_known
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.mime.sendable import domain_to_ascii
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.server_probe import probe_server
from qtmail.protocols.srv_records import DnsResolver, Resolver
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import web_get

SECONDS = 15.0
"""For everything together."""

_FOUND = {
    Source.PROVIDER_LIST: "The mail of {domain} is at {provider}, as its MX records say.",
    Source.AUTOCONFIG: "{domain} publishes settings.",
    Source.ISPDB: "Thunderbird's list of providers has settings.",
    Source.DNS: "DNS names {hosts}.",
    Source.GUESS: "Under the usual names {hosts} answered.",
}
_NOTHING = {
    Source.PROVIDER_LIST: "The mail of {domain} is at no provider that this program knows.",
    Source.AUTOCONFIG: "{domain} publishes no settings.",
    Source.ISPDB: "Thunderbird's list of providers does not have {domain}.",
    Source.DNS: "DNS names no servers for the users of {domain}.",
    Source.GUESS: "No server answered under the usual names.",
}
_ASKED = (Source.PROVIDER_LIST, Source.AUTOCONFIG, Source.ISPDB, Source.DNS, Source.GUESS)


class Discoverer:
    """Finds settings for mail addresses. Safe to use from several threads."""

    def __init__(
        self,
        trust: TlsTrust,
        *,
        providers: ProviderList | None = None,
        resolver: Resolver | None = None,
        web: Web = web_get,
        probe: Probe = probe_server,
    ) -> None:
        self._trust = trust
        self._providers = providers or ProviderList()
        self._resolver = resolver or DnsResolver()
        self._web = web
        self._probe = probe

    def run(self, address: str, stop: Wake, seconds: float = SECONDS) -> Discovery:
        """What can be found out within `seconds`. Blocks; a source that fails is an attempt that found
        nothing, with the reason.

        Raises QtmailError if `address` is no mail address, Stopped once `stop` is set.
        """
        started = time.monotonic()
        sought = sought_address(address)
        if provider := self._providers.of_domain(sought.domain):
            settings = provider.settings_for(sought)
            known = Attempt(
                Source.PROVIDER_LIST, True, f"{provider.name} is known.", time.monotonic() - started
            )
            return Discovery(address, (settings,), (known,))
        sources = Sources(sought, self._providers, self._resolver, self._web, self._probe, self._trust)
        questions: list[Question[FoundSettings]] = [partial(sources.ask, source) for source in _ASKED]
        answers = ask_all(questions, seconds=seconds, stop=stop, enough=_is_settled)
        attempts = tuple(
            _attempt(source, answer, sought.domain, time.monotonic() - started, seconds)
            for source, answer in zip(_ASKED, answers, strict=True)
        )
        found = [answer.value for answer in answers if answer and answer.value]
        return Discovery(address, _completed(found), attempts)


def sought_address(address: str) -> SoughtAddress:
    """Take a mail address apart. Raises QtmailError if it is none."""
    typed = address.strip()
    local, at, domain = typed.rpartition("@")
    name = domain_to_ascii(domain)
    if not (at and local and name) or name.startswith("[") or not local.isprintable() or " " in local:
        raise QtmailError(
            f"“{typed}” is not a mail address.",
            advice="An address looks like name@example.org.",
            layer=Layer.USAGE,
            retry=Retry.ASK_USER,
        )
    return SoughtAddress(typed, local, name)


def _is_settled(answers: Sequence[Answer[FoundSettings] | None]) -> bool:
    return best_is_known(answers, lambda settings: settings.receives and settings.sends)


def _completed(found: list[FoundSettings]) -> tuple[FoundSettings, ...]:
    """The same, the first with what it lacks from the next that has it."""
    if not found:
        return ()
    best, *others = found
    if not best.receives and (donor := next((one for one in others if one.receives), None)):
        best = _joined(best, donor, INCOMING)
    if not best.sends and (donor := next((one for one in others if one.sends), None)):
        best = _joined(best, donor, (ServerKind.SMTP,))
    return (best, *others)


def _joined(best: FoundSettings, donor: FoundSettings, kinds: Sequence[ServerKind]) -> FoundSettings:
    """`best` with the encrypted servers of these kinds that `donor` has, before its own in clear text."""
    lent = tuple(
        replace(server, source=donor.source)
        for server in donor.servers
        if server.kind in kinds and server.encrypted
    )
    return replace(best, servers=lent + best.servers)


def _attempt(
    source: Source, answer: Answer[FoundSettings] | None, domain: str, elapsed: float, limit: float
) -> Attempt:
    if answer is None:
        late = f"There was no answer within {limit:.0f} seconds."
        return Attempt(source, False, late if elapsed >= limit else "Not needed any more.", elapsed)
    if answer.fault:
        return Attempt(source, False, answer.fault.sentence, answer.seconds)
    if answer.value is None:
        return Attempt(source, False, _NOTHING[source].format(domain=domain), answer.seconds)
    hosts = dict.fromkeys(server.settings.host for server in answer.value.servers)
    said = _FOUND[source].format(domain=domain, provider=answer.value.provider, hosts=", ".join(hosts))
    return Attempt(source, True, said, answer.seconds)
