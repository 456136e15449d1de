"""From the address of a POP3 server to what it can do, and what to say when it is not one."""

from __future__ import annotations

import contextlib

import pytest

from qtmail.domain.account import Security
from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, Retry, Stopped
from qtmail.protocols.pop3 import Pop3Capabilities
from tests.fakes.imap_server import Drop, Flood, ScriptedServer, Send, Stall, transcript
from tests.wire.pop3_sessions import connected, greeted, new_session, signed_in
from tests.wire.sessions import aborting


def test_what_the_server_can_do():
    script = greeted(
        "TOP", "UIDL", "USER", "SASL PLAIN", "LOGIN-DELAY 60", "IMPLEMENTATION Some server", "X-ODD"
    )
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.capabilities == Pop3Capabilities(
            told=True,
            uidl=True,
            top=True,
            user=True,
            mechanisms=("PLAIN",),
            login_delay=60,
        )
        assert session.counters.round_trips == 1
        assert not session.closed


def test_a_server_that_does_not_know_capa_is_used_as_servers_once_were():
    script = transcript("S: +OK\nC: CAPA\nS: -ERR what?\nC: USER eva\nS: +OK\nC: PASS secret\nS: +OK")
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.capabilities == Pop3Capabilities()
        assert session.capabilities.user
        session.sign_in("secret")


def test_what_differs_by_user_is_asked_again_after_sign_in():
    script = signed_in(
        "EXPIRE 30 USER",
        "LOGIN-DELAY 900 USER",
        rest="C: CAPA\nS: +OK\nS: USER\nS: EXPIRE 7\nS: LOGIN-DELAY 10\nS: .",
    )
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.capabilities.login_delay == 900
        session.sign_in("secret")
        assert session.capabilities.expire == 7
        assert session.capabilities.login_delay == 10


def test_internationalised_headers_are_asked_for_before_sign_in():
    script = greeted("USER", "UTF8 USER", rest="C: UTF8\nS: +OK\nC: USER eva\nS: +OK\nC: PASS secret\nS: +OK")
    with ScriptedServer(script) as server, connected(server) as session:
        session.sign_in("secret")


@pytest.mark.parametrize(
    ("greeting", "words", "advice"),
    [
        ("-ERR too many connections", "too many connections", "try again later"),
        ("-ERR [IN-USE] somebody is there", "somebody is there", "Close other programs"),
        ("-ERR [SYS/PERM] no such service", "no such service", "owner"),
        ("-ERR", "gave no reason", "try again later"),
    ],
)
def test_turned_away(greeting: str, words: str, advice: str):
    with (
        ScriptedServer(transcript(f"S: {greeting}")) as server,
        pytest.raises(ConnectionFailed, match=words) as failure,
        connected(server),
    ):
        pass
    assert advice in failure.value.advice
    assert failure.value.layer is Layer.GREETING
    assert failure.value.retry is Retry.LATER


@pytest.mark.parametrize(
    ("banner", "named"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "is not a POP3 server but a web server"),
        (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", "an IMAP server"),
        (b"220 mail.example.org ESMTP\r\n", "an SMTP server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"\x15\x03\x01\x00\x02\x02\x46\r\n", "TLS from the first byte"),
        (b"\0\0\0\0 nonsense\r\n", r"is not a POP3 server\."),
        (b"+OKAY\r\n", r"is not a POP3 server\."),
        (b"\r\n", r"is not a POP3 server\."),
        (b"x" * 100_000, r"is not a POP3 server\."),
    ],
)
def test_what_is_not_pop3_is_named(banner: bytes, named: str):
    with (
        ScriptedServer([Send(banner), Stall()]) as server,
        pytest.raises(ProtocolViolation, match=named) as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.GREETING
    assert failure.value.advice


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([Send(b"good morning\r\n")], "something that is not POP3"),
        ([Send(b"+ what?\r\n")], "something that is not POP3"),
        ([Send(b"\r\n")], "something that is not POP3"),
        ([Send(b"+OK\r\n"), Flood(b"X-AGAIN\r\n")], "a list of more than 500 lines"),
        ([Flood(b"+OK " + b"x" * 9000)], "a line longer than"),
    ],
)
def test_answers_that_make_no_sense_end_the_session(answer: list[Send], words: str):
    script = [*transcript("S: +OK\nC: CAPA"), *answer, Stall()]
    with (
        ScriptedServer(script) as server,
        contextlib.closing(new_session(server)) as session,
        pytest.raises(ProtocolViolation, match=words),
    ):
        session.connect()
    assert session.closed


def test_bare_line_feeds_between_answers_are_understood():
    script = [Send(b"+OK\n"), *transcript("C: CAPA"), Send(b"+OK\nUSER\n.\n")]
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.capabilities == Pop3Capabilities(told=True, uidl=False, top=False)


def test_a_server_that_hangs_up_instead_of_greeting():
    with ScriptedServer([Drop()]) as server, pytest.raises(ConnectionFailed) as failure, connected(server):
        pass
    assert failure.value.layer is Layer.GREETING
    assert "choose TLS" in failure.value.advice


def test_a_server_that_hangs_up_after_its_greeting():
    with (
        ScriptedServer(transcript("S: +OK\nC: CAPA\nDROP")) as server,
        pytest.raises(ConnectionFailed) as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.CAPABILITY


def test_a_server_that_is_silent():
    with (
        ScriptedServer([Stall()]) as server,
        pytest.raises(ConnectionFailed, match="did not answer for") as failure,
        connected(server, timeout=0.1),
    ):
        pass
    assert failure.value.layer is Layer.GREETING


def test_aborting_while_waiting_for_the_greeting():
    with (
        ScriptedServer([Stall()]) as server,
        contextlib.closing(new_session(server)) as session,
        aborting(session, after=0.05),
        pytest.raises(Stopped),
    ):
        session.connect()


def test_goodbye():
    with ScriptedServer(greeted(rest="C: QUIT\nS: +OK bye")) as server:
        with new_session(server) as session:
            session.connect()
        assert session.closed


def test_goodbye_is_not_waited_for_when_nobody_is_there():
    with ScriptedServer(greeted(rest="DROP")) as server, new_session(server) as session:
        session.connect()


def test_asking_whether_the_server_is_still_there():
    script = signed_in(rest="C: NOOP\nS: +OK\nC: NOOP\nS: -ERR what?, but here\nC: NOOP\nDROP")
    with ScriptedServer(script) as server, connected(server) as session:
        session.sign_in("secret")
        session.noop()
        session.noop()
        with pytest.raises(ConnectionFailed):
            session.noop()
        assert session.closed


def test_nothing_is_said_before_connecting():
    with (
        ScriptedServer() as server,
        contextlib.closing(new_session(server, security=Security.TLS)) as session,
    ):
        with pytest.raises(RuntimeError):
            session.noop()
        assert session.closed
        assert session.capabilities == Pop3Capabilities()
