"""What the doctor says of servers in every kind of trouble: the right layer, a plain sentence, advice."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.sign_in import Secret
from qtmail.engine.doctor import check_server
from qtmail.engine.server_check import Limits
from qtmail.errors import Layer
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from tests.fakes.imap_server import ScriptedServer, Stall, transcript
from tests.fakes.mailbox_server import MailboxServer
from tests.fakes.memory_imap import plain_message
from tests.wire.broken_servers import BROKEN, IMAP, IMAP_OPENED, PROTOCOLS, Broken
from tests.wire.sessions import HOST, trust_in

LIMITS = Limits(silence=5, check=10)
SHORT = Limits(silence=0.3, check=10)
"""For servers that answer at once or never."""


def examine(
    port: int,
    security: Security = Security.NONE,
    *,
    protocol: str = IMAP,
    host: str = HOST,
    trust: TlsTrust | None = None,
    secret: Secret | None = "secret",
    limits: Limits = LIMITS,
    log: ProtocolLog | None = None,
) -> list[Verdict]:
    """All verdicts on one server, the one about the clock the last."""
    server = ServerSettings(host, port, security, "eva")
    imap, pop3, smtp = (server if protocol == one else None for one in PROTOCOLS)
    account = Account(0, "Eva", "eva@example.org", "Eva", imap, smtp, pop3=pop3)
    verdicts = check_server(account, secret, trust or TlsTrust(), log, limits=limits)
    assert verdicts[-1].layer is Layer.CLOCK
    return verdicts


def diagnose(port: int, security: Security = Security.NONE, **options: object) -> Verdict:
    """The last verdict about the server; those before it are good."""
    *before, last, _ = examine(port, security, **options)  # type: ignore[arg-type]
    assert all(verdict.ok for verdict in before), before
    return last


# -- certificates ----------------------------------------------------------------------------------


def context_with(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def self_signed() -> ssl.SSLContext:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.private_key_pem.tempfile() as key, authority.cert_pem.tempfile() as pem:
        context.load_cert_chain(pem, key)
    return context


def weak_key(authority: trustme.CA, directory: Path) -> ssl.SSLContext:
    """A certificate for 1,024 bits, which is half of what counts as safe."""
    issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    issuer_key = load_pem_private_key(authority.private_key_pem.bytes(), None)
    key = rsa.generate_private_key(65537, 1024)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(issuer_key, SHA256())  # type: ignore[arg-type]
    )
    path = directory / "weak.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(path)
    return context


def outdated(authority: trustme.CA) -> ssl.SSLContext:
    context = context_with(authority.issue_cert("localhost"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def context_for(kind: str, authority: trustme.CA, directory: Path) -> ssl.SSLContext | None:
    now, day = datetime.now(UTC), timedelta(days=1)
    match kind:
        case "":
            return None
        case "good":
            return context_with(authority.issue_cert("localhost", HOST))
        case "expired":
            return context_with(
                authority.issue_cert("localhost", not_before=now - 9 * day, not_after=now - day)
            )
        case "not yet valid":
            return context_with(
                authority.issue_cert("localhost", not_before=now + day, not_after=now + 9 * day)
            )
        case "of another host":
            return context_with(authority.issue_cert("mail.example.org"))
        case "self-signed":
            return self_signed()
        case "with a weak key":
            return weak_key(authority, directory)
        case "of an outdated server":
            return outdated(authority)
        case _:
            return context_with(trustme.CA().issue_cert("localhost"))


# -- the table -------------------------------------------------------------------------------------


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every host name leads to this computer."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, *arguments: object, **options: object) -> object:
        return resolve(HOST, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_every_trouble_has_its_layer_its_sentence_and_its_advice(
    broken: Broken, authority: trustme.CA, tmp_path: Path
) -> None:
    trust = trust_in(authority, tmp_path)
    trust = TlsTrust(cafile=trust.cafile, clear_allowed=lambda host, port: bool(broken.host))
    context = context_for(broken.certificate, authority, tmp_path)
    # A certificate that is refused is looked at again on a line of its own.
    scripts = [broken.steps] * (2 if broken.layer is Layer.TLS and broken.certificate else 1)
    with ScriptedServer(*scripts, context=context) as server:
        *before, last, _ = examine(
            server.port,
            broken.security,
            protocol=broken.protocol,
            host=broken.host or HOST,
            trust=trust,
            secret=broken.secret,
            limits=SHORT if Stall() in broken.steps else LIMITS,
        )
    assert (last.layer, last.ok) == (broken.layer, False), last
    assert broken.words in last.sentence, last
    assert broken.advice in last.advice and last.advice, last
    assert last.sentence.endswith((".", "!", "?", "。")) and "\n" not in last.sentence + last.advice
    assert all(verdict.ok for verdict in before), before
    assert set(broken.worked) <= {verdict.layer for verdict in before}, before


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_name_that_does_not_exist(protocol: str) -> None:
    verdict = diagnose(993, protocol=protocol, host="no-such-host.invalid", limits=Limits(silence=5))
    assert verdict.layer is Layer.NAME_LOOKUP
    assert "no-such-host.invalid" in verdict.sentence
    assert "online" in verdict.advice and "server name" in verdict.advice


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_port_that_refuses(protocol: str) -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    verdict = diagnose(port, Security.TLS, protocol=protocol)
    assert verdict.layer is Layer.CONNECTION
    assert f"nothing answers on port {port}" in verdict.sentence
    assert "port" in verdict.advice


def test_a_certificate_that_is_not_trusted_is_shown(authority: trustme.CA, tmp_path: Path) -> None:
    leaf = trustme.CA().issue_cert("localhost")
    with MailboxServer(context=context_with(leaf)) as server:
        verdict = diagnose(server.port, Security.TLS, host="localhost", trust=trust_in(authority, tmp_path))
    assert verdict.certificate.split() == leaf.cert_chain_pems[0].bytes().decode().split()


# -- slow servers ----------------------------------------------------------------------------------


def in_pieces(answer: list[bytes], count: int, seconds: float) -> Iterator[bytes]:
    data = b"".join(answer)
    size = len(data) // count + 1
    for start in range(0, len(data), size):
        threading.Event().wait(seconds)
        yield data[start : start + size]


def test_a_slow_server_is_waited_for() -> None:
    """Its answers take longer than the time limit for silence, but it is never silent for so long."""
    with MailboxServer() as server:
        server.tamper = lambda command, answer: in_pieces(answer, 4, 0.15)
        verdict = diagnose(server.port, limits=Limits(silence=0.5))
    assert verdict.ok, verdict


def test_a_server_that_drips_is_given_up() -> None:
    with MailboxServer() as server:
        server.tamper = lambda command, answer: in_pieces(answer, 1000, 0.05)
        verdict = diagnose(server.port, limits=Limits(silence=5, check=0.5))
    assert not verdict.ok
    assert "is so slow that the check was given up" in verdict.sentence
    assert "later" in verdict.advice


# -- servers that are well -------------------------------------------------------------------------


def deliver(server: MailboxServer, when: float) -> None:
    """A message comes at this time, by the server's clock."""
    uid = server.inbox.deliver(plain_message(1))
    date = time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(when))
    server.inbox.messages[uid].internal_date = date


def test_a_server_that_is_well(authority: trustme.CA, tmp_path: Path) -> None:
    with MailboxServer(context=context_with(authority.issue_cert("localhost"))) as server:
        deliver(server, time.time())
        verdicts = examine(server.port, Security.TLS, host="localhost", trust=trust_in(authority, tmp_path))
    assert [verdict.layer for verdict in verdicts] == [
        Layer.NAME_LOOKUP,
        Layer.CONNECTION,
        Layer.TLS,
        Layer.GREETING,
        Layer.CAPABILITY,
        Layer.SIGN_IN,
        Layer.FOLDER,
        Layer.QUOTA,
        Layer.CLOCK,
    ]
    assert all(verdict.ok for verdict in verdicts), verdicts
    told = {verdict.layer: verdict.sentence for verdict in verdicts}
    assert "TLSv1" in told[Layer.TLS] and "it is for localhost" in told[Layer.TLS]
    assert "the inbox holds 1 message" in told[Layer.FOLDER]


@pytest.mark.parametrize(("ahead", "ok"), [(-86400, True), (60, True), (7200, False)])
def test_mail_from_the_future_shows_that_the_clock_is_slow(ahead: int, ok: bool) -> None:
    with MailboxServer() as server:
        deliver(server, time.time() + ahead)
        clock = examine(server.port)[-1]
    assert clock.ok is ok
    assert ok or "2 hours behind the server's" in clock.sentence


def test_a_server_that_keeps_its_quota_to_itself_is_well() -> None:
    with ScriptedServer(transcript(f"{IMAP_OPENED}\nS: q6 NO [NOPERM] not for you")) as server:
        verdict = diagnose(server.port)
    assert (verdict.layer, verdict.ok) == (Layer.QUOTA, True)
    assert "does not tell" in verdict.sentence


def test_without_a_secret_all_up_to_the_sign_in_is_checked() -> None:
    with MailboxServer() as server:
        verdict = diagnose(server.port, secret=None)
    assert (verdict.layer, verdict.ok) == (Layer.SIGN_IN, False)
    assert "AUTHENTICATE" not in server.commands


def test_the_conversation_can_be_read_afterwards() -> None:
    log = ProtocolLog()
    with MailboxServer() as server:
        diagnose(server.port, log=log)
    said = [line.text for line in log.lines()]
    assert any("AUTHENTICATE PLAIN ***" in line for line in said)
    assert not any("AGV2YQBzZWNyZXQ" in line for line in said)
