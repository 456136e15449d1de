"""What the doctor says of servers in every kind of trouble: the right layer, a plain sentence, advice."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.doctor import check_server
from qtmail.errors import Layer
from qtmail.protocols.connection import TlsTrust
from tests.fakes.imap_server import Drop, Expect, ScriptedServer, Send, Stall, Step, transcript
from tests.fakes.mailbox_server import Command, MailboxServer
from tests.fakes.memory_imap import plain_message
from tests.wire.sessions import HOST, SIGN_IN, trust_in

TIMEOUT = 0.3
"""Seconds each step may take; these servers answer at once or never."""

KNOCK: list[Step] = []
"""The connection that is only tried, and hung up on."""
GREETING = "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready"
SIGNED_IN = f"""
    {GREETING}
    C: q1 {SIGN_IN}
    S: q1 OK [CAPABILITY IMAP4rev1] signed in
"""
LISTED = f"""
    {SIGNED_IN}
    C: q2 LIST "" "*"
    C: q3 LSUB "" "*"
    S: * LIST () "/" INBOX
    S: q2 OK done
    S: q3 OK done
    C: q4 STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
    S: * STATUS INBOX (MESSAGES 3)
    S: q4 OK done
"""


def diagnose(
    port: int,
    security: Security = Security.NONE,
    *,
    host: str = HOST,
    trust: TlsTrust | None = None,
    password: str = "secret",
    timeout: float = TIMEOUT,
) -> Verdict:
    """The last verdict; those before it are good."""
    account = Account(0, "Eva", "eva@example.org", "Eva", ServerSettings(host, port, security, "eva"))
    *before, last = check_server(account, password, trust or TlsTrust(), timeout=timeout)
    assert all(verdict.ok for verdict in before), before
    assert last.sentence.endswith(".") and "\n" not in last.sentence + last.advice
    assert last.ok or last.advice, "whoever reads this wants to know what to do"
    return last


@dataclass(frozen=True)
class Case:
    """A server, and what the doctor shall say of it."""

    name: str
    script: str | list[Step]
    layer: Layer
    words: str
    advice: str
    security: Security = Security.NONE


def each(*cases: Case) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def steps_of(case: Case) -> list[Step]:
    return transcript(case.script) if isinstance(case.script, str) else case.script


def check(verdict: Verdict, case: Case) -> None:
    assert (verdict.layer, verdict.ok) == (case.layer, False), verdict
    assert case.words in verdict.sentence, verdict.sentence
    assert case.advice in verdict.advice, verdict.advice


# -- getting there ---------------------------------------------------------------------------------


def test_a_name_that_does_not_exist() -> None:
    verdict = diagnose(993, host="no-such-host.invalid", timeout=5)
    assert verdict.layer is Layer.NAME_LOOKUP
    assert "no-such-host.invalid" in verdict.sentence
    assert "online" in verdict.advice and "server name" in verdict.advice


def test_a_port_that_refuses() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    verdict = diagnose(port, Security.TLS)
    assert verdict.layer is Layer.CONNECTION
    assert f"nothing answers on port {port}" in verdict.sentence
    assert "port" in verdict.advice


WEB_PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n<html>Please sign in</html>"


@each(
    Case("silence", [Stall()], Layer.GREETING, "did not answer", "choose TLS"),
    Case("silence where TLS is expected", [Stall()], Layer.TLS, "did not answer", "STARTTLS", Security.TLS),
    Case("hangs up", [Drop()], Layer.GREETING, "closed the connection", "choose TLS"),
    Case("hangs up on TLS", [Drop()], Layer.TLS, "closed the connection", "Check the port", Security.TLS),
    Case(
        "clear text where TLS is expected",
        [Send(b"* OK IMAP4rev1 ready\r\n"), Stall()],
        Layer.TLS,
        "does not speak TLS",
        "for STARTTLS",
        Security.TLS,
    ),
    Case(
        "a web page",
        [Send(WEB_PAGE), Stall()],
        Layer.GREETING,
        "sign-in page of a public network",
        "Check the server name and the port",
    ),
    Case(
        "a web page where TLS is expected",
        [Send(WEB_PAGE), Stall()],
        Layer.TLS,
        "does not speak TLS",
        "check the port",
        Security.TLS,
    ),
    Case("POP3", [Send(b"+OK ready\r\n"), Stall()], Layer.GREETING, "POP3 server", "Check the server name"),
    Case(
        "SMTP",
        [Send(b"220 mx.example.org ESMTP\r\n"), Stall()],
        Layer.GREETING,
        "SMTP",
        "Check the server name",
    ),
    Case("full", "S: * BYE [LIMIT] Too many", Layer.GREETING, "turned the connection away", "Close other"),
    Case(
        "full, without a code",
        "S: * BYE Too many simultaneous connections. (Failure)",
        Layer.GREETING,
        "Too many simultaneous connections",
        "Close other",
    ),
    Case(
        "under repair",
        "S: * BYE [UNAVAILABLE] Back at noon",
        Layer.GREETING,
        "Back at noon",
        "try again later",
    ),
    Case("refuses in the greeting", "S: * NO not you", Layer.GREETING, "turned the connection away", "later"),
    Case(
        "dead after the greeting",
        [Send(b"* OK ready\r\n"), Stall()],
        Layer.CAPABILITY,
        "did not answer",
        "later",
    ),
)
def test_what_answers_is_named(case: Case) -> None:
    with ScriptedServer(KNOCK, steps_of(case)) as server:
        check(diagnose(server.port, case.security), case)


# -- encryption ------------------------------------------------------------------------------------


def certificate_for(case: str, authority: trustme.CA) -> trustme.LeafCert:
    now = datetime.now(UTC)
    day = timedelta(days=1)
    match case:
        case "expired":
            return authority.issue_cert("localhost", not_before=now - 9 * day, not_after=now - day)
        case "not yet valid":
            return authority.issue_cert("localhost", not_before=now + day, not_after=now + 9 * day)
        case "another name":
            return authority.issue_cert("mail.example.org")
        case _:
            return trustme.CA().issue_cert("localhost")


@pytest.mark.parametrize(
    ("case", "words", "advice"),
    [
        ("expired", "has expired", "clock"),
        ("not yet valid", "not valid yet", "clock"),
        ("another name", "belongs to another name", "Check the server name"),
        ("unknown issuer", "an authority that this computer does not know", "Only go on if you know why"),
    ],
)
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_that_is_not_trusted_is_shown(
    authority: trustme.CA, tmp_path: Path, security: Security, case: str, words: str, advice: str
) -> None:
    leaf = certificate_for(case, authority)
    upgrade = transcript(
        """
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready
        C: q1 STARTTLS
        S: q1 OK begin
        TLS
        """
    )
    steps = upgrade if security is Security.STARTTLS else transcript("TLS")
    with ScriptedServer(KNOCK, steps, steps, certificate=leaf) as server:
        verdict = diagnose(server.port, security, host="localhost", trust=trust_in(authority, tmp_path))
    assert verdict.layer is Layer.TLS
    assert words in verdict.sentence and advice in verdict.advice
    assert verdict.certificate.split() == leaf.cert_chain_pems[0].bytes().decode().split()


def test_a_self_signed_certificate_is_shown() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.private_key_pem.tempfile() as key, authority.cert_pem.tempfile() as pem:
        context.load_cert_chain(pem, key)
    with ScriptedServer(KNOCK, transcript("TLS"), transcript("TLS"), context=context) as server:
        verdict = diagnose(server.port, Security.TLS, host="localhost")
    assert verdict.layer is Layer.TLS
    assert "self-signed" in verdict.sentence and verdict.certificate


@contextlib.contextmanager
def outdated_server(authority: trustme.CA) -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with ScriptedServer(KNOCK, transcript("TLS"), context=context) as server:
        yield server


def test_outdated_encryption(authority: trustme.CA) -> None:
    with outdated_server(authority) as server:
        verdict = diagnose(server.port, Security.TLS, host="localhost")
    assert verdict.layer is Layer.TLS
    assert "outdated encryption" in verdict.sentence and "update" in verdict.advice


ALERT = b"\x15\x03\x01\x00\x02\x02"
"""The head of a fatal TLS alert; its number follows (RFC 8446 section 6)."""


@pytest.mark.parametrize(
    ("number", "words"), [(70, "outdated encryption"), (40, "no encryption that both accept")]
)
def test_an_alert_instead_of_a_handshake(number: int, words: str) -> None:
    with ScriptedServer(KNOCK, [Send(ALERT + bytes([number])), Stall()]) as server:
        verdict = diagnose(server.port, Security.TLS)
    assert verdict.layer is Layer.TLS and words in verdict.sentence


INJECTED = b"q1 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nq2 OK done\r\n"


@each(
    Case(
        "not offered",
        "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready",
        Layer.TLS,
        "does not offer encryption",
        "Nothing was sent",
        Security.STARTTLS,
    ),
    Case(
        "refused",
        """
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
        C: q1 STARTTLS
        S: q1 NO not today
        """,
        Layer.TLS,
        "not today",
        "Nothing was sent",
        Security.STARTTLS,
    ),
    Case(
        "PREAUTH",
        "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome",
        Layer.TLS,
        "no sign-in is needed",
        "Nothing was sent",
        Security.STARTTLS,
    ),
    Case(
        "injection",
        [
            *transcript("S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready"),
            Expect("q1 STARTTLS"),
            Send(INJECTED),
        ],
        Layer.TLS,
        "did not belong before encryption",
        "tampering",
        Security.STARTTLS,
    ),
    Case(
        "TLS where STARTTLS is expected",
        [Send(b"\x15\x03\x03\x00\x02\x02\x0a\r\n"), Stall()],
        Layer.GREETING,
        "expects TLS from the first byte",
        "Choose TLS",
        Security.STARTTLS,
    ),
)
def test_encryption_that_cannot_begin(case: Case) -> None:
    with ScriptedServer(KNOCK, steps_of(case)) as server:
        check(diagnose(server.port, case.security), case)


# -- signing in ------------------------------------------------------------------------------------


def refused(answer: str) -> str:
    return f"{GREETING}\nC: q1 {SIGN_IN}\nS: q1 {answer}"


@each(
    Case(
        "wrong password",
        refused("NO [AUTHENTICATIONFAILED] Invalid credentials"),
        Layer.SIGN_IN,
        "did not accept the user name eva or the password",
        "Check both",
    ),
    Case(
        "app password wanted",
        refused("NO [ALERT] Application-specific password required"),
        Layer.SIGN_IN,
        "did not accept",
        "app password",
    ),
    Case(
        "authorisation code wanted", refused("NO 请使用授权码登录"), Layer.SIGN_IN, "did not accept", "授权码"
    ),
    Case(
        "password out of date",
        refused("NO [EXPIRED] Change it"),
        Layer.SIGN_IN,
        "has expired",
        "Make a new one",
    ),
    Case(
        "too many connections",
        refused("NO [ALERT] Too many simultaneous connections. (Failure)"),
        Layer.SIGN_IN,
        "Too many connections",
        "Close other programs",
    ),
    Case(
        "cannot check now",
        refused("NO Temporary authentication failure"),
        Layer.SIGN_IN,
        "cannot check passwords at the moment",
        "may well be right",
    ),
    Case(
        "fault of the server",
        refused("NO [SERVERBUG] Internal error"),
        Layer.SIGN_IN,
        "a fault of its own",
        "try again later",
    ),
    Case("nonsense", refused("BAD What?"), Layer.SIGN_IN, "did not understand", "settings"),
    Case(
        "no password in clear text",
        "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready",
        Layer.SIGN_IN,
        "not encrypted",
        "Choose TLS or STARTTLS",
    ),
    Case(
        "says goodbye",
        f"{GREETING}\nC: q1 {SIGN_IN}\nS: * BYE Too bad",
        Layer.SIGN_IN,
        "ended the connection: Too bad",
        "later",
    ),
    Case(
        "dead at sign-in",
        [*transcript(f"{GREETING}\nC: q1 {SIGN_IN}"), Stall()],
        Layer.SIGN_IN,
        "did not answer",
        "later",
    ),
    Case("dead after sign-in", [*transcript(SIGNED_IN), Stall()], Layer.FOLDER, "did not answer", "later"),
    Case(
        "no inbox",
        SIGNED_IN
        + """
        C: q2 LIST "" "*"
        C: q3 LSUB "" "*"
        S: q2 OK done
        S: q3 OK done
        """,
        Layer.FOLDER,
        "no inbox",
        "owner",
    ),
    Case(
        "Unsafe Login",
        LISTED + '\nC: q5 SELECT "INBOX"\nS: q5 NO SELECT Unsafe Login. Please contact kefu@188.com',
        Layer.FOLDER,
        "Unsafe Login",
        "授权码",
    ),
    Case(
        "refuses the inbox",
        LISTED + '\nC: q5 SELECT "INBOX"\nS: q5 NO [NOPERM] not yours',
        Layer.FOLDER,
        "refused to open the folder INBOX: not yours",
        "The provider can tell why",
    ),
)
def test_signing_in_and_what_comes_after(case: Case) -> None:
    with ScriptedServer(KNOCK, steps_of(case)) as server:
        check(diagnose(server.port), case)


def test_without_a_password_all_up_to_the_sign_in_is_checked() -> None:
    with MailboxServer() as server:
        settings = ServerSettings(HOST, server.port, Security.NONE, "eva")
        account = Account(0, "Eva", "eva@example.org", "Eva", settings)
        *_, last = check_server(account, None, TlsTrust(), timeout=TIMEOUT)
    assert (last.layer, last.ok) == (Layer.SIGN_IN, False)
    assert "AUTHENTICATE" not in server.commands


# -- a server that is well -------------------------------------------------------------------------


def test_a_server_that_is_well(authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with MailboxServer(context=context) as server:
        server.inbox.deliver(plain_message(1))
        verdict = diagnose(
            server.port, Security.TLS, host="localhost", trust=trust_in(authority, tmp_path), timeout=5
        )
    assert verdict.ok
    assert verdict.sentence == "1 folder; the inbox holds 1 message."


def in_six_pieces(_command: Command, answer: list[bytes]) -> Iterator[bytes]:
    data = b"".join(answer)
    size = len(data) // 6 + 1
    for start in range(0, len(data), size):
        threading.Event().wait(TIMEOUT / 4)
        yield data[start : start + size]


def test_a_slow_server_is_waited_for() -> None:
    """Its answers take longer than the time limit, which is for each sign of life."""
    with MailboxServer() as server:
        server.tamper = in_six_pieces
        verdict = diagnose(server.port)
    assert verdict.ok, verdict
