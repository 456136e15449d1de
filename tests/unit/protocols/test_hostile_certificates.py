"""Certificates that are made to break who reads them, or to deceive who looks at them."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from qtmail.errors import TlsFailed
from qtmail.protocols.certificate_faults import certificate_failure
from qtmail.protocols.certificates import MOST_LETTERS, changes, describe
from qtmail.protocols.channel_binding import server_end_point


def certificate(owner: str = "owner", *extensions: x509.ExtensionType) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner, _validate=False)])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=7,
        not_valid_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2027, 1, 1, tzinfo=UTC),
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def names(*hosts: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])


def pem(der: bytes) -> str:
    return ssl.DER_cert_to_PEM_cert(der)


def changed(der: bytes, old: str, new: str) -> bytes:
    """The certificate with some bytes (in hexadecimal) replaced; its signature is wrong then."""
    assert bytes.fromhex(old) in der
    return der.replace(bytes.fromhex(old), bytes.fromhex(new), 1)


def of_another_version() -> bytes:
    return changed(certificate(), "a003020102", "a003020103")


def with_an_extension_twice() -> bytes:
    odd = [x509.UnrecognizedExtension(ObjectIdentifier(f"1.2.3.4.{n}"), b"\x05\x00") for n in (5, 6)]
    return changed(certificate("owner", *odd), "06042a030406", "06042a030405")


def for_a_kind_of_name_that_nobody_uses(tag: str = "a5") -> bytes:
    return changed(certificate("owner", names("aa")), "82026161", f"{tag}026161")


BROKEN = [of_another_version, with_an_extension_twice, for_a_kind_of_name_that_nobody_uses]


@pytest.mark.parametrize("make", BROKEN)
def test_one_that_cannot_be_read_is_none(make):
    with pytest.raises(ValueError, match=r"."):
        describe(pem(make()))


@pytest.mark.parametrize("make", BROKEN)
def test_the_fault_is_told_all_the_same(make):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = 18, "self-signed certificate"
    fault = certificate_failure(error, "mail.example.org", certificate=pem(make()))
    assert isinstance(fault, TlsFailed) and "self-signed" in fault.sentence


def test_one_that_cannot_be_read_binds_no_channel():
    assert server_end_point(of_another_version()) == b""


def test_what_it_says_is_shown_in_one_short_line_without_disguise():
    evil = "Bank\r\n\x1b[31m\u202egro.knab\u2066" + "x" * 50_000
    told = describe(pem(certificate(evil, names("mail.example.org\nTrusted: yes\x00", "y" * 50_000))))
    for text in (told.owner, told.issuer, *told.names):
        assert text.isprintable() and len(text) <= MOST_LETTERS


def test_ten_thousand_names_make_no_long_sentence():
    many = pem(certificate("owner", names(*(f"host{n}.example.org" for n in range(10_000)))))
    assert len(describe(many).names) == 10_000
    error = ssl.SSLCertVerificationError(1, "Hostname mismatch")
    error.verify_code, error.verify_message = 62, "Hostname mismatch"
    fault = certificate_failure(error, "mail.example.org", certificate=many)
    told = [fault.sentence, *changes(pem(certificate()), many)]
    assert all(len(sentence) < 400 for sentence in told)
