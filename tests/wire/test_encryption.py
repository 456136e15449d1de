"""TLS and STARTTLS: what is trusted, what is refused, and that nothing is sent before."""

from __future__ import annotations

import contextlib
import ssl
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security
from qtmail.errors import ConnectionFailed, Retry, TlsFailed
from qtmail.protocols import tls
from qtmail.protocols.certificates import fingerprint
from qtmail.protocols.connection import TlsTrust
from tests.fakes.imap_server import BeginTls, Expect, ScriptedServer, Send, Stall, transcript
from tests.wire.sessions import SIGN_IN, connected, new_session, ready, trust_in

GREETING = "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready"
OVER_TLS = f"""
    TLS
    {GREETING}
    C: q1 {SIGN_IN}
    S: q1 OK [CAPABILITY IMAP4rev1] signed in
"""
STARTTLS = """
    S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready
    C: q1 STARTTLS
    S: q1 OK begin
    TLS
"""
REFUSED = transcript("TLS")


def pem_of(leaf: trustme.LeafCert) -> str:
    return leaf.cert_chain_pems[0].bytes().decode()


# -- certificates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("asks_system", [False, True], ids=["OpenSSL's check", "the system's check"])
def test_a_trusted_certificate(
    leaf: trustme.LeafCert, trust: TlsTrust, asks_system: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tls, "_asks_system", lambda: asks_system)
    with (
        ScriptedServer(transcript(OVER_TLS), certificate=leaf) as server,
        ready(server, security=Security.TLS, trust=trust) as session,
    ):
        assert not session.closed


def test_the_trust_store_of_the_environment_counts(
    leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with (
        ScriptedServer(transcript(OVER_TLS), certificate=leaf) as server,
        ready(server, security=Security.TLS),
    ):
        pass


def issue(authority: trustme.CA, case: str) -> trustme.LeafCert:
    now = datetime.now(UTC)
    match case:
        case "expired":
            return authority.issue_cert(
                "127.0.0.1", not_before=now - timedelta(days=9), not_after=now - timedelta(days=2)
            )
        case "not yet valid":
            return authority.issue_cert(
                "127.0.0.1", not_before=now + timedelta(days=2), not_after=now + timedelta(days=9)
            )
        case "other address":
            return authority.issue_cert("192.0.2.1")
        case _:
            return trustme.CA().issue_cert("127.0.0.1")


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("expired", r"has expired \(on \d{4}-\d\d-\d\d\)"),
        ("not yet valid", r"not valid yet \(only from \d{4}-\d\d-\d\d\)"),
        ("other address", r"does not cover this IP address \(192\.0\.2\.1\)"),
        ("unknown issuer", r"does not know \(.*trustme.*\)"),
    ],
)
@pytest.mark.parametrize("asks_system", [False, True], ids=["OpenSSL's check", "the system's check"])
def test_a_certificate_that_is_not_trusted_is_shown_and_nothing_is_sent(
    authority: trustme.CA,
    trust: TlsTrust,
    case: str,
    words: str,
    asks_system: bool,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(tls, "_asks_system", lambda: asks_system)
    leaf = issue(authority, case)
    with (
        ScriptedServer(REFUSED, REFUSED, certificate=leaf) as server,
        pytest.raises(TlsFailed, match=words) as failure,
        connected(server, security=Security.TLS, trust=trust),
    ):
        pass
    assert failure.value.certificate.split() == pem_of(leaf).split()
    assert failure.value.retry is Retry.ASK_USER


def test_a_certificate_for_another_name(authority: trustme.CA, trust: TlsTrust):
    leaf = authority.issue_cert("mail.example.org")
    with (
        ScriptedServer(REFUSED, REFUSED, certificate=leaf) as server,
        pytest.raises(TlsFailed, match=r"belongs to another name \(mail\.example\.org\)") as failure,
        connected(server, security=Security.TLS, trust=trust, host="localhost"),
    ):
        pass
    assert failure.value.certificate


def test_a_self_signed_certificate():
    """A leaf that is its own authority: what home servers show."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with (
        authority.private_key_pem.tempfile() as key,
        authority.cert_pem.tempfile() as certificate,
    ):
        context.load_cert_chain(certificate, key)
    with (
        ScriptedServer(REFUSED, REFUSED, context=context) as server,
        pytest.raises(TlsFailed, match="self-signed"),
        connected(server, security=Security.TLS),
    ):
        pass


def test_an_accepted_certificate_is_taken_at_once():
    leaf = trustme.CA().issue_cert("somewhere.example")
    trust = TlsTrust(accepted=lambda host, port: frozenset({fingerprint(pem_of(leaf))}))
    with (
        ScriptedServer(transcript(OVER_TLS), certificate=leaf) as server,
        ready(server, security=Security.TLS, trust=trust) as session,
    ):
        assert server.connections == 1
        assert not session.closed


def test_acceptance_holds_for_that_host_and_port_only():
    leaf = trustme.CA().issue_cert("somewhere.example")
    asked = []

    def accepted(host: str, port: int) -> frozenset[str]:
        asked.append((host, port))
        return frozenset()

    with (
        ScriptedServer(REFUSED, REFUSED, certificate=leaf) as server,
        pytest.raises(TlsFailed),
        connected(server, security=Security.TLS, trust=TlsTrust(accepted=accepted)),
    ):
        pass
    assert asked == [("127.0.0.1", server.port)]


def test_another_certificate_than_the_accepted_one_is_refused():
    leaf = trustme.CA().issue_cert("127.0.0.1")
    trust = TlsTrust(accepted=lambda host, port: frozenset({"00" * 32}))
    with (
        ScriptedServer(REFUSED, REFUSED, REFUSED, certificate=leaf) as server,
        pytest.raises(TlsFailed) as failure,
        connected(server, security=Security.TLS, trust=trust),
    ):
        pass
    assert failure.value.certificate.split() == pem_of(leaf).split()


def test_a_server_that_got_a_proper_certificate_since(
    leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path
):
    trust = trust_in(authority, tmp_path, accepted=frozenset({"00" * 32}))
    with (
        ScriptedServer(REFUSED, transcript(OVER_TLS), certificate=leaf) as server,
        ready(server, security=Security.TLS, trust=trust),
    ):
        pass


def test_a_trusted_certificate_is_noted_once(leaf: trustme.LeafCert, trust: TlsTrust):
    noted: list[tuple[str, int, str]] = []
    noting = replace(trust, noted=lambda *what: noted.append(what))
    greeting = transcript(f"TLS\n{GREETING}")
    with ScriptedServer(greeting, greeting, certificate=leaf) as server:
        for _ in range(2):
            with connected(server, security=Security.TLS, trust=noting):
                pass
    ((host, port, pem),) = noted
    assert (host, port, pem.split()) == ("127.0.0.1", server.port, pem_of(leaf).split())


def test_a_certificate_that_was_refused_is_not_noted(trust: TlsTrust):
    noted: list[str] = []
    with (
        ScriptedServer(REFUSED, REFUSED, certificate=trustme.CA().issue_cert("127.0.0.1")) as server,
        pytest.raises(TlsFailed),
        connected(
            server,
            security=Security.TLS,
            trust=replace(trust, noted=lambda host, port, pem: noted.append(pem)),
        ),
    ):
        pass
    assert not noted


# -- handshakes ------------------------------------------------------------------------------------


def test_a_server_without_tls_on_that_port():
    with (
        ScriptedServer([Send(b"* OK IMAP4rev1 ready\r\n"), Stall()]) as server,
        pytest.raises(TlsFailed, match="does not speak TLS on port") as failure,
        connected(server, security=Security.TLS),
    ):
        pass
    assert "STARTTLS" in failure.value.advice


def test_a_server_with_outdated_tls(leaf: trustme.LeafCert):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        ScriptedServer(REFUSED, context=context) as server,
        pytest.raises(TlsFailed, match="outdated encryption"),
        connected(server, security=Security.TLS),
    ):
        pass


@pytest.mark.parametrize("ending", ["DROP", "RESET"])
def test_a_server_that_hangs_up_during_the_handshake(ending: str):
    with (
        ScriptedServer(transcript(ending)) as server,
        pytest.raises(ConnectionFailed),
        connected(server, security=Security.TLS),
    ):
        pass


def test_a_server_that_stalls_during_the_handshake():
    with (
        ScriptedServer([Stall()]) as server,
        pytest.raises(ConnectionFailed, match="did not answer"),
        connected(server, security=Security.TLS, timeout=0.1),
    ):
        pass


# -- STARTTLS --------------------------------------------------------------------------------------


def test_starttls_forgets_what_was_said_in_clear_text(leaf: trustme.LeafCert, trust: TlsTrust):
    after = f"""
        C: q2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR
        S: q2 OK done
        C: q3 {SIGN_IN}
        S: q3 OK [CAPABILITY IMAP4rev1] signed in
    """
    with (
        ScriptedServer(transcript(STARTTLS) + transcript(after), certificate=leaf) as server,
        ready(server, security=Security.STARTTLS, trust=trust) as session,
    ):
        assert "LOGINDISABLED" not in session.capabilities


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome", "no sign-in is needed"),
        ("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready", "does not offer encryption"),
        (
            """
            S: * OK ready
            C: q1 CAPABILITY
            S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
            S: q1 OK done
            """,
            "does not offer encryption",
        ),
        (
            """
            S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
            C: q1 STARTTLS
            S: q1 NO not today
            """,
            "refused to begin encryption",
        ),
        (
            """
            S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
            C: q1 STARTTLS
            S: q1 BAD what?
            """,
            "refused to begin encryption",
        ),
    ],
    ids=["preauth", "not offered", "not offered when asked", "no", "bad"],
)
def test_without_starttls_nothing_more_is_said(script: str, words: str):
    with (
        ScriptedServer(transcript(script)) as server,
        pytest.raises(TlsFailed, match=words),
        connected(server, security=Security.STARTTLS),
    ):
        pass


def test_clear_text_slipped_in_behind_starttls_is_refused(leaf: trustme.LeafCert, trust: TlsTrust):
    injected = [
        *transcript("S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready"),
        Expect("q1 STARTTLS"),
        Send(b"q1 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nq2 OK done\r\n"),
        BeginTls(),
    ]
    with (
        ScriptedServer(injected, certificate=leaf) as server,
        pytest.raises(TlsFailed, match="did not belong before encryption"),
        connected(server, security=Security.STARTTLS, trust=trust),
    ):
        pass


def test_a_certificate_refused_after_starttls_is_shown(authority: trustme.CA, trust: TlsTrust):
    leaf = issue(authority, "expired")
    with (
        ScriptedServer(transcript(STARTTLS), transcript(STARTTLS), certificate=leaf) as server,
        pytest.raises(TlsFailed, match="has expired") as failure,
        connected(server, security=Security.STARTTLS, trust=trust),
    ):
        pass
    assert failure.value.certificate.split() == pem_of(leaf).split()


def test_a_password_never_goes_over_a_line_that_should_be_encrypted(leaf: trustme.LeafCert, trust: TlsTrust):
    """Even if the session was left half opened by a failure."""
    with (
        ScriptedServer(transcript("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready")) as server,
        contextlib.closing(new_session(server, security=Security.STARTTLS, trust=trust)) as session,
    ):
        with pytest.raises(TlsFailed):
            session.connect()
        with pytest.raises(RuntimeError):
            session.sign_in("secret")
