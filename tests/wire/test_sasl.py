"""Signing in over IMAP and SMTP with something else than a password in the open: SCRAM, tokens and client
certificates; and that a refusal costs no more attempts than it must.
"""

from __future__ import annotations

import contextlib
import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret
from qtmail.errors import (
    ClearPasswordRefused,
    Retry,
    SignInFailed,
    TlsFailed,
    TokenRefused,
)
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.smtp import SmtpSession
from tests.fakes.imap_server import BeginTls, ScriptedServer, Step, transcript
from tests.fakes.scram_server import ScramServer
from tests.wire import sessions, smtp_sessions
from tests.wire.sasl_steps import base64, scram
from tests.wire.sessions import SIGN_IN, trust_in
from tests.wire.smtp_sessions import greeted

TOKEN = AccessToken("ya29.token")
BEARER = base64("n,a=eva,\1auth=Bearer ya29.token\1\1")
XOAUTH2 = base64("user=eva\1auth=Bearer ya29.token\1\1")
ERROR = base64('{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}')
REJECTED = "S: q1 NO [AUTHENTICATIONFAILED] no"


def imap(*mechanisms: str, rest: str = "", others: str = "SASL-IR") -> list[Step]:
    """A greeting that offers these mechanisms."""
    offer = " ".join(f"AUTH={name}" for name in mechanisms)
    return transcript(f"S: * OK [CAPABILITY IMAP4rev1 {others} {offer}] ready\n{rest}")


def smtp(*mechanisms: str, rest: str = "") -> list[Step]:
    return greeted("AUTH " + " ".join(mechanisms), rest=rest)


def imap_scram(server: ScramServer, name: str = "SCRAM-SHA-256", end: str = "") -> list[Step]:
    end = end or "C:\nS: q1 OK [CAPABILITY IMAP4rev1] signed in"
    return scram(server, f"q1 AUTHENTICATE {name} ", asks="+", end=end)


def sign_in_imap(script: list[Step], secret: Secret = "secret", **options: object) -> None:
    """Sign in; nothing secret may be in the log."""
    log = ProtocolLog()
    with ScriptedServer(script) as server, sessions.connected(server, log=log, **options) as session:
        session.sign_in(secret)
    check_log(log, secret)


def sign_in_smtp(script: list[Step], secret: Secret = "secret", **options: object) -> None:
    log = ProtocolLog()
    with ScriptedServer(script) as server, smtp_sessions.connected(server, log=log, **options) as session:
        session.sign_in(secret)
    check_log(log, secret)


def check_log(log: ProtocolLog, secret: Secret) -> None:
    """Neither a secret, nor a challenge, with which passwords could be tried until one fits."""
    lines = [line.text for line in log.lines()]
    for told in (secret if isinstance(secret, str) else TOKEN.value, BEARER, XOAUTH2):
        assert told not in " ".join(lines)
    challenges = {line for line in lines if line.startswith(("+", "334"))}
    assert challenges <= {"+", "334 ***"}


# -- SCRAM -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "name", "hash_name"),
    [
        (("SCRAM-SHA-1", "PLAIN"), "SCRAM-SHA-1", "sha1"),
        (("SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN", "CRAM-MD5"), "SCRAM-SHA-256", "sha256"),
    ],
)
def test_scram_goes_before_what_shows_the_password(offered: tuple[str, ...], name: str, hash_name: str):
    sign_in_imap(imap(*offered) + imap_scram(ScramServer(hash_name), name))
    end = "C:\nS: 235 2.7.0 welcome"
    sign_in_smtp(smtp(*offered) + scram(ScramServer(hash_name), f"AUTH {name} ", asks="334", end=end))


def test_scram_where_the_server_asks_for_the_first_message():
    server = ScramServer()
    script = [
        *imap("SCRAM-SHA-256", others=""),
        *transcript("C: q1 AUTHENTICATE SCRAM-SHA-256\nS: +"),
        *scram(server, "", asks="+", end="C:\nS: q1 OK [CAPABILITY IMAP4rev1] signed in"),
    ]
    sign_in_imap(script)


def test_a_server_that_only_pretends_to_know_the_password_is_left():
    liar = ScramServer(signature=b"x" * 32)
    script = imap("SCRAM-SHA-256", "PLAIN") + imap_scram(liar, end="C: *\nS: q1 BAD broken off")
    with pytest.raises(SignInFailed, match="could not prove that it knows the password"):
        sign_in_imap(script)


def test_a_server_that_accepts_without_proof_is_left():
    server = ScramServer()
    script = imap("SCRAM-SHA-256") + imap_scram(server)[:1]
    script += transcript("C~ .+\nS: q1 OK [CAPABILITY IMAP4rev1] signed in")
    with pytest.raises(SignInFailed, match="could not prove that it knows the password"):
        sign_in_imap(script)
    script = smtp("SCRAM-SHA-256") + transcript("C~ AUTH SCRAM-SHA-256 .+\nS: 235 welcome")
    with pytest.raises(SignInFailed, match="could not prove that it knows the password"):
        sign_in_smtp(script)


# -- what a refusal costs --------------------------------------------------------------------------


def test_a_wrong_password_is_one_attempt():
    """Servers lock accounts after a few."""
    other = ScramServer(password="other")
    refused = "C:\nS: q1 NO [AUTHENTICATIONFAILED] wrong"
    with pytest.raises(SignInFailed, match="did not accept"):
        sign_in_imap(imap("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN") + imap_scram(other, end=refused))
    end = "C:\nS: 535 5.7.8 wrong"
    script = smtp("SCRAM-SHA-256", "PLAIN", "LOGIN") + scram(
        other, "AUTH SCRAM-SHA-256 ", asks="334", end=end
    )
    with pytest.raises(SignInFailed, match="did not accept"):
        sign_in_smtp(script)


def test_a_server_that_has_no_scram_data_for_the_user_gets_plain():
    """It keeps a hash of another kind, offers SCRAM to everybody and refuses the first message: so far it has
    seen nothing of the password."""
    sign_in_imap(
        imap(
            "SCRAM-SHA-256",
            "PLAIN",
            rest=f"""
            C~ q1 AUTHENTICATE SCRAM-SHA-256 .+
            S: q1 NO [AUTHENTICATIONFAILED] Authentication failed.
            C: q2 {SIGN_IN}
            S: q2 OK [CAPABILITY IMAP4rev1] signed in
            """,
        )
    )
    sign_in_smtp(
        smtp(
            "SCRAM-SHA-256",
            "PLAIN",
            rest=f"""
            C~ AUTH SCRAM-SHA-256 .+
            S: 535 5.7.8 Authentication failed.
            C: {smtp_sessions.PLAIN}
            S: 235 welcome
            """,
        )
    )


def test_nobody_can_force_a_password_out_of_a_line_others_can_read(elsewhere: str):
    refused = imap("SCRAM-SHA-256", "PLAIN", rest=f"C~ q1 AUTHENTICATE SCRAM-SHA-256 .+\n{REJECTED}")
    with pytest.raises(SignInFailed):
        sign_in_imap(refused, host=elsewhere)
    refused = smtp("SCRAM-SHA-256", "PLAIN", rest="C~ AUTH SCRAM-SHA-256 .+\nS: 535 no")
    with pytest.raises(SignInFailed):
        sign_in_smtp(refused, host=elsewhere)


def test_a_busy_server_is_not_asked_in_other_ways():
    with pytest.raises(SignInFailed) as failure:
        sign_in_imap(
            imap("SCRAM-SHA-256", "PLAIN", rest="C~ q1 AUTHENTICATE .+\nS: q1 NO [UNAVAILABLE] database down")
        )
    assert failure.value.retry is Retry.LATER


# -- passwords on clear lines ----------------------------------------------------------------------


@pytest.mark.parametrize("offered", ["AUTH=PLAIN AUTH=LOGIN", ""])
def test_a_password_others_could_read_is_not_sent(elsewhere: str, offered: str):
    with (
        ScriptedServer(transcript(f"S: * OK [CAPABILITY IMAP4rev1 {offered}] ready")) as server,
        sessions.connected(server, host=elsewhere) as session,
        pytest.raises(ClearPasswordRefused, match="not encrypted, so the password was not sent"),
    ):
        session.sign_in("secret")


def test_a_password_others_could_read_is_sent_if_the_user_allowed_it(elsewhere: str):
    script = imap("PLAIN", rest=f"C: q1 {SIGN_IN}\nS: q1 OK [CAPABILITY IMAP4rev1] signed in")
    sign_in_imap(script, host=elsewhere, allow_clear_password=True)


def test_cram_md5_on_a_line_others_can_read(elsewhere: str):
    challenge = base64("<1896.697170952@postoffice.reston.mci.net>")
    digest = base64("tim b913a602c7eda7a495b4e6e7334d3890")
    script = imap(
        "CRAM-MD5",
        "PLAIN",
        rest=f"""
        C: q1 AUTHENTICATE CRAM-MD5
        S: + {challenge}
        C: {digest}
        S: q1 OK [CAPABILITY IMAP4rev1] signed in
        """,
    )
    sign_in_imap(script, "tanstaaftanstaaf", host=elsewhere, user="tim")


def test_mechanisms_may_be_all_there_is():
    """LOGINDISABLED, and AUTH=LOGIN all the same (RFC 9051 section 6.2.3 speaks of the command only)."""
    sign_in_imap(
        imap(
            "LOGIN",
            others="LOGINDISABLED",
            rest=f"""
            C: q1 AUTHENTICATE LOGIN
            S: + VXNlcm5hbWU6
            C: {base64("eva")}
            S: + UGFzc3dvcmQ6
            C: {base64("secret")}
            S: q1 OK [CAPABILITY IMAP4rev1] signed in
            """,
        )
    )


# -- tokens ----------------------------------------------------------------------------------------


def test_a_token_in_one_round_trip():
    signed_in = "S: q1 OK [CAPABILITY IMAP4rev1] signed in"
    offered = ("PLAIN", "XOAUTH2", "OAUTHBEARER")
    sign_in_imap(imap(*offered, rest=f"C: q1 AUTHENTICATE OAUTHBEARER {BEARER}\n{signed_in}"), TOKEN)
    sign_in_imap(imap("XOAUTH2", rest=f"C: q1 AUTHENTICATE XOAUTH2 {XOAUTH2}\n{signed_in}"), TOKEN)
    sign_in_smtp(smtp("XOAUTH2", "PLAIN", rest=f"C: AUTH XOAUTH2 {XOAUTH2}\nS: 235 welcome"), TOKEN)


def test_a_token_too_long_for_a_command_waits_to_be_asked_for():
    long = AccessToken("t" * 1500)
    response = base64(f"user=eva\1auth=Bearer {long.value}\1\1")
    script = smtp("XOAUTH2", rest=f"C: AUTH XOAUTH2\nS: 334\nC: {response}\nS: 235 welcome")
    sign_in_smtp(script, long)


@pytest.mark.parametrize(
    ("name", "response", "answer"), [("XOAUTH2", XOAUTH2, ""), ("OAUTHBEARER", BEARER, "AQ==")]
)
def test_a_token_that_is_refused(name: str, response: str, answer: str):
    script = imap(
        name,
        "PLAIN",
        rest=f"""
        C: q1 AUTHENTICATE {name} {response}
        S: + {ERROR}
        C: {answer}
        S: q1 NO SASL authentication failed
        """,
    )
    with pytest.raises(
        TokenRefused, match="did not accept the permission to open the mail of eva"
    ) as failure:
        sign_in_imap(script, TOKEN)
    assert "status: 401" in failure.value.detail
    assert "Sign in again" in failure.value.advice
    script = smtp(
        name, rest=f"C: AUTH {name} {response}\nS: 334 {ERROR}\nC: {answer}\nS: 535 5.7.8 Bad credentials"
    )
    with pytest.raises(TokenRefused) as failure:
        sign_in_smtp(script, TOKEN)
    assert "status: 401" in failure.value.detail


def test_a_busy_server_does_not_cost_the_token():
    script = imap("XOAUTH2", rest=f"C: q1 AUTHENTICATE XOAUTH2 {XOAUTH2}\nS: q1 NO [UNAVAILABLE] later")
    with pytest.raises(SignInFailed) as failure:
        sign_in_imap(script, TOKEN)
    assert not isinstance(failure.value, TokenRefused)
    assert failure.value.retry is Retry.LATER


@pytest.mark.parametrize(
    ("offered", "secret", "words"),
    [
        (("PLAIN",), TOKEN, "does not take the provider's permission"),
        (("XOAUTH2",), "secret", "wants a sign-in in the browser"),
        (("PLAIN", "EXTERNAL"), ClientCertificate("me.pem"), "needs an encrypted line"),
    ],
)
def test_a_server_that_does_not_take_what_there_is(
    elsewhere: str, offered: tuple[str, ...], secret: Secret, words: str
):
    with pytest.raises(SignInFailed, match=words):
        sign_in_imap(
            imap(*offered, others="LOGINDISABLED"), secret, host=elsewhere, allow_clear_password=True
        )
    with pytest.raises(SignInFailed, match=words):
        sign_in_smtp(smtp(*offered), secret, host=elsewhere, allow_clear_password=True)


def test_a_token_others_could_read_is_not_sent(elsewhere: str):
    with pytest.raises(ClearPasswordRefused):
        sign_in_imap(imap("XOAUTH2"), TOKEN, host=elsewhere)


# -- over TLS --------------------------------------------------------------------------------------


def end_point(leaf: trustme.LeafCert) -> bytes:
    """The binding tls-server-end-point of a server with this certificate."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())).digest()


def over_tls(leaf: trustme.LeafCert, script: list[Step], trust: TlsTrust) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    with (
        ScriptedServer([BeginTls(), *script], context=context) as server,
        sessions.connected(server, security=Security.TLS, trust=trust) as session,
    ):
        session.sign_in("secret")


bound_by_certificate = pytest.mark.skipif(
    "tls-exporter" in ssl.CHANNEL_BINDING_TYPES, reason="this Python binds TLS 1.3 by its exporter"
)


@bound_by_certificate
def test_scram_is_bound_to_the_line(leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path):
    server = ScramServer(binding=end_point(leaf), offers_plus=True)
    script = imap("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS") + imap_scram(server, "SCRAM-SHA-256-PLUS")
    over_tls(leaf, script, trust_in(authority, tmp_path))


@bound_by_certificate
def test_a_server_behind_another_line_is_named(leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path):
    server = ScramServer(binding=b"another", offers_plus=True)
    end = "C:\nS: q1 NO [AUTHENTICATIONFAILED] no"
    script = imap("SCRAM-SHA-256-PLUS", "PLAIN") + imap_scram(server, "SCRAM-SHA-256-PLUS", end)
    with pytest.raises(SignInFailed, match="sees another encrypted connection"):
        over_tls(leaf, script, trust_in(authority, tmp_path))


def test_an_offer_of_channel_binding_that_was_taken_away_is_noticed(
    leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path
):
    server = ScramServer(offers_plus=True)
    end = "C:\nS: q1 NO [AUTHENTICATIONFAILED] no"
    with pytest.raises(SignInFailed, match="sees another encrypted connection"):
        over_tls(
            leaf, imap("SCRAM-SHA-256", "PLAIN") + imap_scram(server, end=end), trust_in(authority, tmp_path)
        )


# -- client certificates ---------------------------------------------------------------------------


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> ClientCertificate:
    path = tmp_path / "me.pem"
    authority.issue_cert("eva@example.org").private_key_and_cert_chain_pem.write_to_path(path)
    return ClientCertificate(str(path))


def asking_context(leaf: trustme.LeafCert, clients: trustme.CA) -> ssl.SSLContext:
    """A server's, which lets in only who shows a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    clients.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextlib.contextmanager
def with_certificate(
    kind: type[ImapSession | SmtpSession],
    server: ScriptedServer,
    trust: TlsTrust,
    certificate: ClientCertificate | None,
) -> Iterator[ImapSession | SmtpSession]:
    settings = ServerSettings("127.0.0.1", server.port, Security.TLS, "eva")
    made = kind(settings, trust=trust, log=ProtocolLog(), timeout=5.0, client_certificate=certificate)
    with contextlib.closing(made) as session:
        session.connect()
        yield session


EXTERNAL = f"EXTERNAL {base64('eva')}"


@pytest.mark.parametrize(
    ("kind", "script"),
    [
        (
            ImapSession,
            imap("EXTERNAL", rest=f"C: q1 AUTHENTICATE {EXTERNAL}\nS: q1 OK [CAPABILITY IMAP4rev1] done"),
        ),
        (SmtpSession, smtp("EXTERNAL", rest=f"C: AUTH {EXTERNAL}\nS: 235 welcome")),
    ],
)
def test_a_client_certificate(
    leaf: trustme.LeafCert,
    authority: trustme.CA,
    tmp_path: Path,
    certificate: ClientCertificate,
    kind: type[ImapSession | SmtpSession],
    script: list[Step],
):
    with (
        ScriptedServer([BeginTls(), *script], context=asking_context(leaf, authority)) as server,
        with_certificate(kind, server, trust_in(authority, tmp_path), certificate) as session,
    ):
        session.sign_in(certificate)


@pytest.mark.parametrize("shown", ["none", "of another authority"])
def test_a_server_that_does_not_like_the_client_certificate(
    leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path, certificate: ClientCertificate, shown: str
):
    clients = authority if shown == "none" else trustme.CA()
    trust = trust_in(authority, tmp_path)
    mine = None if shown == "none" else certificate
    with (
        ScriptedServer([BeginTls()], context=asking_context(leaf, clients)) as server,
        pytest.raises(TlsFailed, match="certificate") as failure,
        with_certificate(ImapSession, server, trust, mine),
    ):
        pass
    assert "certificate in the account's settings" in failure.value.advice


def test_a_client_certificate_that_is_refused(
    leaf: trustme.LeafCert, authority: trustme.CA, tmp_path: Path, certificate: ClientCertificate
):
    script = [BeginTls(), *imap("EXTERNAL", "PLAIN", rest=f"C: q1 AUTHENTICATE {EXTERNAL}\n{REJECTED}")]
    with (
        ScriptedServer(script, context=asking_context(leaf, authority)) as server,
        with_certificate(ImapSession, server, trust_in(authority, tmp_path), certificate) as session,
        pytest.raises(SignInFailed, match="did not accept the client certificate for eva"),
    ):
        session.sign_in(certificate)
