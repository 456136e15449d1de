"""Why a certificate is not trusted: by OpenSSL's number, or else by what it says itself."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from qtmail.errors import TlsFailed
from qtmail.protocols.certificate_faults import certificate_failure

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOST = "mail.example.org"


@pytest.fixture(scope="module")
def issuer() -> trustme.CA:
    return trustme.CA()


def issued(issuer: trustme.CA, *names: str, begins: int = -10, ends: int = 10) -> str:
    """A certificate as PEM, valid from and until so many days from now."""
    leaf = issuer.issue_cert(
        *names, not_before=NOW + timedelta(days=begins), not_after=NOW + timedelta(days=ends)
    )
    return leaf.cert_chain_pems[0].bytes().decode()


def fault(code: int, certificate: str, host: str = HOST) -> TlsFailed:
    """What is made of this number, of OpenSSL or of a system."""
    error = ssl.SSLCertVerificationError("refused")
    error.verify_code, error.verify_message = code, "what the check said"
    return certificate_failure(error, host, certificate=certificate, now=NOW)


@pytest.mark.parametrize(
    ("names", "days", "host", "words"),
    [
        ((HOST,), (-10, -1), HOST, "has expired (on 2026-11-20)"),
        ((HOST,), (1, 10), HOST, "is not valid yet (only from 2026-11-22)"),
        (("a.example", "b.example"), (-1, 1), HOST, "belongs to another name (a.example, b.example)"),
        (("*.example.com",), (-1, 1), HOST, "belongs to another name"),
        (("*.example.org",), (-1, 1), "a.mail.example.org", "belongs to another name"),
        (("mail.example.org",), (-1, 1), "192.0.2.1", "does not cover this IP address"),
        (("*.example.org",), (-1, 1), HOST, "could not be trusted"),
        ((HOST,), (-1, 1), "MAIL.example.org.", "could not be trusted"),
        (("192.0.2.1",), (-1, 1), "192.0.2.1", "could not be trusted"),
    ],
)
@pytest.mark.parametrize("code", [-67818, 0x800B0101], ids=["macOS", "Windows"])
def test_a_system_that_says_only_no(
    issuer: trustme.CA, names: tuple[str, ...], days: tuple[int, int], host: str, words: str, code: int
):
    certificate = issued(issuer, *names, begins=days[0], ends=days[1])
    assert words in fault(code, certificate, host).sentence


def test_a_system_that_meets_a_certificate_that_made_itself(issuer: trustme.CA):
    assert "another name" in fault(-67818, issuer.cert_pem.bytes().decode()).sentence


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (66, r"is too short to be safe (ECDSA, secp256r1)"),
        (68, "is signed in an outdated, forgeable way (SHA256)"),
        (67, "authority"),
        (23, "revoked"),
    ],
)
def test_what_openssl_finds_weak(issuer: trustme.CA, code: int, words: str):
    assert words in fault(code, issued(issuer, HOST)).sentence


@pytest.mark.parametrize("code", [9, 10])
def test_dates_point_to_this_computers_clock(issuer: trustme.CA, code: int):
    told = fault(code, issued(issuer, HOST))
    assert "clock" in told.advice
    assert f"{NOW.astimezone():%Y-%m-%d %H:%M}" in told.advice


@pytest.mark.parametrize("certificate", ["", "nonsense"])
@pytest.mark.parametrize("code", [0, 10, 18, 20, 62, 64, 66, 68])
def test_a_certificate_that_was_not_seen(code: int, certificate: str):
    told = fault(code, certificate)
    assert told.sentence.endswith(".")
    assert not any(mark in told.sentence for mark in "(){}") or "self-signed" in told.sentence
    assert told.detail == "what the check said"
