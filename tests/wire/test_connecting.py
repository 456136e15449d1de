"""From the address to the greeting: what answers, and what to say when it is not an IMAP server."""

from __future__ import annotations

import contextlib
import socket
import time

import pytest

from qtmail.domain.account import Security, ServerSettings
from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, ServerRefused, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from tests.fakes.imap_server import ScriptedServer, Send, Stall, transcript
from tests.wire.sessions import aborting, connected, new_session


def test_capabilities_in_the_greeting_are_not_asked_for_again():
    with (
        ScriptedServer(transcript("S: * OK [CAPABILITY IMAP4rev1 idle] ready")) as server,
        connected(server) as session,
    ):
        assert session.capabilities == {"IMAP4REV1", "IDLE"}
        assert session.supports_idle
        assert session.counters.round_trips == 0


def test_capabilities_are_asked_for_when_the_greeting_has_none():
    script = transcript(
        """
        S: * OK ready
        C: q1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 CONDSTORE
        S: q1 OK done
        """
    )
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.supports_condstore
        assert session.counters.round_trips == 1


def test_capabilities_that_are_refused():
    script = transcript(
        """
        S: * OK ready
        C: q1 CAPABILITY
        S: q1 BAD what?
        """
    )
    with (
        ScriptedServer(script) as server,
        pytest.raises(ServerRefused, match="say what it can do") as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.CAPABILITY


def test_a_server_that_turns_clients_away_is_quoted():
    with (
        ScriptedServer(transcript("S: * BYE [UNAVAILABLE] Too many connections, come back later")) as server,
        pytest.raises(ConnectionFailed, match="Too many connections, come back later") as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.GREETING


@pytest.mark.parametrize(
    ("banner", "named"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "web server"),
        (b"<!DOCTYPE html>\r\n", "web server"),
        (b"+OK POP3 ready\r\n", "POP3"),
        (b"220 mail.example.org ESMTP Postfix\r\n", "SMTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"\x15\x03\x01\x00\x02\x02\x46\r\n", "TLS from the first byte"),
        (b"\0\0\0\0 nonsense\r\n", "is not an IMAP server"),
        (b"* 12 EXISTS\r\n", "is not an IMAP server"),
        (b"\r\n", "is not an IMAP server"),
        (b"x" * 100_000, "is not an IMAP server"),
    ],
)
def test_what_is_not_imap_is_named(banner: bytes, named: str):
    with (
        ScriptedServer([Send(banner), Stall()]) as server,
        pytest.raises(ProtocolViolation, match=named) as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.GREETING
    assert str(server.port) in failure.value.sentence


def test_a_server_that_says_nothing_is_given_up():
    with (
        ScriptedServer([Stall()]) as server,
        pytest.raises(ConnectionFailed, match="did not answer for 0 seconds") as failure,
        connected(server, timeout=0.1),
    ):
        pass
    assert failure.value.layer is Layer.GREETING
    assert "choose TLS" in failure.value.advice


def test_a_server_that_hangs_up_at_once():
    with (
        ScriptedServer(transcript("DROP")) as server,
        pytest.raises(ConnectionFailed, match="closed the connection") as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.GREETING


def test_a_port_where_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        contextlib.closing(_session("127.0.0.1", port)) as session,
        pytest.raises(ConnectionFailed, match=f"nothing answers on port {port}") as failure,
    ):
        session.connect()
    assert failure.value.layer is Layer.CONNECTION


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "a..b", "x" * 300])
def test_a_name_that_does_not_exist(host: str):
    with (
        contextlib.closing(_session(host, 993)) as session,
        pytest.raises(ConnectionFailed) as failure,
    ):
        session.connect()
    assert failure.value.layer is Layer.NAME_LOOKUP


def test_the_second_address_is_used_when_the_first_refuses():
    """`localhost` is ::1 first on most systems, where this server does not listen."""
    with (
        ScriptedServer(transcript("S: * OK [CAPABILITY IMAP4rev1] ready")) as server,
        connected(server, host="localhost") as session,
    ):
        assert not session.closed


def test_abort_ends_the_wait_for_a_greeting():
    with (
        ScriptedServer([Stall()]) as server,
        contextlib.closing(new_session(server, timeout=30)) as session,
        aborting(session, after=0.05),
    ):
        began = time.monotonic()
        with pytest.raises(Stopped):
            session.connect()
        assert time.monotonic() - began < 1
        with pytest.raises(Stopped):
            session.connect()


def _session(host: str, port: int) -> ImapSession:
    settings = ServerSettings(host, port, Security.TLS, "eva")
    return ImapSession(settings, trust=TlsTrust(), log=ProtocolLog(), timeout=5.0)
