"""What may go wrong around STARTTLS, after Poddebniak et al., "Why TLS is better without STARTTLS" (USENIX
Security 2021): one test for each kind of fault, over IMAP and SMTP; test_pop3_encryption has those of POP3.

Whoever sits on the line can say anything in the server's name before encryption begins. None of it may lead
to a line in clear text, be believed afterwards, or be shown to the user as the server's words.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import trustme

from qtmail.domain.account import Security
from qtmail.errors import QtmailError, TlsFailed
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.imap_values import Updates
from qtmail.protocols.smtp import SmtpSession
from tests.fakes.imap_server import BeginTls, Drop, Expect, ScriptedServer, Send, Step, transcript
from tests.wire import sessions, smtp_sessions
from tests.wire.sessions import SIGN_IN
from tests.wire.smtp_sessions import PLAIN

Connect = Callable[..., AbstractContextManager[ImapSession | SmtpSession]]
PHISHING = "Your mailbox is full: renew your password at http://evil.example"

IMAP_OFFER = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\n"
IMAP_ASKED = IMAP_OFFER + "C: q1 STARTTLS\n"
IMAP_AFTER = f"""
    TLS
    C: q2 CAPABILITY
    S: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR
    S: q2 OK done
    C: q3 {SIGN_IN}
    S: q3 OK [CAPABILITY IMAP4rev1] signed in
"""
SMTP_OFFER = "S: 220 mail.example.org\nC: EHLO [127.0.0.1]\nS: 250-mail.example.org\nS: 250-AUTH PLAIN\n"
SMTP_ASKED = SMTP_OFFER + "S: 250 STARTTLS\nC: STARTTLS\n"
SMTP_AFTER = f"""
    TLS
    C: EHLO [127.0.0.1]
    S: 250-mail.example.org
    S: 250 AUTH PLAIN
    C: {PLAIN}
    S: 235 welcome
"""


def refused(
    connect: Connect, script: list[Step], trust: TlsTrust, leaf: trustme.LeafCert | None = None
) -> QtmailError:
    """The fault with which the session gives up; more than the script says was never sent."""
    with (
        ScriptedServer(script, certificate=leaf) as server,
        pytest.raises(QtmailError) as failure,
        connect(server, security=Security.STARTTLS, trust=trust),
    ):
        pass
    return failure.value


# -- no line in clear text -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("connect", "script"),
    [
        (sessions.connected, "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"),
        (smtp_sessions.connected, SMTP_OFFER + "S: 250 PIPELINING"),
    ],
    ids=["IMAP", "SMTP"],
)
def test_an_offer_that_was_stripped(connect: Connect, script: str, trust: TlsTrust):
    assert isinstance(refused(connect, transcript(script), trust), TlsFailed)


@pytest.mark.parametrize(
    ("connect", "script"),
    [
        (sessions.connected, IMAP_ASKED + "S: q1 NO not here"),
        (sessions.connected, IMAP_ASKED + "S: q1 BAD what?"),
        (smtp_sessions.connected, SMTP_ASKED + "S: 454 not now"),
        (smtp_sessions.connected, SMTP_ASKED + "S: 502 what?"),
        (smtp_sessions.connected, SMTP_ASKED + "S: 250 go on as it is"),
    ],
    ids=["IMAP NO", "IMAP BAD", "SMTP 454", "SMTP 502", "SMTP 250"],
)
def test_a_refusal_ends_the_session(connect: Connect, script: str, trust: TlsTrust):
    assert isinstance(refused(connect, transcript(script), trust), TlsFailed)


def test_preauth_rules_encryption_out(trust: TlsTrust):
    script = transcript("S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome back")
    assert isinstance(refused(sessions.connected, script, trust), TlsFailed)


def test_a_referral_is_not_followed(trust: TlsTrust):
    """RFC 2221; another connection, to wherever it leads, would fail the script."""
    elsewhere = "[REFERRAL imap://eva@evil.example/]"
    script = transcript(f"S: * BYE {elsewhere} go there")
    refused(sessions.connected, script, trust)
    refused(sessions.connected, transcript(IMAP_ASKED + f"S: q1 NO {elsewhere} go there"), trust)


@pytest.mark.parametrize(
    ("connect", "script"),
    [
        (sessions.connected, IMAP_ASKED + "S: q1 OK begin"),
        (smtp_sessions.connected, SMTP_ASKED + "S: 220 go"),
    ],
    ids=["IMAP", "SMTP"],
)
def test_a_handshake_that_never_comes(connect: Connect, script: str, trust: TlsTrust):
    """The server agreed, and leaves: nothing is said in clear text."""
    steps = [*transcript(script), Drop()]
    assert refused(connect, steps, trust).sentence


@pytest.mark.parametrize(
    ("connect", "script"),
    [
        (sessions.connected, IMAP_ASKED + "S: q1 OK begin"),
        (smtp_sessions.connected, SMTP_ASKED + "S: 220 go"),
    ],
    ids=["IMAP", "SMTP"],
)
def test_the_certificate_is_checked_as_without_starttls(connect: Connect, script: str, trust: TlsTrust):
    stranger = trustme.CA().issue_cert("127.0.0.1")
    steps = [*transcript(script), BeginTls()]
    with (
        ScriptedServer(steps, steps, certificate=stranger) as server,
        pytest.raises(TlsFailed) as failure,
        connect(server, security=Security.STARTTLS, trust=trust),
    ):
        pass
    assert failure.value.certificate


# -- nothing believed afterwards -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("connect", "script", "injected"),
    [
        (sessions.connected, IMAP_OFFER, "q1 OK begin\r\n* CAPABILITY IMAP4rev1\r\nq2 OK done\r\n"),
        (sessions.connected, IMAP_OFFER, "q1 OK begin\r\n "),
        (smtp_sessions.connected, SMTP_OFFER, "220 go\r\n250-mail.example.org\r\n250 AUTH LOGIN\r\n"),
        (smtp_sessions.connected, SMTP_OFFER, "220 go\r\n2"),
    ],
    ids=["IMAP", "IMAP, half a line", "SMTP", "SMTP, half a line"],
)
def test_responses_injected_behind_the_consent(
    connect: Connect, script: str, injected: str, trust: TlsTrust, leaf: trustme.LeafCert
):
    """CVE-2021-33515 and its like: what waits in the buffer would be read as said inside TLS."""
    command = "q1 STARTTLS" if connect is sessions.connected else "STARTTLS"
    offer = script if connect is sessions.connected else script + "S: 250 STARTTLS"
    steps = [*transcript(offer), Expect(command), Send(injected.encode()), BeginTls()]
    fault = refused(connect, steps, trust, leaf)
    assert "did not belong before encryption" in fault.sentence


def test_imap_capabilities_are_asked_for_again(trust: TlsTrust, leaf: trustme.LeafCert):
    """Those before, those in the consent, and those beside it are forgotten."""
    script = (
        IMAP_ASKED
        + "S: * CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256\n"
        + "S: q1 OK [CAPABILITY IMAP4rev1 AUTH=CRAM-MD5] begin"
        + IMAP_AFTER
    )
    with (
        ScriptedServer(transcript(script), certificate=leaf) as server,
        sessions.connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        assert session.capabilities == {"IMAP4REV1", "AUTH=PLAIN", "SASL-IR"}
        session.sign_in("secret")


def test_smtp_offers_are_asked_for_again(trust: TlsTrust, leaf: trustme.LeafCert):
    script = SMTP_OFFER + "S: 250-SIZE 1\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go" + SMTP_AFTER
    with (
        ScriptedServer(transcript(script), certificate=leaf) as server,
        smtp_sessions.connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        assert session.offers.size_limit is None
        session.sign_in("secret")


@pytest.mark.parametrize(
    "before",
    [
        f"S: * OK [ALERT] {PHISHING}",
        'S: * 17 EXISTS\nS: * LIST () "/" evil\nS: * 3 FETCH (FLAGS (\\Deleted))\nS: * VANISHED 1:9',
        f"S: * NO [ALERT] {PHISHING}",
    ],
    ids=["alert", "mailbox data", "alert in a refusal"],
)
@pytest.mark.parametrize("while_asking", [True, False])
def test_alerts_and_mailbox_data_from_before_are_forgotten(
    before: str, while_asking: bool, trust: TlsTrust, leaf: trustme.LeafCert
):
    if while_asking:
        asked = (
            f"S: * OK ready\nC: q1 CAPABILITY\n{before}\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: q1 OK done\n"
        )
        script = (
            asked
            + "C: q2 STARTTLS\nS: q2 OK [ALERT] "
            + PHISHING
            + IMAP_AFTER.replace("q3", "q4").replace("q2", "q3")
        )
    else:
        script = IMAP_ASKED + before + "\nS: q1 OK begin" + IMAP_AFTER
    with (
        ScriptedServer(transcript(script), certificate=leaf) as server,
        sessions.connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        session.sign_in("secret")
        updates = session.take_updates()
    assert updates == Updates()


def test_an_alert_in_the_greeting_is_forgotten(trust: TlsTrust, leaf: trustme.LeafCert):
    script = (
        f"S: * OK [ALERT] {PHISHING}\nC: q1 CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: q1 OK done\n"
        + "C: q2 STARTTLS\nS: q2 OK begin"
        + IMAP_AFTER.replace("q3", "q4").replace("q2", "q3")
    )
    with (
        ScriptedServer(transcript(script), certificate=leaf) as server,
        sessions.connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        session.sign_in("secret")
        assert not session.take_updates().alerts


# -- nothing shown as the server's words -----------------------------------------------------------


@pytest.mark.parametrize(
    ("connect", "script"),
    [
        (sessions.connected, f"S: * BYE {PHISHING}"),
        (sessions.connected, f"S: * OK ready\nC: q1 CAPABILITY\nS: q1 NO {PHISHING}"),
        (sessions.connected, f"S: * OK ready\nC: q1 CAPABILITY\nS: * BYE {PHISHING}"),
        (sessions.connected, IMAP_ASKED + f"S: q1 NO [ALERT] {PHISHING}"),
        (sessions.connected, f"S: {PHISHING}"),
        (smtp_sessions.connected, f"S: 554 {PHISHING}"),
        (smtp_sessions.connected, f"S: 220 ready\nC: EHLO [127.0.0.1]\nS: 421 {PHISHING}"),
        (smtp_sessions.connected, SMTP_ASKED + f"S: 454 {PHISHING}"),
        (smtp_sessions.connected, f"S: {PHISHING}"),
    ],
)
def test_words_from_before_encryption_are_a_detail_only(connect: Connect, script: str, trust: TlsTrust):
    fault = refused(connect, transcript(script), trust)
    assert "evil" not in fault.sentence + fault.advice
    assert fault.sentence.endswith(".")
    assert "evil.example" in fault.detail
