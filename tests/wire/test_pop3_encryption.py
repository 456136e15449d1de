"""TLS and STLS with a POP3 server: what is refused, and that nothing is sent before.

The certificates themselves are the business of test_encryption.py: all protocols go through one door.
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
from tests.wire.pop3_sessions import SIGN_IN, connected, greeted, new_session

BEGIN = greeted("STLS", "USER", "SASL LOGIN", rest="C: STLS\nS: +OK go ahead\nTLS")
OVER_TLS = f"\nC: CAPA\nS: +OK\nS: USER\nS: PIPELINING\nS: .\n{SIGN_IN}"


def test_tls_from_the_first_byte(leaf: trustme.LeafCert, trust: TlsTrust):
    script = transcript("TLS\nS: +OK ready" + OVER_TLS.replace("S: PIPELINING\n", ""))
    with (
        ScriptedServer(script, certificate=leaf) as server,
        connected(server, security=Security.TLS, trust=trust) as session,
    ):
        session.sign_in("secret")
        assert session.tls_version.startswith("TLSv1.")


def test_stls_forgets_what_was_said_in_clear_text(leaf: trustme.LeafCert, trust: TlsTrust):
    """Capabilities are asked for again, and a time stamp that may be forged is not used."""
    script = transcript(
        """
        S: +OK <1.2@forged.example>
        C: CAPA
        S: +OK
        S: STLS
        S: SASL LOGIN
        S: .
        C: STLS
        S: +OK go ahead
        TLS
        C: CAPA
        S: +OK
        S: USER
        S: .
        C: USER eva
        S: +OK
        C: PASS secret
        S: +OK
        """
    )
    with (
        ScriptedServer(script, certificate=leaf) as server,
        connected(server, security=Security.STARTTLS, trust=trust, apop=True) as session,
    ):
        assert session.capabilities.mechanisms == ()
        assert not session.capabilities.stls
        session.sign_in("secret")


def test_what_was_offered_in_clear_text_is_not_offered_if_nothing_is_said_over_tls(
    leaf: trustme.LeafCert, trust: TlsTrust
):
    script = [*BEGIN, *transcript(f"C: CAPA\nS: -ERR what?\n{SIGN_IN}")]
    with (
        ScriptedServer(script, certificate=leaf) as server,
        connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        assert session.capabilities.mechanisms == ()
        session.sign_in("secret")


@pytest.mark.parametrize(
    ("script", "words", "retry"),
    [
        (greeted("USER", "SASL PLAIN"), "does not offer encryption", Retry.ASK_USER),
        (transcript("S: +OK\nC: CAPA\nS: -ERR what?"), "does not offer encryption", Retry.ASK_USER),
        (
            greeted("STLS", rest="C: STLS\nS: -ERR [SYS/TEMP] no key at hand"),
            "refused to begin encryption",
            Retry.LATER,
        ),
        (
            greeted("STLS", rest="C: STLS\nS: -ERR what?"),
            "refused to begin encryption",
            Retry.ASK_USER,
        ),
    ],
    ids=["not offered", "no CAPA", "not now", "refused"],
)
def test_without_stls_nothing_more_is_said(script: list[Send], words: str, retry: Retry):
    with (
        ScriptedServer(script) as server,
        pytest.raises(TlsFailed, match=words) as failure,
        connected(server, security=Security.STARTTLS),
    ):
        pass
    assert failure.value.retry is retry
    assert "no key" not in failure.value.sentence, "nobody knows who said so"
    assert "995" in failure.value.advice


@pytest.mark.parametrize(
    "slipped_in",
    [b"+OK\r\nSASL LOGIN\r\n.\r\n", b"+OK\r\n", b"x"],
    ids=["an answer to CAPA", "an answer", "a byte"],
)
def test_clear_text_slipped_in_behind_stls_is_refused(
    leaf: trustme.LeafCert, trust: TlsTrust, slipped_in: bytes
):
    injected = [*greeted("STLS"), Expect("STLS"), Send(b"+OK go ahead\r\n" + slipped_in), BeginTls()]
    with (
        ScriptedServer(injected, certificate=leaf) as server,
        pytest.raises(TlsFailed, match="did not belong before encryption"),
        connected(server, security=Security.STARTTLS, trust=trust),
    ):
        pass


def test_an_accepted_certificate_is_taken_at_once():
    leaf = trustme.CA().issue_cert("somewhere.example")
    accepted = frozenset({fingerprint(leaf.cert_chain_pems[0].bytes().decode())})
    trust = TlsTrust(accepted=lambda _host, _port: accepted)
    script = BEGIN + transcript(OVER_TLS.replace("S: PIPELINING\n", ""))
    with (
        ScriptedServer(script, certificate=leaf) as server,
        connected(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        session.sign_in("secret")
        assert server.connections == 1


def test_a_certificate_nobody_vouches_for_is_shown_and_nothing_is_sent():
    leaf = trustme.CA().issue_cert("127.0.0.1")
    with (
        ScriptedServer(BEGIN, BEGIN, certificate=leaf) as server,
        pytest.raises(TlsFailed, match="does not know") as failure,
        connected(server, security=Security.STARTTLS),
    ):
        pass
    assert failure.value.certificate.split() == leaf.cert_chain_pems[0].bytes().decode().split()


def test_a_server_without_tls_on_that_port():
    with (
        ScriptedServer([Send(b"+OK ready\r\n"), Stall()]) as server,
        pytest.raises(TlsFailed, match="does not speak TLS on port"),
        connected(server, security=Security.TLS),
    ):
        pass


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_server_that_hangs_up_during_the_handshake(security: Security):
    script = greeted("STLS", rest="C: STLS\nS: +OK go ahead\nDROP")
    with (
        ScriptedServer(script if security is Security.STARTTLS else transcript("DROP")) as server,
        pytest.raises(ConnectionFailed),
        connected(server, security=security),
    ):
        pass


def test_a_password_never_goes_over_a_line_that_should_be_encrypted():
    """Even if the session was left half opened by a failure."""
    with (
        ScriptedServer(greeted("USER")) as server,
        contextlib.closing(new_session(server, security=Security.STARTTLS)) as session,
    ):
        with pytest.raises(TlsFailed):
            session.connect()
        with pytest.raises(RuntimeError):
            session.sign_in("secret")
