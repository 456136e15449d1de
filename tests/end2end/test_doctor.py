"""The doctor before real servers: a Dovecot and a Postfix that are well, and with one thing wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.doctor import check_server
from qtmail.engine.server_check import Limits
from qtmail.errors import Layer
from qtmail.protocols.connection import TlsTrust
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.postfix import Postfix
from tests.fakes.memory_imap import plain_message


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.add_user()


@pytest.fixture
def account(dovecot: Dovecot, postfix: Postfix, user: User) -> Account:
    imap = ServerSettings(dovecot.host, dovecot.imaps_port, Security.TLS, user.name)
    smtp = ServerSettings(postfix.host, postfix.submission_port, Security.STARTTLS, user.name)
    return Account(0, "Ann", user.address, "Ann", imap, smtp)


def examine(account: Account, dovecot: Dovecot, password: str) -> list[Verdict]:
    trust = TlsTrust(cafile=str(dovecot.ca_file))
    return check_server(account, password, trust, limits=Limits(silence=3))


def faults(verdicts: list[Verdict]) -> list[tuple[str, Layer]]:
    return [(verdict.server, verdict.layer) for verdict in verdicts if not verdict.ok]


def test_all_servers_of_an_account_are_well(dovecot: Dovecot, account: Account, user: User) -> None:
    dovecot.deliver(user, "INBOX", plain_message(1))
    verdicts = examine(account, dovecot, user.password)
    assert faults(verdicts) == []
    told = {(verdict.server, verdict.layer): verdict.sentence for verdict in verdicts}
    imap = f"{dovecot.host}:{dovecot.imaps_port}"
    assert "the inbox holds 1 message" in told[imap, Layer.FOLDER]
    assert "TLSv1.3" in told[imap, Layer.TLS]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_pop3_server_is_well(dovecot: Dovecot, account: Account, user: User, security: Security) -> None:
    dovecot.deliver(user, "INBOX", plain_message(1))
    port = dovecot.pop3s_port if security is Security.TLS else dovecot.pop3_port
    pop3 = ServerSettings(dovecot.host, port, security, user.name)
    verdicts = examine(replace(account, imap=None, smtp=None, pop3=pop3), dovecot, user.password)
    assert faults(verdicts) == []
    assert "The mailbox holds 1 message" in next(v.sentence for v in verdicts if v.layer is Layer.FOLDER)


def test_each_server_has_its_own_fault(dovecot: Dovecot, postfix: Postfix, account: Account) -> None:
    verdicts = examine(account, dovecot, "wrong")
    assert faults(verdicts) == [
        (f"{dovecot.host}:{dovecot.imaps_port}", Layer.SIGN_IN),
        (f"{postfix.host}:{postfix.submission_port}", Layer.SIGN_IN),
    ]


@pytest.mark.parametrize(
    ("port", "security", "layer", "words"),
    [
        ("pop3_port", Security.NONE, Layer.GREETING, "not an IMAP server but a POP3 server"),
        ("imap_port", Security.TLS, Layer.TLS, "does not speak TLS"),
        ("imaps_port", Security.STARTTLS, Layer.GREETING, ""),
    ],
)
def test_a_wrong_port_is_named(
    dovecot: Dovecot, account: Account, user: User, port: str, security: Security, layer: Layer, words: str
) -> None:
    imap = ServerSettings(dovecot.host, getattr(dovecot, port), security, user.name)
    (fault,) = (
        v for v in examine(replace(account, imap=imap, smtp=None), dovecot, user.password) if not v.ok
    )
    assert fault.layer is layer
    assert words in fault.sentence and fault.advice
