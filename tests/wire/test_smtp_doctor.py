"""What the doctor says of the server mail is handed in to; nothing is ever sent."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.doctor import check_server
from qtmail.errors import Layer
from qtmail.protocols.connection import TlsTrust
from tests.fakes.imap_server import Drop, ScriptedServer, Send, Stall, Step
from tests.fakes.mailbox_server import MailboxServer
from tests.fakes.smtp_server import EVERYTHING, SmtpServer
from tests.wire.sessions import HOST, trust_in


def diagnose(
    port: int,
    security: Security = Security.NONE,
    *,
    user: str = "eva",
    trust: TlsTrust | None = None,
    allow: bool = False,
) -> list[Verdict]:
    smtp = ServerSettings(HOST, port, security, user)
    account = Account(0, "Eva", "eva@example.org", "Eva", None, smtp)
    return check_server(account, "secret", trust or TlsTrust(), timeout=0.3, allow_clear_password=allow)


def test_a_server_in_good_health():
    with SmtpServer(users={"eva": "secret"}) as server:
        verdicts = diagnose(server.port, allow=True)
    assert [verdict.layer for verdict in verdicts] == [
        Layer.NAME_LOOKUP,
        Layer.CONNECTION,
        Layer.GREETING,
        Layer.CAPABILITY,
        Layer.SIGN_IN,
    ]
    assert all(verdict.ok for verdict in verdicts)
    assert "50,000,000 bytes" in verdicts[3].sentence
    assert not any(line.startswith("MAIL") for heard in server.heard for line in heard)


def test_both_servers_of_an_account_each_with_its_own_fault():
    with MailboxServer() as imap, SmtpServer(users={"eva": "other"}) as smtp:
        account = Account(
            0,
            "Eva",
            "eva@example.org",
            "Eva",
            ServerSettings(HOST, imap.port, Security.NONE, "eva"),
            ServerSettings(HOST, smtp.port, Security.NONE, "eva"),
        )
        verdicts = check_server(account, "secret", TlsTrust(), timeout=2)
    servers = list(dict.fromkeys(verdict.server for verdict in verdicts))
    assert servers == [f"{HOST}:{imap.port}", f"{HOST}:{smtp.port}"]
    assert (verdicts[-1].layer, verdicts[-1].ok) == (Layer.SIGN_IN, False)
    assert "did not accept" in verdicts[-1].sentence


@pytest.mark.parametrize(
    ("user", "words"), [("", "no user"), ("eva", "offers no sign-in; mail is handed in without")]
)
def test_where_nobody_signs_in(user: str, words: str):
    with SmtpServer() as server:
        *_, last = diagnose(server.port, user=user)
    assert last.ok
    assert words in last.sentence


def test_without_a_password_everything_else_is_checked():
    with SmtpServer(users={"eva": "secret"}) as server:
        smtp = ServerSettings(HOST, server.port, Security.NONE, "eva")
        account = Account(0, "Eva", "eva@example.org", "Eva", None, smtp)
        *before, last = check_server(account, None, TlsTrust(), timeout=0.3)
    assert all(verdict.ok for verdict in before)
    assert (last.layer, last.ok, last.sentence) == (Layer.SIGN_IN, False, "The password is not known.")


def test_the_password_of_another_user_is_not_tried():
    with SmtpServer(users={"post": "secret"}) as server, MailboxServer() as imap:
        account = Account(
            0,
            "Eva",
            "eva@example.org",
            "Eva",
            ServerSettings(HOST, imap.port, Security.NONE, "eva"),
            ServerSettings(HOST, server.port, Security.NONE, "post"),
        )
        assert not check_server(account, "secret", TlsTrust(), timeout=2)[-1].ok
        assert check_server(account, "secret", TlsTrust(), smtp_password="secret", timeout=2)[-1].ok


def test_a_certificate_nobody_vouches_for_is_shown():
    leaf = trustme.CA().issue_cert(HOST)
    with SmtpServer(certificate=leaf, implicit_tls=True) as server:
        *_, last = diagnose(server.port, Security.TLS)
    assert (last.layer, last.ok) == (Layer.TLS, False)
    assert last.certificate


def test_starttls(authority: trustme.CA, tmp_path: Path):
    leaf = authority.issue_cert(HOST)
    with SmtpServer(users={"eva": "secret"}, certificate=leaf) as server:
        verdicts = diagnose(server.port, Security.STARTTLS, trust=trust_in(authority, tmp_path))
    assert all(verdict.ok for verdict in verdicts)
    assert "TLSv1" in verdicts[2].sentence


@pytest.mark.parametrize(
    ("steps", "layer", "words"),
    [
        ([Stall()], Layer.GREETING, "did not answer"),
        ([Drop()], Layer.GREETING, "closed the connection"),
        (
            [Send(b"* OK IMAP4rev1 ready\r\n"), Stall()],
            Layer.GREETING,
            "not an SMTP server but an IMAP server",
        ),
        ([Send(b"554 5.7.1 you are listed\r\n")], Layer.GREETING, "you are listed"),
        ([Send(b"220 hi\r\n"), Stall()], Layer.CAPABILITY, "did not answer"),
    ],
)
def test_the_layer_that_fails(steps: list[Step], layer: Layer, words: str):
    with ScriptedServer([], steps) as server:
        *_, last = diagnose(server.port)
    assert (last.layer, last.ok) == (layer, False)
    assert words in last.sentence
    assert last.advice


def test_a_sign_in_that_would_show_the_password():
    with SmtpServer(offers=EVERYTHING, users={"eva": "secret"}, mechanisms=["PLAIN"]) as server:
        *_, last = diagnose(server.port)
    assert (last.layer, last.ok) == (Layer.SIGN_IN, False)
    assert "not encrypted" in last.sentence
