"""Look-up and the race between addresses."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from qtmail.errors import ConnectionFailed, Layer, Stopped
from qtmail.protocols.connection import open_socket, stays_here
from qtmail.protocols.wake import Wake

DEAD = "192.0.2.1"
"""An address of the documentation network, which answers to nobody."""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def getaddrinfo(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_a_dead_address_delays_the_living_one_only_a_little(
    monkeypatch: pytest.MonkeyPatch, listener: socket.socket
):
    resolve_to(monkeypatch, DEAD, "127.0.0.1")
    began = time.monotonic()
    with open_socket("mail.example", listener.getsockname()[1], 10) as connected:
        assert connected.getpeername()[0] == "127.0.0.1"
    assert time.monotonic() - began < 3


def test_a_refusing_address_delays_not_at_all(monkeypatch: pytest.MonkeyPatch, listener: socket.socket):
    resolve_to(monkeypatch, "127.0.0.2", "::1", "127.0.0.3", "127.0.0.1")
    with open_socket("mail.example", listener.getsockname()[1], 10) as connected:
        assert connected.getpeername()[0] == "127.0.0.1"


def test_no_address_answers(monkeypatch: pytest.MonkeyPatch):
    resolve_to(monkeypatch, DEAD)
    with pytest.raises(ConnectionFailed) as failure:
        open_socket("mail.example", 993, 0.3)
    assert failure.value.layer is Layer.CONNECTION


def test_a_resolver_that_hangs_can_be_stopped(monkeypatch: pytest.MonkeyPatch):
    released = threading.Event()

    def getaddrinfo(*_arguments: object, **_options: object) -> list[object]:
        released.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with contextlib.closing(Wake()) as stop:
        timer = threading.Timer(0.05, stop.set)
        timer.start()
        with pytest.raises(Stopped):
            open_socket("mail.example", 993, 10, stop)
        timer.join()
    with pytest.raises(ConnectionFailed, match="took too long") as failure:
        open_socket("mail.example", 993, 0.05)
    assert failure.value.layer is Layer.NAME_LOOKUP
    released.set()


def test_connecting_can_be_stopped(monkeypatch: pytest.MonkeyPatch):
    resolve_to(monkeypatch, DEAD)
    with contextlib.closing(Wake()) as stop:
        timer = threading.Timer(0.05, stop.set)
        timer.start()
        with pytest.raises((Stopped, ConnectionFailed)):  # a network without a way out fails at once
            open_socket("mail.example", 993, 10, stop)
        timer.join()


@pytest.mark.parametrize(
    ("host", "stays"),
    [
        ("localhost", True),
        ("LocalHost.", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("192.168.1.1", False),
        ("localhost.example.org", False),
        ("mail.example.org", False),
        ("", False),
    ],
)
def test_which_lines_stay_on_this_computer(host: str, stays: bool):
    assert stays_here(host) is stays
