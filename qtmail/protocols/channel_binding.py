"""What ties a sign-in to the TLS connection it runs over (RFC 5056): each end knows it without being told,
and with somebody in between the two know different things."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ChannelBinding:
    """What both ends of one line know.

    Attributes:
        kind: its name in IANA's registry ("tls-exporter", "tls-unique", "tls-server-end-point").
    """

    kind: str
    data: bytes = field(repr=False)


def channel_binding(line: ssl.SSLSocket) -> ChannelBinding | None:
    """The binding of an encrypted line, after the handshake; None where there is none.

    It is the default of the TLS version, where Python can tell it: tls-exporter for 1.3 (RFC 9266),
    tls-unique before (RFC 5929 section 3). Else it is the server's certificate, which needs no help from
    the TLS library.
    """
    default = "tls-exporter" if line.version() == "TLSv1.3" else "tls-unique"
    if default in ssl.CHANNEL_BINDING_TYPES and (data := line.get_channel_binding(default)):
        return ChannelBinding(default, data)
    end_point = server_end_point(line.getpeercert(binary_form=True) or b"")
    return ChannelBinding("tls-server-end-point", end_point) if end_point else None


def server_end_point(certificate: bytes) -> bytes:
    """The hash of a server's certificate (DER) that RFC 5929 section 4.1 defines.

    It is made with the hash of the certificate's signature, with SHA-256 in place of MD5 and SHA-1. b"" where
    that is not defined (Ed25519 signs without one) or the certificate cannot be read.
    """
    # cryptography takes 40 ms to import, and hardly any server offers channel binding.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

    try:
        parsed = x509.load_der_x509_certificate(certificate)
        signed_with = parsed.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return b""
    if signed_with is None:
        return b""
    weak = isinstance(signed_with, hashes.MD5 | hashes.SHA1)
    return parsed.fingerprint(hashes.SHA256() if weak else signed_with)
