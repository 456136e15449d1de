"""Finding settings over real lines: DNS over UDP, files over HTTPS, a mail server over TLS; only the names
are turned to this computer.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from qtmail.domain.account import ServerSettings
from qtmail.domain.discovery import Discovery, ServerKind, Source
from qtmail.domain.sign_in import SignInMethod
from qtmail.engine.discovery import Discoverer
from qtmail.errors import ConnectionFailed, Layer
from qtmail.protocols.autoconfig import MAX_BYTES
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.server_probe import probe_server
from qtmail.protocols.srv_records import DnsResolver
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import WebAnswer, web_get
from tests.fakes.dns_server import DnsServer
from tests.fakes.imap_server import ScriptedServer, transcript
from tests.fakes.settings_sources import LIMIT, settings_file
from tests.fakes.web_server import WebServer
from tests.wire.sessions import trust_in

ADDRESS = "eva@example.org"
FILE = "/mail/config-v1.1.xml?emailaddress=eva@example.org"
WELL_KNOWN = "/.well-known/autoconfig/mail/config-v1.1.xml"
BOTH = settings_file(("imap", "imap.example.org", 993, "SSL"), ("smtp", "smtp.example.org", 465, "SSL"))
IMAP = "TLS\nS: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\nC~ \\S+ LOGOUT"


class Internet:
    """The servers of example.org and what leads to them.

    Attributes:
        mail: the port here of each mail server there ("imap.example.org:993").
    """

    def __init__(self, dns: DnsServer, web: WebServer, trust: TlsTrust) -> None:
        self.dns, self.web, self._trust = dns, web, trust
        self.mail: dict[str, int] = {}

    def find(self) -> Discovery:
        resolver = DnsResolver(["127.0.0.1"], self.dns.port)
        stop = Wake()
        try:
            discoverer = Discoverer(self._trust, resolver=resolver, web=self._get, probe=self._probe)
            return discoverer.run(ADDRESS, stop)
        finally:
            _wait_for_the_rest()
            stop.close()

    def _get(
        self, url: str, *, trust: TlsTrust, timeout: float, max_bytes: int, stop: Wake | None
    ) -> WebAnswer:
        here = urlsplit(url)._replace(netloc=f"localhost:{self.web.server_port}").geturl()
        return web_get(here, trust=trust, timeout=timeout, max_bytes=max_bytes, stop=stop)

    def _probe(
        self, kind: ServerKind, settings: ServerSettings, *, trust: TlsTrust, timeout: float, stop: Wake
    ) -> tuple[SignInMethod, ...]:
        port = self.mail.get(f"{settings.host}:{settings.port}")
        if port is None:
            raise ConnectionFailed("No such server was found.", layer=Layer.NAME_LOOKUP)
        here = ServerSettings("localhost", port, settings.security, settings.user)
        return probe_server(kind, here, trust=trust, timeout=timeout, stop=stop)


def _wait_for_the_rest() -> None:
    """What a search no longer needs is told to end, and not waited for: here it is, before the servers go."""
    for thread in threading.enumerate():
        if thread.name == "discovery":
            thread.join(LIMIT)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def leaf(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("localhost")


@pytest.fixture
def internet(leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path) -> Iterator[Internet]:
    with DnsServer() as dns, WebServer(leaf) as web:
        yield Internet(dns, web, trust_in(authority, tmp_path))


def source(found: Discovery) -> Source | None:
    return found.best.source if found.best else None


def test_a_file_of_the_provider(internet: Internet):
    internet.web.pages[FILE] = BOTH
    assert source(internet.find()) is Source.AUTOCONFIG
    for _path, fields in internet.web.requests:
        assert not {"Cookie", "Referer", "Authorization", "Accept-Language"} & set(fields)


def test_the_list_of_thunderbird(internet: Internet):
    internet.dns.records["example.org", "MX"] = ["10 mx.hoster.example."]
    internet.web.pages["/v1.1/hoster.example"] = BOTH
    assert source(internet.find()) is Source.ISPDB


def test_an_exchange_of_a_known_provider(internet: Internet):
    internet.dns.records["example.org", "MX"] = ["10 example-org.mail.protection.outlook.com."]
    found = internet.find()
    assert found.best is not None
    assert found.best.provider == "Microsoft 365"


def test_records_in_dns(internet: Internet):
    internet.dns.records["_imaps._tcp.example.org", "SRV"] = ["0 1 993 imap.example.org."]
    internet.dns.records["_submissions._tcp.example.org", "SRV"] = ["0 1 465 smtp.example.org."]
    assert source(internet.find()) is Source.DNS


def test_a_server_under_its_usual_name(internet: Internet, leaf: trustme.LeafCert):
    with ScriptedServer(transcript(IMAP), certificate=leaf) as server:
        internet.mail["imap.example.org:993"] = server.port
        found = internet.find()
    assert source(found) is Source.GUESS
    assert found.best is not None
    assert [str(one.settings) for one in found.best.servers] == ["imap.example.org:993/tls"]


def test_a_file_without_end_is_not_read(internet: Internet):
    internet.web.pages[FILE] = b"<clientConfig>" + b"x" * (MAX_BYTES + 1)
    internet.web.pages[WELL_KNOWN] = b"<!DOCTYPE html>"
    found = internet.find()
    assert found.best is None
    autoconfig = next(attempt for attempt in found.attempts if attempt.source is Source.AUTOCONFIG)
    assert autoconfig.outcome == "localhost sent more than it should."


def test_a_web_server_that_cannot_prove_who_it_is_is_not_believed(tmp_path: Path):
    stranger = trustme.CA()
    with DnsServer() as dns, WebServer(stranger.issue_cert("localhost")) as web:
        web.pages[FILE] = BOTH
        found = Internet(dns, web, TlsTrust()).find()
        assert found.best is None
        assert web.requests == []
