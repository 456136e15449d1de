"""Fingerprints."""

from __future__ import annotations

import hashlib
import ssl

import pytest
import trustme

from qtmail.protocols.certificates import der_fingerprint, fingerprint


def test_both_forms_agree():
    pem = trustme.CA().cert_pem.bytes().decode()
    der = ssl.PEM_cert_to_DER_cert(pem)
    assert fingerprint(f"\n{pem}\n") == der_fingerprint(der) == hashlib.sha256(der).hexdigest()


def test_what_is_no_certificate_is_refused():
    with pytest.raises(ValueError, match="PEM"):
        fingerprint("nonsense")
