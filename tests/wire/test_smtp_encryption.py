"""TLS and STARTTLS with an SMTP server: what is trusted, what is refused, and that nothing is sent before.

The certificates themselves are the business of test_encryption.py: both protocols go through one door.
"""

from __future__ import annotations

import contextlib

import pytest
import trustme

from qtmail.domain.account import Security
from qtmail.errors import ConnectionFailed, Retry, TlsFailed
from qtmail.protocols.certificates import fingerprint
from qtmail.protocols.connection import TlsTrust
from tests.fakes.imap_server import BeginTls, Expect, ScriptedServer, Send, Stall, transcript
from tests.wire.smtp_sessions import PLAIN, connected, greeted, new_session

BEGIN = greeted("STARTTLS", "AUTH LOGIN", rest="C: STARTTLS\nS: 220 go ahead\nTLS")
OVER_TLS = f"""
    C: EHLO [127.0.0.1]
    S: 250-mail.example.org
    S: 250 AUTH PLAIN
    C: {PLAIN}
    S: 235 welcome
"""


def test_tls_from_the_first_byte(leaf: trustme.LeafCert, trust: TlsTrust):
    script = transcript("TLS\nS: 220 mail.example.org ESMTP" + OVER_TLS)
    with (
        ScriptedServer(script, certificate=leaf) as server,
        connected(server, security=Security.TLS, trust=trust) as session,
    ):
        session.sign_in("secret")
        assert session.tls_version.startswith("TLSv1.")


def test_starttls_forgets_what_was_said_in_clear_text(leaf: trustme.LeafCert, trust: TlsTrust):
    with (
        ScriptedServer(BEGIN + transcript(OVER_TLS), certificate=leaf) as server,
        connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        assert session.offers.mechanisms == ("PLAIN",)
        assert not session.offers.starttls
        session.sign_in("secret")


@pytest.mark.parametrize(
    ("script", "words", "retry"),
    [
        (greeted("PIPELINING", "AUTH PLAIN"), "does not offer encryption", Retry.ASK_USER),
        (
            transcript(
                """
                S: 220 old.example.org
                C: EHLO [127.0.0.1]
                S: 500 what?
                C: HELO [127.0.0.1]
                S: 250 old.example.org
                """
            ),
            "does not offer encryption",
            Retry.ASK_USER,
        ),
        (
            greeted("STARTTLS", rest="C: STARTTLS\nS: 454 4.7.0 no key at hand"),
            "refused to begin encryption",
            Retry.LATER,
        ),
        (
            greeted("STARTTLS", rest="C: STARTTLS\nS: 501 5.5.4 what?"),
            "refused to begin encryption",
            Retry.ASK_USER,
        ),
        (
            greeted("STARTTLS", rest="C: STARTTLS\nS: 250 fine, go on in clear text"),
            "refused to begin encryption",
            Retry.ASK_USER,
        ),
    ],
    ids=["not offered", "only HELO", "not now", "refused", "agreed to something else"],
)
def test_without_starttls_nothing_more_is_said(script: list[Send], words: str, retry: Retry):
    with (
        ScriptedServer(script) as server,
        pytest.raises(TlsFailed, match=words) as failure,
        connected(server, security=Security.STARTTLS),
    ):
        pass
    assert failure.value.retry is retry
    assert "465" in failure.value.advice


def test_clear_text_slipped_in_behind_starttls_is_refused(leaf: trustme.LeafCert, trust: TlsTrust):
    injected = [
        *greeted("STARTTLS"),
        Expect("STARTTLS"),
        Send(b"220 go ahead\r\n250-mail.example.org\r\n250 AUTH PLAIN\r\n"),
        BeginTls(),
    ]
    with (
        ScriptedServer(injected, certificate=leaf) as server,
        pytest.raises(TlsFailed, match="did not belong before encryption"),
        connected(server, security=Security.STARTTLS, trust=trust),
    ):
        pass


def test_a_certificate_refused_after_starttls_is_shown():
    leaf = trustme.CA().issue_cert("127.0.0.1")
    with (
        ScriptedServer(BEGIN, BEGIN, certificate=leaf) as server,
        pytest.raises(TlsFailed, match="does not know") as failure,
        connected(server, security=Security.STARTTLS),
    ):
        pass
    assert failure.value.certificate.split() == leaf.cert_chain_pems[0].bytes().decode().split()


def test_an_accepted_certificate_is_taken_at_once():
    leaf = trustme.CA().issue_cert("somewhere.example")
    accepted = frozenset({fingerprint(leaf.cert_chain_pems[0].bytes().decode())})
    trust = TlsTrust(accepted=lambda _host, _port: accepted)
    with (
        ScriptedServer(BEGIN + transcript(OVER_TLS), certificate=leaf) as server,
        connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        session.sign_in("secret")
        assert server.connections == 1


def test_a_server_without_tls_on_that_port():
    with (
        ScriptedServer([Send(b"220 mail.example.org ESMTP\r\n"), Stall()]) as server,
        pytest.raises(TlsFailed, match="does not speak TLS on port"),
        connected(server, security=Security.TLS),
    ):
        pass


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_server_that_hangs_up_during_the_handshake(security: Security):
    script = greeted("STARTTLS", rest="C: STARTTLS\nS: 220 go ahead\nDROP")
    with (
        ScriptedServer(script if security is Security.STARTTLS else transcript("DROP")) as server,
        pytest.raises(ConnectionFailed),
        connected(server, security=security),
    ):
        pass


def test_a_password_never_goes_over_a_line_that_should_be_encrypted():
    """Even if the session was left half opened by a failure."""
    with (
        ScriptedServer(greeted("AUTH PLAIN")) as server,
        contextlib.closing(new_session(server, security=Security.STARTTLS)) as session,
    ):
        with pytest.raises(TlsFailed):
            session.connect()
        with pytest.raises(RuntimeError):
            session.sign_in("secret")
