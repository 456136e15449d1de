"""Which certificates are trusted, and how TLS is spoken: 1.2 or later, the chain checked against the system's
trust store and the name against the certificate."""

from __future__ import annotations

import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import truststore

from qtmail.domain.sign_in import ClientCertificate
from qtmail.errors import FileFailed, Retry
from qtmail.protocols.certificates import der_fingerprint

CONTEXT_SECONDS = 600.0
"""How long a context is used, so that an authority added to the system counts without a restart."""


def _nothing_accepted(_host: str, _port: int) -> frozenset[str]:
    return frozenset()


def _nothing_allowed(_host: str, _port: int) -> bool:
    return False


def _forget(_host: str, _port: int, _pem: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class TlsTrust:
    """What the user trusts besides the certificates the system trusts. Safe to use from several threads.

    Attributes:
        accepted: the SHA-256 fingerprints (lower-case hex) of certificates the user accepted for a host and
            port.
        cafile: PEM file of further authorities, for tests; None: the system's (and SSL_CERT_FILE's) alone.
        noted: told of host, port and certificate (PEM) when a server's certificate was trusted, and again
            only when the server shows another one.
        clear_allowed: whether the user lets passwords go to this host and port over a line that is not
            encrypted.
    """

    accepted: Callable[[str, int], frozenset[str]] = _nothing_accepted
    cafile: str | None = None
    noted: Callable[[str, int, str], None] = _forget
    clear_allowed: Callable[[str, int], bool] = _nothing_allowed
    _memory: _Memory = field(default_factory=lambda: _Memory(), init=False, repr=False, compare=False)

    def note(self, host: str, port: int, certificate: bytes) -> None:
        """A server proved who it is with this certificate (DER)."""
        if self._memory.is_new(host, port, der_fingerprint(certificate)):
            self.noted(host, port, ssl.DER_cert_to_PEM_cert(certificate))


class _Memory:
    """What one TlsTrust keeps between connections: contexts, which take 20 ms to make, and what was noted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contexts: dict[tuple[bool, ClientCertificate | None], tuple[float, ssl.SSLContext]] = {}
        self._shown: dict[tuple[str, int], str] = {}

    def is_new(self, host: str, port: int, fingerprint: str) -> bool:
        with self._lock:
            before = self._shown.get((host, port))
            self._shown[host, port] = fingerprint
            return before != fingerprint

    def context(
        self, verify: bool, client: ClientCertificate | None, make: Callable[[], ssl.SSLContext]
    ) -> ssl.SSLContext:
        """A context made lately for this client certificate, and for no other; else a new one."""
        with self._lock:
            made_at, context = self._contexts.get((verify, client), (-CONTEXT_SECONDS, None))
            now = time.monotonic()
            if context is None or now - made_at >= CONTEXT_SECONDS:
                context = make()
                self._contexts[verify, client] = (now, context)
            return context


def tls_context(
    trust: TlsTrust, *, verify: bool = True, client_certificate: ClientCertificate | None = None
) -> ssl.SSLContext:
    """A context to encrypt a line with; it may be in use for other lines, so it must not be changed.

    With `verify` False nothing is checked: only for looking at a certificate, or comparing it with an
    accepted fingerprint, before anything is sent.

    Raises FileFailed if the client certificate cannot be used.
    """

    def make() -> ssl.SSLContext:
        context = _system_context() if verify else _unchecking_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if trust.cafile:
            context.load_verify_locations(trust.cafile)
        if client_certificate is not None:
            _load(context, client_certificate)
        return context

    if verify and _asks_system():
        # The system checks under a lock of the context, and may ask the network meanwhile: one line must not
        # wait for another. Such a context holds no authorities, so it is made in no time.
        return make()
    return trust._memory.context(verify, client_certificate, make)


def _asks_system() -> bool:
    """Whether the system itself has to be asked what it trusts: Windows and macOS, whose stores OpenSSL does
    not read, or reads without what the user and the administrator decided; and systems that keep the
    authorities elsewhere than the one this Python was built on, as with a packaged program.
    """
    places = ssl.get_default_verify_paths()
    return sys.platform in ("win32", "darwin") or not (places.cafile or places.capath)


def _system_context() -> ssl.SSLContext:
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if _asks_system() else ssl.create_default_context()


def _unchecking_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


# -- the user's own certificate ------------------------------------------------------------------------


def _load(context: ssl.SSLContext, client: ClientCertificate) -> None:
    """Show this certificate to servers that ask for one."""
    asked: list[bool] = []

    def passphrase() -> str:  # without it OpenSSL would ask on the terminal
        asked.append(True)
        return client.passphrase

    try:
        context.load_cert_chain(client.file, password=passphrase)
    except (OSError, ValueError) as error:
        raise _unusable(error, client, wants_passphrase=bool(asked)) from error


def _unusable(error: Exception, client: ClientCertificate, *, wants_passphrase: bool) -> FileFailed:
    reason = getattr(error, "reason", None) or ""
    match error:
        case FileNotFoundError():
            what, advice = "was not found", "Choose the file again in the account's settings."
        case PermissionError() | IsADirectoryError():
            what, advice = "cannot be read", "Check who may read the file."
        case _ if reason == "KEY_VALUES_MISMATCH":
            what, advice = "holds a key that belongs to another certificate", _WHAT_IT_HOLDS
        case _ if wants_passphrase:
            what = "is locked with a passphrase, and the one that was given does not open it"
            what = what if client.passphrase else "is locked with a passphrase"
            advice = "Enter the passphrase in the account's settings."
        case _:
            what, advice = "does not hold a certificate and its private key in PEM", _WHAT_IT_HOLDS
    return FileFailed(
        f"The file with your certificate, {client.file}, {what}.",
        advice=advice,
        detail=str(error),
        retry=Retry.ASK_USER,
    )


_WHAT_IT_HOLDS = "The file has to hold your certificate and its own private key, both in PEM."
