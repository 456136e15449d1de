"""What a certificate says, in what it differs from another, and its fingerprint, by which a user accepts one.

cryptography, which takes 60 ms to import, is loaded when the first certificate is read: hardly anyone ever
sees one.
"""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING

from qtmail.domain.certificate import CertificateDetails

if TYPE_CHECKING:
    from cryptography import x509

MOST_LETTERS = 250
"""Of a name or an owner, which a stranger wrote; no host name is longer."""


def fingerprint(pem: str) -> str:
    """The SHA-256 fingerprint of a certificate in PEM, in lower-case hexadecimal.

    Raises ValueError if the text is not a PEM certificate.
    """
    return der_fingerprint(ssl.PEM_cert_to_DER_cert(pem.strip()))


def der_fingerprint(certificate: bytes) -> str:
    """The same for a certificate as it travels in TLS (DER)."""
    return hashlib.sha256(certificate).hexdigest()


def describe(pem: str) -> CertificateDetails:
    """What a certificate in PEM says. Raises ValueError if it is none, or cannot be read."""
    from cryptography import x509  # noqa: PLC0415

    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key, key_sha256 = _key(certificate)
        signed_with = certificate.signature_hash_algorithm
        return CertificateDetails(
            names=_names(certificate),
            owner=_shown(certificate.subject.rfc4514_string()),
            issuer=_shown(certificate.issuer.rfc4514_string()),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            sha256=fingerprint(pem),
            key=key,
            key_sha256=key_sha256,
            signed_with="" if signed_with is None else signed_with.name.upper(),
            self_signed=certificate.subject == certificate.issuer,
        )
    except _faults() as error:
        raise ValueError(str(error)) from error


def _faults() -> tuple[type[Exception], ...]:
    """What cryptography raises, besides ValueError, for a certificate it does not understand."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415

    odd = (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
    return (UnsupportedAlgorithm, TypeError, *odd)


def _shown(text: str) -> str:
    """A stranger's words as one short line, without what could change how the rest looks."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text)
    return shown if len(shown) <= MOST_LETTERS else shown[: MOST_LETTERS - 1] + "…"


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(_shown(str(name.value)) for name in names if isinstance(name, x509.DNSName | x509.IPAddress))


def _key(certificate: x509.Certificate) -> tuple[str, str]:
    """Its kind and size in words, and its fingerprint."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    key = certificate.public_key()
    match key:
        case rsa.RSAPublicKey():
            kind = f"RSA, {key.key_size} bits"
        case ec.EllipticCurvePublicKey():
            kind = f"ECDSA, {key.curve.name}"
        case _:
            kind = type(key).__name__.removesuffix("PublicKey").strip("_")
    return kind, der_fingerprint(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def changes(old_pem: str, new_pem: str) -> tuple[str, ...]:
    """In what a server's certificate differs from the one it showed before, in sentences; () if it does not.

    Raises ValueError if one of them is no certificate.
    """
    old, new = describe(old_pem), describe(new_pem)
    if old.sha256 == new.sha256:
        return ()
    return tuple(
        sentence
        for differs, sentence in (
            (True, _key_sentence(old, new)),
            (
                old.issuer != new.issuer,
                f"It was issued by {new.issuer or 'nobody'}, the last one by {old.issuer or 'nobody'}.",
            ),
            (
                old.owner != new.owner,
                f"It belongs to {new.owner or 'nobody'}, the last one to {old.owner or 'nobody'}.",
            ),
            (
                set(old.names) != set(new.names),
                f"It is for {in_words(new.names)}, the last one for {in_words(old.names)}.",
            ),
            (
                old.not_after != new.not_after,
                f"It is valid until {new.not_after:%Y-%m-%d}, the last one until {old.not_after:%Y-%m-%d}.",
            ),
        )
        if differs
    )


def _key_sentence(old: CertificateDetails, new: CertificateDetails) -> str:
    if old.key_sha256 == new.key_sha256:
        return "The server's key is the same as last time, so the certificate was most likely renewed."
    return "The server's key is another one than last time."


def in_words(names: tuple[str, ...], most: int = 5) -> str:
    """The first few names of a certificate, and how many there are more."""
    if not names:
        return "no server name"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
