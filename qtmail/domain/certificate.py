"""A server's certificate as a person can check it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CertificateDetails:
    """What a certificate says.

    Attributes:
        names: the host names and IP addresses it is for.
        owner, issuer: whom it belongs to and who vouches for it (RFC 4514), may be "".
        not_before, not_after: between these it is valid, UTC.
        sha256: its fingerprint, 64 hexadecimal digits in lower case.
        key: kind and size of its key ("RSA, 2048 bits", "ECDSA, secp256r1").
        key_sha256: the fingerprint of the key alone, which a renewal may keep.
        signed_with: the hash its issuer signed ("SHA256"); "" where the kind of signature names none.
        self_signed: whether only its owner vouches for it.
    """

    names: tuple[str, ...]
    owner: str
    issuer: str
    not_before: datetime
    not_after: datetime
    sha256: str
    key: str
    key_sha256: str
    signed_with: str
    self_signed: bool
