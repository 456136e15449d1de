"""How far a line to a server came, for whoever wants to know where it broke."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field

from qtmail.errors import Layer


@dataclass(slots=True)
class WayIn:
    """What happened on the way to a server that has greeted and is protected as it should be.

    Attributes:
        reached: when (`time.monotonic()`) the line was first connected, encrypted with a certificate that is
            trusted, and greeted on (layers CONNECTION, TLS and GREETING).
        tls_version: the protocol that encrypts the line ("TLSv1.3"), or "" on a clear one.
        certificate: the trusted certificate of the server (PEM), or "".
        greeting: the first line of the server's greeting; before TLS anybody on the way may have said it.
    """

    reached: dict[Layer, float] = field(default_factory=dict)
    tls_version: str = ""
    certificate: str = ""
    greeting: bytes = b""

    def connected(self) -> None:
        self._reach(Layer.CONNECTION)

    def encrypted(self, tls_version: str, certificate: bytes) -> None:
        """`certificate`: as it travels in TLS (DER)."""
        self.tls_version = tls_version
        self.certificate = ssl.DER_cert_to_PEM_cert(certificate)
        self._reach(Layer.TLS)

    def greeted(self, greeting: bytes) -> None:
        self.greeting = greeting
        self._reach(Layer.GREETING)

    def _reach(self, layer: Layer) -> None:
        # The first time counts: a line of its own may be opened to look at a refused certificate.
        self.reached.setdefault(layer, time.monotonic())
