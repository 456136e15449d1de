"""A server that is somewhere else, as far as the client can tell."""

from __future__ import annotations

import socket

import pytest

ELSEWHERE = "mail.example.org"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """A host name that leads to this computer without saying so: others may read the line to it."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, *arguments: object, **options: object) -> object:
        return resolve("127.0.0.1" if host == ELSEWHERE else host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return ELSEWHERE
