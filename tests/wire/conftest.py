"""Servers with a certificate, and one that is somewhere else, as far as the client can tell."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import trustme

from qtmail.protocols.connection import TlsTrust
from tests.wire.sessions import trust_in

ELSEWHERE = "mail.example.org"


@pytest.fixture(scope="session")
def leaf(authority: trustme.CA) -> trustme.LeafCert:
    """What a server on this computer shows."""
    return authority.issue_cert("127.0.0.1", "localhost")


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> TlsTrust:
    """A computer that trusts the authority behind it."""
    return trust_in(authority, tmp_path)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """A host name that leads to this computer without saying so: others may read the line to it."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, *arguments: object, **options: object) -> object:
        return resolve("127.0.0.1" if host == ELSEWHERE else host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return ELSEWHERE
