"""Looking whether a server is there: what is said to it, and that nothing else is."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import ServerKind
from qtmail.domain.sign_in import SignInMethod
from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, Stopped, TlsFailed
from qtmail.protocols import server_probe
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.server_probe import probe_server
from qtmail.protocols.wake import Wake
from tests.fakes.imap_server import ScriptedServer, transcript
from tests.wire.sessions import trust_in

IMAP = """
    S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2] ready
    C~ \\S+ LOGOUT
"""
POP3 = """
    S: +OK ready
    C: CAPA
    S: +OK
    S: USER
    S: SASL PLAIN OAUTHBEARER
    S: .
    C: QUIT
"""
SMTP = """
    S: 220 mail.example.org ESMTP
    C~ EHLO .*
    S: 250-mail.example.org
    S: 250 AUTH PLAIN EXTERNAL
    C: QUIT
"""
PASSWORD, OAUTH, CERTIFICATE = SignInMethod.PASSWORD, SignInMethod.OAUTH, SignInMethod.CERTIFICATE


@pytest.fixture(scope="module")
def leaf(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("127.0.0.1", "localhost")


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> TlsTrust:
    return trust_in(authority, tmp_path)


@pytest.fixture
def stop() -> Iterator[Wake]:
    wake = Wake()
    yield wake
    wake.close()


def probe(
    kind: ServerKind, server: ScriptedServer, security: Security, trust: TlsTrust, stop: Wake
) -> tuple[SignInMethod, ...]:
    settings = ServerSettings("127.0.0.1", server.port, security, "eva@example.org")
    return probe_server(kind, settings, trust=trust, timeout=5.0, stop=stop)


@pytest.mark.parametrize(
    ("kind", "said", "methods"),
    [
        (ServerKind.IMAP, IMAP, (PASSWORD, OAUTH)),
        (ServerKind.POP3, POP3, (PASSWORD, OAUTH)),
        (ServerKind.SMTP, SMTP, (PASSWORD, CERTIFICATE)),
    ],
)
def test_a_server_behind_tls(
    kind: ServerKind,
    said: str,
    methods: tuple[SignInMethod, ...],
    leaf: trustme.LeafCert,
    trust: TlsTrust,
    stop: Wake,
):
    with ScriptedServer(transcript("TLS\n" + said), certificate=leaf) as server:
        assert probe(kind, server, Security.TLS, trust, stop) == methods


def test_a_server_that_begins_in_clear_text(leaf: trustme.LeafCert, trust: TlsTrust, stop: Wake):
    said = """
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready
        C: q1 STARTTLS
        S: q1 OK begin
        TLS
        C: q2 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: q2 OK done
        C~ \\S+ LOGOUT
    """
    with ScriptedServer(transcript(said), certificate=leaf) as server:
        assert probe(ServerKind.IMAP, server, Security.STARTTLS, trust, stop) == (PASSWORD,)


def test_a_server_without_encryption_is_refused(trust: TlsTrust, stop: Wake):
    said = "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"
    with ScriptedServer(transcript(said)) as server, pytest.raises(TlsFailed):
        probe(ServerKind.IMAP, server, Security.STARTTLS, trust, stop)


def test_a_server_that_lets_nobody_in(leaf: trustme.LeafCert, trust: TlsTrust, stop: Wake):
    said = """
        TLS
        S: 220 mx.example.org ESMTP
        C~ EHLO .*
        S: 250 mx.example.org
        C: QUIT
    """
    with ScriptedServer(transcript(said), certificate=leaf) as server:
        assert probe(ServerKind.SMTP, server, Security.TLS, trust, stop) == ()


def test_a_certificate_for_another_name(authority: trustme.CA, trust: TlsTrust, stop: Wake):
    other = authority.issue_cert("www.example.net")
    refused = transcript("TLS")
    with (
        ScriptedServer(refused, transcript("TLS"), certificate=other) as server,
        pytest.raises(TlsFailed) as caught,
    ):
        probe(ServerKind.IMAP, server, Security.TLS, trust, stop)
    assert "another name" in caught.value.sentence or "IP address" in caught.value.sentence


def test_another_kind_of_server(leaf: trustme.LeafCert, trust: TlsTrust, stop: Wake):
    said = transcript("TLS\nS: +OK POP3 ready")
    with ScriptedServer(said, certificate=leaf) as server, pytest.raises(ProtocolViolation) as caught:
        probe(ServerKind.IMAP, server, Security.TLS, trust, stop)
    assert caught.value.layer is Layer.GREETING


def test_nothing_answers(trust: TlsTrust, stop: Wake):
    with ScriptedServer() as server:
        port = server.port
    settings = ServerSettings("127.0.0.1", port, Security.TLS, "eva@example.org")
    with pytest.raises(ConnectionFailed):
        probe_server(ServerKind.SMTP, settings, trust=trust, timeout=5.0, stop=stop)


def test_a_probe_can_be_ended_at_once(trust: TlsTrust, stop: Wake):
    with ScriptedServer(transcript("STALL")) as server:
        timer = threading.Timer(0.1, stop.set)
        timer.start()
        with pytest.raises(Stopped):
            probe(ServerKind.IMAP, server, Security.STARTTLS, trust, stop)
        timer.join()


def test_no_function_here_takes_a_secret():
    functions = [value for value in vars(server_probe).values() if inspect.isfunction(value)]
    names = {name for function in functions for name in inspect.signature(function).parameters}
    assert not {name for name in names if "password" in name or "secret" in name or "token" in name}
