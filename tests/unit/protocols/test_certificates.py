"""Fingerprints, what a certificate says, and in what it differs from the one before."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from qtmail.protocols.certificates import changes, der_fingerprint, describe, fingerprint, in_words

Key: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def made(
    key: Key | None = None,
    *names: str,
    owner: str = "mail.example.org",
    issuer: str = "Example CA",
    days: int = 90,
) -> str:
    """A certificate as PEM; it vouches for itself, whoever it says issued it."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        name(issuer), name(owner), key.public_key(), 7, BEGIN, BEGIN + timedelta(days=days)
    )
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
        builder = builder.add_extension(alternatives, critical=False)
    hashed = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA384()
    return builder.sign(key, hashed).public_bytes(Encoding.PEM).decode()


def test_both_forms_agree():
    pem = trustme.CA().cert_pem.bytes().decode()
    der = ssl.PEM_cert_to_DER_cert(pem)
    assert fingerprint(f"\n{pem}\n") == der_fingerprint(der) == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("read", [fingerprint, describe])
def test_what_is_no_certificate_is_refused(read):
    with pytest.raises(ValueError, match="PEM"):
        read("nonsense")


def test_what_a_certificate_says():
    pem = made(None, "mail.example.org", "imap.example.org")
    details = describe(pem)
    assert details.names == ("mail.example.org", "imap.example.org")
    assert (details.owner, details.issuer) == ("CN=mail.example.org", "CN=Example CA")
    assert (details.not_before, details.not_after) == (BEGIN, BEGIN + timedelta(days=90))
    assert details.sha256 == fingerprint(pem)
    assert (details.key, details.signed_with) == ("ECDSA, secp256r1", "SHA384")
    assert not details.self_signed


def test_addresses_are_names_and_mail_addresses_are_not():
    pem = trustme.CA().issue_cert("127.0.0.1", "::1", "eva@example.org").cert_chain_pems[0].bytes().decode()
    assert describe(pem).names == ("127.0.0.1", "::1")


def test_a_certificate_that_only_its_owner_vouches_for():
    details = describe(made(issuer="mail.example.org"))
    assert details.self_signed
    assert details.names == ()


@pytest.mark.parametrize(
    ("key", "words", "signed_with"),
    [
        (rsa.generate_private_key(65537, 2048), "RSA, 2048 bits", "SHA384"),
        (ec.generate_private_key(ec.SECP384R1()), "ECDSA, secp384r1", "SHA384"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519", ""),
    ],
)
def test_keys_in_words(key: Key, words: str, signed_with: str):
    details = describe(made(key))
    assert (details.key, details.signed_with) == (words, signed_with)


def test_the_same_certificate_has_not_changed():
    pem = made()
    assert changes(pem, f"\n{pem}") == ()


def test_a_renewal_with_the_same_key():
    key = ec.generate_private_key(ec.SECP256R1())
    assert changes(made(key), made(key, days=180)) == (
        "The server's key is the same as last time, so the certificate was most likely renewed.",
        "It is valid until 2026-06-30, the last one until 2026-04-01.",
    )


def test_all_that_can_change():
    old = made(None, "mail.example.org")
    new = made(None, "evil.example", owner="evil.example", issuer="Evil CA", days=3)
    assert changes(old, new) == (
        "The server's key is another one than last time.",
        "It was issued by CN=Evil CA, the last one by CN=Example CA.",
        "It belongs to CN=evil.example, the last one to CN=mail.example.org.",
        "It is for evil.example, the last one for mail.example.org.",
        "It is valid until 2026-01-04, the last one until 2026-04-01.",
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "no server name"),
        (("a.example",), "a.example"),
        (tuple(f"{letter}.example" for letter in "abcdefg"), "a.example, b.example and 5 more"),
    ],
)
def test_many_names_are_counted(names: tuple[str, ...], words: str):
    assert in_words(names, most=2) == words
