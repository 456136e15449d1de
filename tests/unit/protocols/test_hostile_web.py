"""Web servers that mean no good: answers without end, redirects into other people's networks, words that are
not what they look like."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from qtmail.errors import ConnectionFailed, ProtocolViolation, QtmailError, Stopped
from qtmail.protocols import web
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.http_exchange import web_address
from qtmail.protocols.wake import Wake

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FLOODS = {
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000),
    "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n" * 10_000),
    "chunks of a byte": (CHUNKED, b"1\r\ny\r\n" * 10_000),
    "extensions of chunks": (CHUNKED, b"1;" + b"x" * 60_000 + b"\r\ny\r\n"),
}


@contextlib.contextmanager
def saying(*answers: Iterable[bytes], host: str = "127.0.0.1") -> Iterator[str]:
    """A web server that gives these answers, one to a connection; they may have no end."""
    listener = socket.create_server((host, 0))

    def serve() -> None:
        for pieces in answers:
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            with connected, contextlib.suppress(OSError):
                connected.recv(4096)
                for piece in pieces:
                    connected.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://{host}:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def flood(kind: str) -> Iterator[bytes]:
    first, again = FLOODS[kind]
    return itertools.chain([first], itertools.repeat(again))


def redirect(to: str) -> list[bytes]:
    return [f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n".encode("latin-1")]


def get(
    url: str, *, timeout: float = 10.0, max_bytes: int = 1 << 20, stop: Wake | None = None
) -> web.WebAnswer:
    return web.web_get(
        url, trust=TlsTrust(), timeout=timeout, max_bytes=max_bytes, stop=stop, insecure_loopback=True
    )


@pytest.mark.parametrize("kind", FLOODS)
def test_the_time_limit_holds_for_a_line_that_never_runs_dry(kind: str):
    started = time.monotonic()
    with saying(flood(kind)) as url, pytest.raises(ConnectionFailed):
        get(url, timeout=0.3, max_bytes=1 << 40)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("kind", FLOODS)
def test_what_comes_besides_the_body_counts_as_well(kind: str):
    with saying(flood(kind)) as url, pytest.raises(ProtocolViolation, match="more than it should"):
        get(url, timeout=60.0, max_bytes=1000)


def test_header_fields_fill_no_memory():
    head = itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"A: " + b"x" * 60_000 + b"\r\n", 99))
    with saying(head) as url, pytest.raises(ProtocolViolation, match="more than it should"):
        get(url, max_bytes=1000)


def test_a_flood_can_be_left():
    stop = Wake()
    timer = threading.Timer(0.05, stop.set)
    with saying(flood("trailers")) as url, contextlib.closing(stop):
        timer.start()
        with pytest.raises(Stopped):
            get(url, timeout=30.0, max_bytes=1 << 40, stop=stop)
        timer.join()


@pytest.fixture
def one_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 stands for the Internet; all other addresses are private."""
    monkeypatch.setattr(web, "is_public", lambda address: str(address) == "127.0.0.1")
    monkeypatch.setattr(web, "_LOOPBACK", {"127.0.0.1", "127.0.0.2"})


@pytest.mark.usefixtures("one_public_address")
def test_a_server_of_the_internet_cannot_send_us_into_a_private_network():
    with (
        saying([b"HTTP/1.1 200 OK\r\n\r\nnobody else's business"], host="127.0.0.2") as inside,
        saying(redirect(inside)) as outside,
        pytest.raises(QtmailError, match="private network"),
    ):
        get(outside)


@pytest.mark.usefixtures("one_public_address")
def test_nor_by_a_detour():
    with (
        saying(host="127.0.0.2") as inside,
        saying(redirect(inside)) as second,
        saying(redirect(second)) as first,
        pytest.raises(QtmailError, match="private network"),
    ):
        get(first)


@pytest.mark.usefixtures("one_public_address")
def test_servers_of_a_private_network_may_send_us_around_in_it():
    with (
        saying([b"HTTP/1.1 200 OK\r\n\r\nsettings"], host="127.0.0.2") as second,
        saying(redirect(second), host="127.0.0.2") as first,
    ):
        assert get(first).body == b"settings"


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "https://a\x1b[31m\xe2\x80\xae@b/",
        "data:" + "A" * 5000,
        "https://" + "a." * 30_000 + "example",
        "https://" + "\xe9." * 15_000 + "example",
    ],
    ids=["script", "file", "ftp", "user name", "long", "long host", "long international host"],
)
def test_where_a_server_sends_us_is_told_in_a_short_line(target: str):
    with saying(redirect(target)) as url, pytest.raises(QtmailError, match="not an address") as fault:
        get(url)
    told = f"{fault.value.sentence}{fault.value.detail}"
    assert told.isprintable() and len(told) < 400


def test_a_host_is_no_longer_than_names_are():
    with pytest.raises(ValueError, match="longer than any"):
        web_address(f"https://{'a.' * 130}example/")
