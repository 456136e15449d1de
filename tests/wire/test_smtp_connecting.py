"""From the address of an SMTP server to what it can do, and what to say when it is not one."""

from __future__ import annotations

import contextlib
import socket

import pytest

from qtmail.domain.account import Security
from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, Retry, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols.smtp import SmtpOffers
from tests.fakes.imap_server import Drop, Flood, ScriptedServer, Send, Stall, transcript
from tests.wire.sessions import aborting
from tests.wire.smtp_sessions import connected, greeted, new_session


def test_what_the_server_can_do():
    script = greeted(
        "PIPELINING",
        "size 35882577",
        "8BITMIME",
        "SMTPUTF8",
        "CHUNKING",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "AUTH PLAIN login",
        "AUTH=PLAIN LOGIN",
        "X-UNKNOWN of=no concern",
        "%&!",
    )
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.offers == SmtpOffers(
            name="mail.example.org",
            sized=True,
            size_limit=35882577,
            eight_bit=True,
            utf8=True,
            pipelining=True,
            chunking=True,
            dsn=True,
            mechanisms=("PLAIN", "LOGIN"),
        )
        assert session.counters.round_trips == 1
        assert not session.closed


def test_this_computer_tells_neither_its_name_nor_its_address():
    log = ProtocolLog()
    with ScriptedServer(greeted()) as server, connected(server, log=log):
        pass
    said = " ".join(line.text for line in log.lines() if line.direction == "C")
    assert said == "EHLO [127.0.0.1]"
    assert socket.gethostname() not in said


def test_a_greeting_of_several_lines():
    script = transcript(
        """
        S: 220-mail.example.org ESMTP
        S: 220-no advertising
        S: 220
        C: EHLO [127.0.0.1]
        S: 250 mail.example.org
        """
    )
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.offers == SmtpOffers(name="mail.example.org")


@pytest.mark.parametrize("refusal", ["500 what?", "502 5.5.1 not implemented", "550 no"])
def test_a_server_that_knows_only_helo(refusal: str):
    script = transcript(
        f"""
        S: 220 old.example.org
        C: EHLO [127.0.0.1]
        S: {refusal}
        C: HELO [127.0.0.1]
        S: 250 old.example.org pleased to meet you, SIZE 12
        """
    )
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.offers == SmtpOffers(name="old.example.org")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (["421 4.3.2 shutting down"], "shutting down"),
        (["451 4.3.0 out of order"], "out of order"),
        (["550 no", "550 go away"], "go away"),
    ],
)
def test_a_server_that_will_not_speak_with_us(answers: list[str], words: str):
    verbs = ("EHLO", "HELO")
    steps = "".join(f"C: {verb} [127.0.0.1]\nS: {said}\n" for verb, said in zip(verbs, answers, strict=False))
    with (
        ScriptedServer(transcript("S: 220 mail.example.org ESMTP\n" + steps)) as server,
        pytest.raises(ConnectionFailed, match=words) as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.CAPABILITY
    assert failure.value.retry is Retry.LATER


@pytest.mark.parametrize(
    ("greeting", "words", "advice"),
    [
        ("S: 421 4.7.0 too busy", "too busy", "try again later"),
        ("S: 554 5.7.1 your network is listed", "your network is listed", "takes no mail"),
        ("S: 554-no\nS: 554 entry", "no entry", "takes no mail"),
        ("S: 554", "gave no reason", "takes no mail"),
    ],
)
def test_turned_away(greeting: str, words: str, advice: str):
    with (
        ScriptedServer(transcript(greeting)) as server,
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
        (b"HTTP/1.1 400 Bad Request\r\n", "is not an SMTP server but a web server"),
        (b"<!DOCTYPE html>\r\n", "web server"),
        (b"+OK POP3 ready\r\n", "POP3"),
        (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", "an IMAP server"),
        (b"220 (vsFTPd 3.0.3)\r\n", "an FTP server"),
        (b"220 ProFTPD Server ready.\r\n", "an FTP server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"\x15\x03\x01\x00\x02\x02\x46\r\n", "TLS from the first byte"),
        (b"\0\0\0\0 nonsense\r\n", r"is not an SMTP server\."),
        (b"250 too early\r\n", r"is not an SMTP server\."),
        (b"22 mail\r\n", r"is not an SMTP server\."),
        (b"2200 mail\r\n", r"is not an SMTP server\."),
        (b"\r\n", r"is not an SMTP server\."),
        (b"x" * 100_000, r"is not an SMTP server\."),
    ],
)
def test_what_is_not_smtp_is_named(banner: bytes, named: str):
    with (
        ScriptedServer([Send(banner), Stall()]) as server,
        pytest.raises(ProtocolViolation, match=named) as failure,
        connected(server),
    ):
        pass
    assert failure.value.layer is Layer.GREETING
    assert failure.value.advice


@pytest.mark.parametrize("name", ["swiftp.example.org ESMTP", "ftp.example.org SMTP ready", "ready"])
def test_a_mail_server_whatever_its_name(name: str):
    script = transcript(f"S: 220 {name}\nC: EHLO [127.0.0.1]\nS: 250 ok")
    with ScriptedServer(script) as server, connected(server) as session:
        assert not session.closed


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ([Send(b"250-one\r\n220 two\r\n")], "from 250 to 220 half-way"),
        ([Send(b"good morning\r\n")], "something that is not SMTP"),
        ([Send(b"250-one\r\n\r\n")], "something that is not SMTP"),
        ([Send(b"250_one\r\n")], "something that is not SMTP"),
        ([Flood(b"250-again\r\n")], "a reply of more than 500 lines"),
        ([Flood(b"250 " + b"x" * 9000)], "a line longer than"),
    ],
)
def test_replies_that_make_no_sense_end_the_session(reply: list[Send], words: str):
    script = [*transcript("S: 220 mail.example.org ESMTP\nC: EHLO [127.0.0.1]"), *reply, Stall()]
    with (
        ScriptedServer(script) as server,
        contextlib.closing(new_session(server)) as session,
        pytest.raises(ProtocolViolation, match=words),
    ):
        session.connect()
    assert session.closed


def test_a_bare_code_and_a_bare_line_feed_are_understood():
    script = [Send(b"220\n"), *transcript("C: EHLO [127.0.0.1]"), Send(b"250\r\n")]
    with ScriptedServer(script) as server, connected(server) as session:
        assert session.offers == SmtpOffers()


def test_a_server_that_hangs_up_instead_of_greeting():
    with ScriptedServer([Drop()]) as server, pytest.raises(ConnectionFailed) as failure, connected(server):
        pass
    assert failure.value.layer is Layer.GREETING
    assert "choose TLS" in failure.value.advice


def test_a_line_that_is_reset_instead_of_greeting():
    with ScriptedServer([Drop(reset=True)]) as server, pytest.raises(ConnectionFailed), connected(server):
        pass


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
    with ScriptedServer(greeted(rest="C: QUIT\nS: 221 bye")) as server:
        with new_session(server) as session:
            session.connect()
        assert session.closed


def test_goodbye_is_not_waited_for_when_nobody_is_there():
    with ScriptedServer(greeted(rest="DROP")) as server, new_session(server) as session:
        session.connect()


def test_asking_whether_the_server_is_still_there():
    script = greeted(
        rest="""
        C: NOOP
        S: 250 yes
        C: NOOP
        S: 500 not implemented, but here
        C: NOOP
        S: 421 4.4.2 timed out
        DROP
        """
    )
    with ScriptedServer(script) as server, connected(server) as session:
        session.noop()
        session.noop()
        with pytest.raises(ConnectionFailed, match="timed out"):
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
        assert session.offers == SmtpOffers()
