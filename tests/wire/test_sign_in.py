"""Passwords on the wire and off it, and what follows the sign-in."""

from __future__ import annotations

import pytest

from qtmail.errors import ConnectionFailed, Retry, SignInFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.imap_values import Namespace
from tests.fakes.imap_server import ExpectBytes, ScriptedServer, transcript
from tests.wire.sessions import SIGN_IN, connected, ready, signed_in


def test_plain_with_the_password_in_the_first_line_and_never_in_the_log():
    log = ProtocolLog()
    with ScriptedServer(signed_in()) as server, ready(server, log=log):
        pass
    shown = "\n".join(line.text for line in log.lines())
    assert "AUTHENTICATE PLAIN ***" in shown
    assert "secret" not in shown
    assert SIGN_IN.split()[-1] not in shown


def test_plain_when_the_server_asks_first():
    script = transcript(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        C: q1 AUTHENTICATE PLAIN
        S: +
        C: {SIGN_IN.split()[-1]}
        S: q1 OK [CAPABILITY IMAP4rev1] signed in
        """
    )
    log = ProtocolLog()
    with ScriptedServer(script) as server, ready(server, log=log):
        pass
    assert SIGN_IN.split()[-1] not in "\n".join(line.text for line in log.lines())


def test_plain_refused_before_the_password_was_asked_for():
    script = transcript(
        """
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        C: q1 AUTHENTICATE PLAIN
        S: q1 NO [UNAVAILABLE] later
        """
    )
    with (
        ScriptedServer(script) as server,
        connected(server) as session,
        pytest.raises(SignInFailed, match="cannot check passwords at the moment") as failure,
    ):
        session.sign_in("secret")
    assert failure.value.retry is Retry.LATER


@pytest.mark.parametrize(
    ("password", "written"),
    [
        ("secret", '"secret"'),
        ('with "quotes" and \\', r'"with \"quotes\" and \\"'),
        ("", '""'),
        (" {5} % * ] ", '" {5} % * ] "'),
    ],
)
def test_login_quotes_any_password(password: str, written: str):
    script = transcript("S: * OK [CAPABILITY IMAP4rev1] ready") + transcript(
        f"""
        C: q1 LOGIN "eva" {written}
        S: q1 OK [CAPABILITY IMAP4rev1] signed in
        """
    )
    log = ProtocolLog()
    with ScriptedServer(script) as server, connected(server, log=log) as session:
        session.sign_in(password)
    assert written not in "\n".join(line.text for line in log.lines() if password.strip())


def test_login_sends_an_8_bit_password_as_a_literal():
    secret = "pässwörd".encode()
    script = [
        *transcript("S: * OK [CAPABILITY IMAP4rev1] ready"),
        *transcript(
            f"""
            C: q1 LOGIN "eva" {{{len(secret)}}}
            S: + go on
            """
        ),
        ExpectBytes(secret),
        *transcript(
            """
            C:
            S: q1 OK [CAPABILITY IMAP4rev1] signed in
            """
        ),
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        session.sign_in("pässwörd")


def test_login_sends_a_literal_at_once_where_the_server_takes_it():
    secret = "密码".encode()
    script = [
        *transcript("S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready"),
        *transcript(f'C: q1 LOGIN "eva" {{{len(secret)}+}}'),
        ExpectBytes(secret + b"\r\n"),
        *transcript("S: q1 OK [CAPABILITY IMAP4rev1] signed in"),
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        session.sign_in("密码")
        assert session.counters.round_trips == 1


def test_login_refused_at_the_literal():
    script = [
        *transcript("S: * OK [CAPABILITY IMAP4rev1] ready"),
        *transcript(
            """
            C~ q1 LOGIN "eva" \\{\\d+\\}
            S: q1 BAD no literals here
            """
        ),
    ]
    with (
        ScriptedServer(script) as server,
        connected(server) as session,
        pytest.raises(SignInFailed) as failure,
    ):
        session.sign_in("pässwörd")
    assert failure.value.detail == "no literals here"


def test_login_disabled_sends_nothing():
    with (
        ScriptedServer(transcript("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready")) as server,
        connected(server) as session,
        pytest.raises(SignInFailed, match="not encrypted"),
    ):
        session.sign_in("secret")


@pytest.mark.parametrize(
    ("answer", "words", "retry", "advice"),
    [
        ("NO [AUTHENTICATIONFAILED] Invalid credentials", "did not accept", Retry.ASK_USER, ""),
        ("NO wrong", "did not accept", Retry.ASK_USER, ""),
        ("BAD Error in IMAP command", "did not understand", Retry.ASK_USER, ""),
        ("NO [UNAVAILABLE] database down", "cannot check passwords", Retry.LATER, ""),
        ("NO [EXPIRED] change it", "has expired", Retry.ASK_USER, ""),
        ("NO [PRIVACYREQUIRED] use TLS", "not encrypted", Retry.ASK_USER, ""),
        ("NO [LIMIT] too many", "Too many connections", Retry.LATER, ""),
        ("NO [INUSE] locked", "in use by another session", Retry.LATER, ""),
        (
            "NO [ALERT] Application-specific password required: https://support.example",
            "did not accept",
            Retry.ASK_USER,
            "app password",
        ),
        ("NO LOGIN Unsafe Login. Please contact kefu@188.com", "did not accept", Retry.ASK_USER, "授权码"),
        ("NO [ALERT] Please log in via your web browser", "did not accept", Retry.ASK_USER, "web page"),
        ("NO 请使用授权码登录", "did not accept", Retry.ASK_USER, "authorisation code"),
    ],
)
def test_a_refusal_in_words(answer: str, words: str, retry: Retry, advice: str):
    script = transcript(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready
        C: q1 {SIGN_IN}
        S: q1 {answer}
        """
    )
    with (
        ScriptedServer(script) as server,
        connected(server) as session,
        pytest.raises(SignInFailed, match=words) as failure,
    ):
        session.sign_in("secret")
    assert failure.value.retry is retry
    assert advice in failure.value.advice
    assert failure.value.detail.split()[-1] in answer
    assert "secret" not in str(failure.value) + failure.value.detail


def test_bye_instead_of_an_answer():
    script = transcript(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready
        C: q1 {SIGN_IN}
        S: * BYE Too many failed attempts
        DROP
        """
    )
    with (
        ScriptedServer(script) as server,
        connected(server) as session,
        pytest.raises(ConnectionFailed, match="Too many failed attempts"),
    ):
        session.sign_in("secret")


def test_preauth_needs_no_password():
    with (
        ScriptedServer(transcript("S: * PREAUTH [CAPABILITY IMAP4rev1] welcome back")) as server,
        ready(server) as session,
    ):
        assert not session.closed


ALL = "IMAP4rev1 ID ENABLE NAMESPACE CONDSTORE QRESYNC UTF8=ACCEPT"
INTRODUCTION = """
    C~ q2 ID \\("name" "qtmail" "version" "[^"]+" "vendor" "qtmail"\\)
    C: q3 ENABLE QRESYNC UTF8=ACCEPT
    C: q4 NAMESPACE
"""


def test_the_introduction_takes_one_round_trip():
    answers = """
        S: * ID ("name" "Cyrus" "version" NIL)
        S: q2 OK done
        S: * ENABLED QRESYNC UTF8=ACCEPT
        S: q3 OK done
        S: * NAMESPACE (("" "/")) (("Other Users/" "/")) (("Shared/" "/")("Public." NIL))
        S: q4 OK done
    """
    with ScriptedServer(signed_in(ALL, INTRODUCTION + answers)) as server, ready(server) as session:
        assert session.counters.round_trips == 2
        assert session.server_id == {"name": "Cyrus", "version": ""}
        assert session.supports_qresync
        assert session.namespaces.personal == (Namespace(b"", "/"),)
        assert session.namespaces.other_users == (Namespace(b"Other Users/", "/"),)
        assert session.namespaces.shared == (Namespace(b"Shared/", "/"), Namespace(b"Public.", ""))


def test_an_introduction_that_is_refused_does_no_harm():
    answers = """
        S: q2 NO who asked?
        S: q3 BAD never heard of it
        S: * NAMESPACE nonsense
        S: q4 OK done
    """
    with ScriptedServer(signed_in(ALL, INTRODUCTION + answers)) as server, ready(server) as session:
        assert not session.supports_qresync
        assert session.namespaces.personal == ()


def test_capabilities_not_told_at_sign_in_are_asked_for_along_the_way():
    script = transcript(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready
        C: q1 {SIGN_IN}
        S: q1 OK signed in
        C: q2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 ENABLE CONDSTORE
        S: q2 OK done
        C: q3 ENABLE CONDSTORE
        S: * ENABLED CONDSTORE
        S: q3 OK done
        """
    )
    with ScriptedServer(script) as server, ready(server) as session:
        assert session.supports_condstore
        assert not session.supports_qresync
