"""Contexts: strict, shared where they may be, and never with somebody else's certificate in them."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest
import trustme
import truststore
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from qtmail.domain.sign_in import ClientCertificate
from qtmail.errors import FileFailed, Retry
from qtmail.protocols import tls
from qtmail.protocols.tls import TlsTrust, tls_context


@pytest.fixture
def own_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system whose authorities OpenSSL reads by itself, whatever this computer is."""
    monkeypatch.setattr(tls, "_asks_system", lambda: False)


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "me.pem"
    authority.issue_cert("eva@example.org").private_key_and_cert_chain_pem.write_to_path(path)
    return path


@pytest.mark.parametrize("asks_system", [False, True])
def test_a_context_is_strict(monkeypatch: pytest.MonkeyPatch, asks_system: bool):
    monkeypatch.setattr(tls, "_asks_system", lambda: asks_system)
    context = tls_context(TlsTrust())
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.usefixtures("own_store")
def test_a_context_is_made_once_for_each_trust():
    trust = TlsTrust()
    assert tls_context(trust) is tls_context(trust)
    assert tls_context(trust) is not tls_context(TlsTrust())
    assert tls_context(trust, verify=False) is not tls_context(trust)


@pytest.mark.usefixtures("own_store")
def test_a_context_is_made_anew_after_a_while(monkeypatch: pytest.MonkeyPatch):
    trust = TlsTrust()
    first = tls_context(trust)
    monkeypatch.setattr(tls, "CONTEXT_SECONDS", 0.0)
    assert tls_context(trust) is not first


@pytest.mark.usefixtures("own_store")
def test_a_client_certificate_stays_with_its_account(certificate: Path):
    trust = TlsTrust()
    eva = ClientCertificate(str(certificate))
    with_certificate = tls_context(trust, client_certificate=eva)
    assert tls_context(trust, client_certificate=eva) is with_certificate
    assert tls_context(trust) is not with_certificate
    assert tls_context(trust, verify=False) is not tls_context(trust, verify=False, client_certificate=eva)
    other = ClientCertificate(str(certificate), "another passphrase")
    assert tls_context(trust, client_certificate=other) is not with_certificate


@pytest.mark.parametrize(("system", "asks"), [("win32", True), ("darwin", True), ("linux", False)])
def test_the_system_is_asked_where_openssl_does_not_read_its_store(
    monkeypatch: pytest.MonkeyPatch, certificate: Path, system: str, asks: bool
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(sys, "platform", system)
    assert isinstance(tls_context(TlsTrust(), verify=True), truststore.SSLContext) is asks


def test_the_system_is_asked_where_openssl_looks_in_the_wrong_place(monkeypatch: pytest.MonkeyPatch):
    """As with a packaged program that was built on another distribution."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/cert.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere/certs")
    assert isinstance(tls_context(TlsTrust()), truststore.SSLContext)


# -- client certificates -------------------------------------------------------------------------------


def locked(path: Path, passphrase: bytes) -> None:
    """Lock the key in a PEM file with a passphrase."""
    text = path.read_bytes()
    key = load_pem_private_key(text, None)
    certificate = text[text.index(b"-----BEGIN CERTIFICATE") :]
    encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    path.write_bytes(encrypted + certificate)


def test_a_certificate_with_a_passphrase(certificate: Path):
    locked(certificate, b"open sesame")
    tls_context(TlsTrust(), client_certificate=ClientCertificate(str(certificate), "open sesame"))


@pytest.mark.parametrize("given", ["", "wrong"])
def test_a_certificate_that_stays_locked(certificate: Path, given: str):
    locked(certificate, b"open sesame")
    with pytest.raises(FileFailed, match="is locked with a passphrase") as failure:
        tls_context(TlsTrust(), client_certificate=ClientCertificate(str(certificate), given))
    assert failure.value.retry is Retry.ASK_USER
    assert "passphrase" in failure.value.advice


def without_key(path: Path, authority: trustme.CA) -> None:
    text = path.read_bytes()
    path.write_bytes(text[text.index(b"-----BEGIN CERTIFICATE") :])


def with_another_key(path: Path, authority: trustme.CA) -> None:
    text = path.read_bytes()
    other = authority.issue_cert("other@example.org").private_key_pem.bytes()
    path.write_bytes(other + text[text.index(b"-----BEGIN CERTIFICATE") :])


def with_nonsense(path: Path, authority: trustme.CA) -> None:
    path.write_bytes(b"\x00 no PEM")


def missing(path: Path, authority: trustme.CA) -> None:
    path.unlink()


def a_directory(path: Path, authority: trustme.CA) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_key, "does not hold a certificate and its private key"),
        (with_another_key, "holds a key that belongs to another certificate"),
        (with_nonsense, "does not hold a certificate and its private key"),
        (missing, "was not found"),
        (a_directory, "your certificate"),
    ],
)
def test_a_file_that_is_no_use(authority: trustme.CA, certificate: Path, spoil, words: str):
    spoil(certificate, authority)
    with pytest.raises(FileFailed, match=words) as failure:
        tls_context(TlsTrust(), client_certificate=ClientCertificate(str(certificate)))
    assert str(certificate) in failure.value.sentence


# -- what is noted ---------------------------------------------------------------------------------


def test_a_certificate_is_noted_when_it_changes(authority: trustme.CA):
    noted: list[tuple[str, int, str]] = []
    trust = TlsTrust(noted=lambda *what: noted.append(what))
    pems = [authority.issue_cert("localhost").cert_chain_pems[0].bytes().decode() for _ in range(2)]
    first, second = (ssl.PEM_cert_to_DER_cert(pem) for pem in pems)
    for certificate in (first, first, second, second):
        trust.note("mail.example.org", 993, certificate)
    trust.note("mail.example.org", 995, first)
    assert [(port, ssl.PEM_cert_to_DER_cert(pem)) for _, port, pem in noted] == [
        (993, first),
        (993, second),
        (995, first),
    ]
