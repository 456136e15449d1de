"""What the doctor says of a POP3 server that is well; nothing is fetched or deleted. What it says of those in
trouble is in test_doctor.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.doctor import check_server
from qtmail.engine.server_check import Limits
from qtmail.errors import Layer
from qtmail.protocols.connection import TlsTrust
from tests.fakes.imap_server import ScriptedServer, transcript
from tests.fakes.pop3_server import Pop3Server
from tests.wire.sessions import HOST, trust_in

MAIL = b"Subject: hello\r\n\r\n" + b"x" * 2**20 + b"\r\n"


def examine(port: int, security: Security = Security.NONE, *, trust: TlsTrust | None = None) -> list[Verdict]:
    pop3 = ServerSettings(HOST, port, security, "eva")
    account = Account(0, "Eva", "eva@example.org", "Eva", None, pop3=pop3)
    return check_server(account, "secret", trust or TlsTrust(), limits=Limits(silence=2, check=10))


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_server_in_good_health(authority: trustme.CA, tmp_path: Path, security: Security):
    leaf = authority.issue_cert(HOST)
    implicit = security is Security.TLS
    with Pop3Server([MAIL, MAIL], certificate=leaf, implicit_tls=implicit) as server:
        verdicts = examine(server.port, security, trust=trust_in(authority, tmp_path))
    assert all(verdict.ok for verdict in verdicts), verdicts
    on_the_way = [Layer.TLS, Layer.GREETING] if implicit else [Layer.GREETING, Layer.TLS]
    assert [verdict.layer for verdict in verdicts] == [
        Layer.NAME_LOOKUP,
        Layer.CONNECTION,
        *on_the_way,
        Layer.CAPABILITY,
        Layer.SIGN_IN,
        Layer.FOLDER,
        Layer.CLOCK,
    ]
    told = {verdict.layer: verdict.sentence for verdict in verdicts}
    assert "UIDL (tells new messages from known ones)" in told[Layer.CAPABILITY]
    assert told[Layer.FOLDER] == "The mailbox holds 2 messages of 2.0 MB in all."
    verbs = {line.split()[0] for heard in server.heard for line in heard}
    assert verbs.isdisjoint({"RETR", "TOP", "DELE"})
    assert len(server.mails) == 2


def test_messages_without_ids_are_said(authority: trustme.CA):
    with Pop3Server([MAIL], capabilities=("USER",), answers={"UIDL": "-ERR what?"}) as server:
        verdicts = {verdict.layer: verdict for verdict in examine(server.port)}
    assert "told apart by their headers" in verdicts[Layer.FOLDER].sentence


def test_the_clock_is_compared_with_the_one_in_the_greeting():
    stamp = f"<1896.{int(time.time()) + 7200}@pop.example.org>"
    with ScriptedServer(transcript(f"S: +OK ready {stamp}\nC: CAPA\nS: -ERR what?\nDROP")) as server:
        clock = examine(server.port)[-1]
    assert (clock.layer, clock.ok) == (Layer.CLOCK, False)
    assert "2 hours behind" in clock.sentence
