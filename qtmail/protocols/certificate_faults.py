"""Why a certificate is not trusted, in words.

What checked it says so with a number: OpenSSL with its own, which are told apart here; the systems' own
checks on Windows and macOS with others, and then the certificate itself is looked at.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from qtmail.domain.certificate import CertificateDetails
from qtmail.errors import TlsFailed
from qtmail.protocols.certificates import describe, in_words

_OWN_RISK = (
    "Only go on if you know why: somebody may be pretending to be the server to read your password and mail."
)
_CLOCK = (
    "Check this computer's clock, which says {now}; if it is right, the server's owner has to renew the "
    "certificate."
)
_WEAK = "Ask the server's owner to replace it. " + _OWN_RISK

# X509_V_ERR_* numbers of OpenSSL, which ssl.SSLCertVerificationError.verify_code carries.
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED, _UNKNOWN_ISSUER = 18, 20
_OTHER_NAME, _OTHER_ADDRESS = 62, 64

_MEANING: dict[int, tuple[str, str]] = {
    _NOT_YET_VALID: ("The certificate of {host} is not valid yet{from_when}.", _CLOCK),
    _EXPIRED: ("The certificate of {host} has expired{until_when}.", _CLOCK),
    _SELF_SIGNED: (
        "{host} made its certificate itself (self-signed): nobody this computer trusts vouches for it.",
        _OWN_RISK,
    ),
    19: (
        "The certificate of {host} was issued by an authority that this computer does not trust{issuer}.",
        _OWN_RISK,
    ),
    _UNKNOWN_ISSUER: (
        "The certificate of {host} was issued by an authority that this computer does not know{issuer}.",
        _OWN_RISK,
    ),
    23: (
        "The certificate of {host} has been revoked by its issuer.",
        "Do not connect; ask the server's owner.",
    ),
    26: ("The certificate of {host} is not meant for a server.", _OWN_RISK),
    _OTHER_NAME: (
        "The certificate that {host} shows belongs to another name{names}.",
        "Check the server name in the account's settings. " + _OWN_RISK,
    ),
    _OTHER_ADDRESS: (
        "The certificate that {host} shows does not cover this IP address{names}.",
        "Use the server's name, not its address.",
    ),
    66: ("The key in the certificate of {host} is too short to be safe{key}.", _WEAK),
    67: ("The authority behind the certificate of {host} has a key that is too short to be safe.", _WEAK),
    68: ("The certificate of {host} is signed in an outdated, forgeable way{signature}.", _WEAK),
}
_MEANING[21] = _MEANING[_UNKNOWN_ISSUER]
_UNKNOWN = ("The certificate of {host} could not be trusted.", _OWN_RISK)


def certificate_failure(
    error: ssl.SSLCertVerificationError, host: str, *, certificate: str, now: datetime | None = None
) -> TlsFailed:
    """The fault of a certificate that could not be trusted.

    Args:
        certificate: its PEM text, to be shown to the user, or "" if it is not known.
        now: the time; given in tests only.
    """
    now = now or datetime.now(UTC)
    details = _read(certificate)
    code = getattr(error, "verify_code", 0)
    if code not in _MEANING and details is not None:
        code = _diagnosed(details, host, now)
    sentence, advice = _MEANING.get(code, _UNKNOWN)
    known = _Known.of(details)
    return TlsFailed(
        sentence.format(
            host=host,
            from_when=known.from_when,
            until_when=known.until_when,
            issuer=known.issuer,
            names=known.names,
            key=known.key,
            signature=known.signature,
        ),
        certificate=certificate,
        advice=advice.format(now=f"{now.astimezone():%Y-%m-%d %H:%M}"),
        detail=getattr(error, "verify_message", str(error)),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What a sentence can add from the certificate itself; all empty where it cannot be read."""

    from_when: str = ""
    until_when: str = ""
    issuer: str = ""
    names: str = ""
    key: str = ""
    signature: str = ""

    @classmethod
    def of(cls, details: CertificateDetails | None) -> _Known:
        if details is None:
            return cls()
        return cls(
            from_when=f" (only from {details.not_before:%Y-%m-%d})",
            until_when=f" (on {details.not_after:%Y-%m-%d})",
            issuer=f" ({details.issuer})" if details.issuer else "",
            names=f" ({in_words(details.names)})",
            key=f" ({details.key})",
            signature=f" ({details.signed_with})" if details.signed_with else "",
        )


def _read(certificate: str) -> CertificateDetails | None:
    try:
        return describe(certificate) if certificate else None
    except ValueError:
        return None


def _diagnosed(details: CertificateDetails, host: str, now: datetime) -> int:
    """What is wrong with a certificate that a system's own check refused; 0 if nothing can be seen."""
    if now > details.not_after:
        return _EXPIRED
    if now < details.not_before:
        return _NOT_YET_VALID
    if not any(_covers(name, host) for name in details.names):
        return _OTHER_ADDRESS if _is_address(host) else _OTHER_NAME
    return _SELF_SIGNED if details.self_signed else 0


def _covers(name: str, host: str) -> bool:
    """Whether a name in a certificate is for this host; `*` stands for its first label (RFC 9525)."""
    host, name = host.lower().rstrip("."), name.lower()
    _, _, domain = host.partition(".")
    return name == host or (bool(domain) and not _is_address(host) and name == f"*.{domain}")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
