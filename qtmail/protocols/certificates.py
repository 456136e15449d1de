"""Naming a certificate by its fingerprint, the way a user accepts one."""

from __future__ import annotations

import hashlib
import ssl


def fingerprint(pem: str) -> str:
    """The SHA-256 fingerprint of a certificate in PEM, in lower-case hexadecimal.

    Raises ValueError if the text is not a PEM certificate.
    """
    return der_fingerprint(ssl.PEM_cert_to_DER_cert(pem.strip()))


def der_fingerprint(certificate: bytes) -> str:
    """The same for a certificate as it travels in TLS (DER)."""
    return hashlib.sha256(certificate).hexdigest()
