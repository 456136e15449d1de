"""What ties a sign-in to its line: both ends must come to the same."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from qtmail.protocols.channel_binding import ChannelBinding, channel_binding, server_end_point

Key: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def both_ends(leaf: trustme.LeafCert, version: ssl.TLSVersion) -> tuple[ChannelBinding | None, bytes | None]:
    """What this program makes of a line, and what Python's ssl says of its other end (tls-unique)."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(serving)
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname = False
    asking.verify_mode = ssl.CERT_NONE
    asking.maximum_version = version
    there: list[bytes | None] = []
    near, far = socket.socketpair()

    def serve() -> None:
        with serving.wrap_socket(far, server_side=True) as line:
            there.append(line.get_channel_binding("tls-unique"))

    thread = threading.Thread(target=serve)
    thread.start()
    with asking.wrap_socket(near) as line:
        here = channel_binding(line)
        thread.join()
    return here, there[0]


def test_tls_1_2_has_the_binding_of_its_standard(authority: trustme.CA):
    here, there = both_ends(authority.issue_cert("localhost"), ssl.TLSVersion.TLSv1_2)
    assert here == ChannelBinding("tls-unique", there or b"")


def test_tls_1_3_is_bound_by_the_certificate_where_python_knows_no_exporter(authority: trustme.CA):
    leaf = authority.issue_cert("localhost")
    here, _ = both_ends(leaf, ssl.TLSVersion.TLSv1_3)
    assert here is not None
    if "tls-exporter" in ssl.CHANNEL_BINDING_TYPES:
        assert here.kind == "tls-exporter"
    else:
        der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
        assert here == ChannelBinding("tls-server-end-point", hashlib.sha256(der).digest())


def signed_with(algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None, key: Key) -> bytes:
    """A certificate (DER) signed with this hash; None: with Ed25519, which names none."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [(hashes.SHA256(), "sha256"), (hashes.SHA384(), "sha384"), (hashes.SHA512(), "sha512")],
)
def test_the_hash_is_the_one_of_the_signature(
    algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512, name: str
):
    certificate = signed_with(algorithm, ec.generate_private_key(ec.SECP256R1()))
    assert server_end_point(certificate) == hashlib.new(name, certificate).digest()


def test_an_outdated_hash_is_replaced():
    """RFC 5929 section 4.1: SHA-256 for MD5 and SHA-1."""
    # Nothing here signs with SHA-1 any more, so a certificate is made to say that it was (OIDs of RFC 8017).
    sha_256, sha_1 = (bytes.fromhex("2a864886f70d0101") + bytes([last]) for last in (11, 5))
    certificate = signed_with(hashes.SHA256(), rsa.generate_private_key(65537, 2048)).replace(sha_256, sha_1)
    assert server_end_point(certificate) == hashlib.sha256(certificate).digest()


@pytest.mark.parametrize("certificate", [b"", b"nonsense"])
def test_what_cannot_be_bound_to(certificate: bytes):
    assert server_end_point(certificate) == b""


def test_a_signature_without_a_hash_has_no_binding():
    assert server_end_point(signed_with(None, ed25519.Ed25519PrivateKey.generate())) == b""
