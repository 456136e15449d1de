"""What the doctor says of the server mail is handed in to, where it is well; nothing is ever sent. What it
says of those in trouble is in test_doctor.
"""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.sign_in import AccessToken, SignIn, SignInMethod
from qtmail.engine.doctor import check_server
from qtmail.engine.server_check import Limits
from qtmail.errors import Layer
from qtmail.protocols.connection import TlsTrust
from tests.fakes.imap_server import ScriptedServer, Stall, transcript
from tests.fakes.mailbox_server import MailboxServer
from tests.fakes.smtp_server import EVERYTHING, SmtpServer
from tests.wire.sessions import HOST, trust_in

LIMITS = Limits(silence=2, check=10)


def account(smtp_port: int, *, imap_port: int | None = None, user: str = "eva") -> Account:
    imap = ServerSettings(HOST, imap_port, Security.NONE, "eva") if imap_port else None
    smtp = ServerSettings(HOST, smtp_port, Security.NONE, user)
    return Account(0, "Eva", "eva@example.org", "Eva", imap, smtp)


def examine(
    port: int,
    security: Security = Security.NONE,
    *,
    user: str = "eva",
    trust: TlsTrust | None = None,
    host: str = HOST,
    secret: str | None = "secret",
) -> list[Verdict]:
    """All verdicts but the one about the clock."""
    smtp = ServerSettings(host, port, security, user)
    one = Account(0, "Eva", "eva@example.org", "Eva", None, smtp)
    return check_server(one, secret, trust or TlsTrust(), limits=LIMITS)[:-1]


def test_a_server_in_good_health():
    with SmtpServer(users={"eva": "secret"}) as server:
        verdicts = examine(server.port)
    assert [verdict.layer for verdict in verdicts] == [
        Layer.NAME_LOOKUP,
        Layer.CONNECTION,
        Layer.GREETING,
        Layer.CAPABILITY,
        Layer.SIGN_IN,
    ]
    assert all(verdict.ok for verdict in verdicts)
    assert "50,000,000 bytes" in verdicts[3].sentence
    assert server.connections == 1
    assert not any(line.startswith("MAIL") for heard in server.heard for line in heard)


def test_both_servers_of_an_account_each_with_its_own_fault():
    with MailboxServer() as imap, SmtpServer(users={"eva": "other"}) as smtp:
        both = account(smtp.port, imap_port=imap.port)
        *verdicts, _ = check_server(both, "secret", TlsTrust(), limits=LIMITS)
    servers = list(dict.fromkeys(verdict.server for verdict in verdicts))
    assert servers == [f"{HOST}:{imap.port}", f"{HOST}:{smtp.port}"]
    assert (verdicts[-1].layer, verdicts[-1].ok) == (Layer.SIGN_IN, False)
    assert "did not accept" in verdicts[-1].sentence


def test_servers_are_asked_side_by_side():
    """Neither waits for the other: both greet only once both were called."""
    steps = [Stall()]
    with ScriptedServer(steps) as imap, ScriptedServer(steps) as smtp:
        started = time.monotonic()
        check_server(account(smtp.port, imap_port=imap.port), None, TlsTrust(), limits=Limits(silence=1))
        assert time.monotonic() - started < 1.9


@pytest.mark.parametrize(
    ("user", "words"), [("", "no user"), ("eva", "offers no sign-in; mail is handed in without")]
)
def test_where_nobody_signs_in(user: str, words: str):
    with SmtpServer() as server:
        *_, last = examine(server.port, user=user)
    assert last.ok
    assert words in last.sentence


def test_without_a_password_everything_else_is_checked():
    with SmtpServer(users={"eva": "secret"}) as server:
        *before, last = examine(server.port, secret=None)
    assert all(verdict.ok for verdict in before)
    assert (last.layer, last.ok, last.sentence) == (Layer.SIGN_IN, False, "The password is not known.")


def test_the_password_of_another_user_is_not_tried():
    with SmtpServer(users={"post": "secret"}) as server, MailboxServer() as imap:
        both = account(server.port, imap_port=imap.port, user="post")
        assert not check_server(both, "secret", TlsTrust(), limits=LIMITS)[-2].ok
        assert check_server(both, "secret", TlsTrust(), sending_secret="secret", limits=LIMITS)[-2].ok


def test_starttls(authority: trustme.CA, tmp_path: Path):
    leaf = authority.issue_cert(HOST)
    with SmtpServer(users={"eva": "secret"}, certificate=leaf) as server:
        verdicts = examine(server.port, Security.STARTTLS, trust=trust_in(authority, tmp_path))
    assert all(verdict.ok for verdict in verdicts)
    assert [verdict.layer for verdict in verdicts][2:4] == [Layer.GREETING, Layer.TLS]
    assert "TLSv1" in verdicts[3].sentence


def test_a_sign_in_that_would_show_the_password(elsewhere: str):
    with SmtpServer(offers=EVERYTHING, users={"eva": "secret"}, mechanisms=["PLAIN"]) as server:
        *_, last = examine(server.port, host=elsewhere)
        assert (last.layer, last.ok) == (Layer.SIGN_IN, False)
        assert "not encrypted" in last.sentence
        allowed = TlsTrust(clear_allowed=lambda host, port: host == elsewhere)
        assert examine(server.port, host=elsewhere, trust=allowed)[-1].ok


@pytest.mark.parametrize(
    ("ahead", "ok", "words"),
    [
        (0, True, "agrees"),
        (-100, True, "agrees"),
        (3600, False, "60 minutes behind"),
        (-3 * 86400, False, "3 days ahead of"),
    ],
)
def test_the_clock_is_compared_with_the_one_in_the_greeting(ahead: int, ok: bool, words: str):
    when = formatdate(time.time() + ahead, localtime=True)
    with ScriptedServer(transcript(f"S: 220 mx.example.org ESMTP Sendmail; {when}\nSTALL")) as server:
        clock = check_server(account(server.port), None, TlsTrust(), limits=Limits(silence=0.2))[-1]
    assert (clock.layer, clock.server, clock.ok) == (Layer.CLOCK, "", ok)
    assert words in clock.sentence
    assert ok or "Set it right" in clock.advice


def test_a_server_that_does_not_tell_the_time_says_nothing_about_the_clock():
    with SmtpServer() as server:
        clock = check_server(account(server.port), None, TlsTrust(), limits=LIMITS)[-1]
    assert clock.ok and "not compared" in clock.sentence


def test_a_token_is_shown_to_its_providers_servers_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("qtmail.engine.secrets.stays_here", lambda host: False)
    with SmtpServer(users={"eva": "secret"}) as server:
        stranger = replace(account(server.port), sign_in=SignIn(SignInMethod.OAUTH, "google"))
        *_, last, _clock = check_server(stranger, AccessToken("secret"), TlsTrust(), limits=LIMITS)
    assert (last.layer, last.ok) == (Layer.SIGN_IN, False)
    assert "no server of Google" in last.sentence
