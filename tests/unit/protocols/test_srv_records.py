"""What DNS says about a domain's mail, and how little of it is believed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from qtmail.domain.account import Security
from qtmail.domain.discovery import ServerKind, SoughtAddress
from qtmail.errors import ConnectionFailed, Layer
from qtmail.protocols.srv_records import MAX_RECORDS, DnsResolver, find_services
from tests.fakes.dns_server import DnsServer

EVA = SoughtAddress("Eva@Example.org", "Eva", "example.org")


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer() as running:
        yield running


@pytest.fixture
def resolver(server: DnsServer) -> DnsResolver:
    return DnsResolver(["127.0.0.1"], server.port)


def soon() -> float:
    return time.monotonic() + 2.0


def test_services_are_found_with_the_whole_address_as_user(server: DnsServer, resolver: DnsResolver):
    server.records["_imaps._tcp.example.org", "SRV"] = ["0 1 993 IMAP.example.org."]
    server.records["_pop3s._tcp.example.org", "SRV"] = ["0 1 995 pop.example.org."]
    server.records["_submissions._tcp.example.org", "SRV"] = ["0 1 465 smtp.example.org."]
    found = find_services(resolver, EVA)
    assert [
        (server.kind, str(server.settings), server.settings.user, server.foreign) for server in found
    ] == [
        (ServerKind.IMAP, "imap.example.org:993/tls", "Eva@Example.org", False),
        (ServerKind.POP3, "pop.example.org:995/tls", "Eva@Example.org", False),
        (ServerKind.SMTP, "smtp.example.org:465/tls", "Eva@Example.org", False),
    ]


def test_tls_goes_before_starttls_whatever_the_priorities(server: DnsServer, resolver: DnsResolver):
    server.records["_imap._tcp.example.org", "SRV"] = ["0 1 143 imap.example.org."]
    server.records["_imaps._tcp.example.org", "SRV"] = ["20 1 993 imap.example.org."]
    found = find_services(resolver, EVA)
    assert [server.settings.security for server in found] == [Security.TLS, Security.STARTTLS]


def test_the_lowest_priority_goes_first_and_of_equals_the_heaviest(server: DnsServer, resolver: DnsResolver):
    server.records["_imaps._tcp.example.org", "SRV"] = [
        "10 90 993 backup.example.org.",
        "5 10 993 light.example.org.",
        "5 60 993 heavy.example.org.",
    ]
    hosts = [server.settings.host for server in find_services(resolver, EVA)]
    assert hosts == ["heavy.example.org", "light.example.org", "backup.example.org"]


def test_a_dot_means_that_a_service_is_not_offered(server: DnsServer, resolver: DnsResolver):
    server.records["_imap._tcp.example.org", "SRV"] = ["0 0 0 ."]
    server.records["_submission._tcp.example.org", "SRV"] = ["0 0 587 smtp.example.org."]
    assert [server.kind for server in find_services(resolver, EVA)] == [ServerKind.SMTP]


def test_a_host_outside_the_domain_is_marked_as_foreign(server: DnsServer, resolver: DnsResolver):
    server.records["_imaps._tcp.example.org", "SRV"] = ["0 1 993 imap.hoster.net."]
    server.records["_submissions._tcp.example.org", "SRV"] = ["0 1 465 smtp.notexample.org."]
    assert all(server.foreign for server in find_services(resolver, EVA))


def test_what_cannot_be_a_host_is_not_taken_for_one(server: DnsServer, resolver: DnsResolver):
    server.records["_imaps._tcp.example.org", "SRV"] = [
        r"0 1 993 im\032ap/x.example.org.",
        "0 1 993 localhost.",
    ]
    server.records["example.org", "MX"] = [r"1 a\.b@c.example.net.", "2 mx.example.net."]
    assert find_services(resolver, EVA) == ()
    assert resolver.exchanges("example.org", soon()) == ["mx.example.net"]


def test_a_domain_without_records_has_no_services(resolver: DnsResolver):
    assert find_services(resolver, EVA) == ()


def test_exchanges_come_in_order_of_preference(server: DnsServer, resolver: DnsResolver):
    server.records["example.org", "MX"] = ["20 mx2.example.net.", "5 MX1.Example.net."]
    assert resolver.exchanges("example.org", soon()) == ["mx1.example.net", "mx2.example.net"]


def test_a_domain_that_takes_no_mail_has_no_exchange(server: DnsServer, resolver: DnsResolver):
    server.records["example.org", "MX"] = ["0 ."]
    assert resolver.exchanges("example.org", soon()) == []


def test_a_name_with_other_records_only_has_no_exchange(server: DnsServer, resolver: DnsResolver):
    server.records["example.org", "TXT"] = ['"hello"']
    assert resolver.exchanges("example.org", soon()) == []


def test_no_more_records_are_taken_than_make_sense(server: DnsServer, resolver: DnsResolver):
    server.records["example.org", "MX"] = [f"{number} mx{number}.example.net." for number in range(30)]
    hosts = [f"mx{number}.example.net" for number in range(MAX_RECORDS)]
    assert resolver.exchanges("example.org", soon()) == hosts


def test_a_resolver_that_fails_is_a_fault_of_the_look_up(server: DnsServer, resolver: DnsResolver):
    server.failing.add("example.org")
    with pytest.raises(ConnectionFailed) as caught:
        resolver.exchanges("example.org", soon())
    assert caught.value.layer is Layer.NAME_LOOKUP
    assert "example.org" in caught.value.sentence


def test_a_silent_resolver_is_given_up_in_time(server: DnsServer, resolver: DnsResolver):
    server.silent = True
    started = time.monotonic()
    with pytest.raises(ConnectionFailed):
        resolver.exchanges("example.org", time.monotonic() + 0.3)
    assert time.monotonic() - started < 5.0
