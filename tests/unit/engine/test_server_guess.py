"""Guessing: usual names, TLS first, and nothing in clear text."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from qtmail.domain.account import Security
from qtmail.domain.discovery import FoundServer, ServerKind, SoughtAddress
from qtmail.domain.sign_in import SignInMethod
from qtmail.engine.server_guess import guess_servers, guesses
from qtmail.errors import Stopped, TlsFailed
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.wake import Wake
from tests.fakes.settings_sources import LIMIT, Servers

EVA = SoughtAddress("eva@example.org", "eva", "example.org")
PASSWORD = (SignInMethod.PASSWORD,)


@pytest.fixture
def stop() -> Iterator[Wake]:
    wake = Wake()
    yield wake
    wake.close()


def guess(servers: Servers, stop: Wake, exchanges: tuple[str, ...] = ()) -> dict[ServerKind, FoundServer]:
    found = guess_servers(EVA, exchanges, servers.probe, TlsTrust(), stop)
    return {server.kind: server for server in found}


def test_tls_is_tried_before_starttls_and_clear_text_never():
    found = guesses(ServerKind.IMAP, EVA)
    assert [str(server.settings) for server in found] == [
        "imap.example.org:993/tls",
        "mail.example.org:993/tls",
        "imap.example.org:143/starttls",
        "mail.example.org:143/starttls",
    ]
    everything = [server for kind in ServerKind for server in guesses(kind, EVA, ["mx.example.net"])]
    assert Security.NONE not in {server.settings.security for server in everything}


def test_mail_exchanges_come_last_and_outside_the_domain_as_foreign():
    found = guesses(ServerKind.SMTP, EVA, ["mx.example.org", "mx.hoster.example", "third.example"])
    tls = [(server.settings.host, server.foreign) for server in found if server.settings.port == 465]
    assert tls == [
        ("smtp.example.org", False),
        ("mail.example.org", False),
        ("mx.example.org", False),
        ("mx.hoster.example", True),
    ]


def test_the_likeliest_of_each_kind_is_taken(stop: Wake):
    servers = Servers()
    servers.at = {
        "imap.example.org:143": PASSWORD,
        "mail.example.org:993": PASSWORD,
        "pop.example.org:995": PASSWORD,
        "smtp.example.org:465": PASSWORD,
        "smtp.example.org:587": PASSWORD,
    }
    found = guess(servers, stop)
    assert {kind: str(server.settings) for kind, server in found.items()} == {
        ServerKind.IMAP: "mail.example.org:993/tls",
        ServerKind.POP3: "pop.example.org:995/tls",
        ServerKind.SMTP: "smtp.example.org:465/tls",
    }
    assert found[ServerKind.IMAP].settings.user == "eva@example.org"
    assert found[ServerKind.IMAP].methods == PASSWORD


def test_a_server_that_lets_nobody_sign_in_is_none_for_users(stop: Wake):
    servers = Servers()
    servers.at = {"smtp.example.org:465": (), "mail.example.org:587": PASSWORD}
    assert str(guess(servers, stop)[ServerKind.SMTP].settings) == "mail.example.org:587/starttls"


def test_silent_ports_do_not_hold_up_what_is_better(stop: Wake):
    servers = Servers()
    servers.at = dict.fromkeys(
        ("imap.example.org:993", "pop.example.org:995", "smtp.example.org:465"), PASSWORD
    )
    servers.hanging = lambda server: server not in servers.at
    started = time.monotonic()
    assert len(guess(servers, stop)) == 3
    assert time.monotonic() - started < LIMIT / 2


def test_nothing_answers(stop: Wake):
    assert guess(Servers(), stop) == {}


def test_a_server_that_is_there_but_cannot_be_trusted_is_told_of(stop: Wake):
    servers = Servers()
    servers.at["mail.example.org:143"] = TlsFailed("The certificate of mail.example.org has expired.")
    with pytest.raises(TlsFailed, match="expired"):
        guess(servers, stop)


def test_guessing_stops_at_once(stop: Wake):
    servers = Servers()
    servers.hanging = lambda server: True
    stop.set()
    with pytest.raises(Stopped):
        guess(servers, stop)
