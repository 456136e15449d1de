"""The browser's way back to this computer: one answer is taken, and nothing else is told or kept."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from qtmail.errors import Stopped
from qtmail.protocols.loopback_redirect import Answer, LoopbackRedirect
from qtmail.protocols.wake import Wake


@pytest.fixture
def stop() -> Iterator[Wake]:
    with contextlib.closing(Wake()) as wake:
        yield wake


class Waiting:
    """A listener that waits on a thread of its own."""

    def __init__(self, stop: Wake, seconds: float = 30.0) -> None:
        self.redirect = LoopbackRedirect()
        self.port = urlsplit(self.redirect.uri).port or 0
        self.answer: Answer | None = None
        self._stop = stop
        self._seconds = seconds
        self._thread = threading.Thread(target=self._wait)

    def _wait(self) -> None:
        with self.redirect, contextlib.suppress(Stopped):
            self.answer = self.redirect.wait(
                self._seconds, lambda found: found.get("state") == "right", self._stop
            )

    def __enter__(self) -> Waiting:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def result(self) -> Answer | None:
        self._thread.join(30)
        return self.answer

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def ask(self, request: bytes) -> bytes:
        """Everything the listener says to these bytes."""
        with self.connect() as connected:
            connected.sendall(request)
            return b"".join(iter(lambda: connected.recv(4096), b""))

    def get(self, target: str, host: str = "") -> bytes:
        host = host or f"127.0.0.1:{self.port}"
        return self.ask(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n".encode())


def test_the_answer_is_taken_once_and_the_door_is_shut(stop: Wake) -> None:
    with Waiting(stop) as waiting:
        page = waiting.get("/?code=a%2Fb&state=right&iss=https%3A%2F%2Fid.example")
        assert waiting.result() == {"code": "a/b", "state": "right", "iss": "https://id.example"}
        with pytest.raises(OSError):
            waiting.connect()
    head, _, body = page.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n" in head
    assert b"Referrer-Policy: no-referrer" in head
    assert b"Cache-Control: no-store" in head
    assert b"You can close this page" in body
    assert f"Content-Length: {len(body)}".encode() in head
    for forbidden in (b"<script", b"http:", b"https:", b"a/b", b"right", b"id.example"):
        assert forbidden not in body


def test_a_refusal_is_taken_as_well_and_the_page_does_not_say_it_went_well(stop: Wake) -> None:
    with Waiting(stop) as waiting:
        page = waiting.get("/?error=access_denied&state=right")
        assert waiting.result() == {"error": "access_denied", "state": "right"}
    assert b"Not signed in" in page


@pytest.mark.parametrize(
    "target",
    [
        "/favicon.ico",
        "/other?code=a&state=right",
        "/",
        "/?state=right",
        "/?code=a&state=wrong",
        "/?code=a",
        "/?code=a&state=right&state=right",
        "/?code=a&code=b&state=right",
        "//evil.example/?code=a&state=right",
        "http://[x",
        "*",
        "",
    ],
)
def test_everything_else_is_sent_away_and_the_wait_goes_on(stop: Wake, target: str) -> None:
    with Waiting(stop) as waiting:
        page = waiting.get(target)
        assert page.startswith(b"HTTP/1.1 404 ")
        assert b"right" not in page
        waiting.get("/?code=a&state=right")
        assert waiting.result() == {"code": "a", "state": "right"}


@pytest.mark.parametrize("host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1"])
def test_a_page_that_pretends_to_be_here_is_sent_away(stop: Wake, host: str) -> None:
    with Waiting(stop) as waiting:
        page = waiting.get("/?code=a&state=right", host=host.format(port=waiting.port))
        assert page.startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /?code=a&state=right HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET /?code=a&state=right HTTP/1.1\r\n\r\n",
        b"GET /?code=a&state=right HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"\r\n\r\n",
        b"x" * 20_000,
    ],
)
def test_what_is_no_such_request_is_sent_away(stop: Wake, request_: bytes) -> None:
    with Waiting(stop) as waiting:
        request_ = request_.replace(b"{port}", str(waiting.port).encode())
        with contextlib.suppress(ConnectionError):  # it need not be read to its end
            assert waiting.ask(request_).startswith(b"HTTP/1.1 404 ")
        waiting.get("/?code=a&state=right")
        assert waiting.result() is not None


def test_connections_that_say_nothing_hold_nobody_up(stop: Wake) -> None:
    with Waiting(stop) as waiting, contextlib.ExitStack() as held:
        for _ in range(20):
            held.enter_context(waiting.connect())
        waiting.get("/?code=a&state=right")
        assert waiting.result() is not None


def test_of_too_many_connections_the_last_are_closed(stop: Wake) -> None:
    with Waiting(stop) as waiting, contextlib.ExitStack() as held:
        silent = [held.enter_context(waiting.connect()) for _ in range(40)]
        assert silent[-1].recv(1) == b""
        silent[0].sendall(
            f"GET /?error=a&state=right HTTP/1.1\r\nHost: 127.0.0.1:{waiting.port}\r\n\r\n".encode()
        )
        assert waiting.result() is not None


def test_a_request_may_come_in_pieces(stop: Wake) -> None:
    with Waiting(stop) as waiting, waiting.connect() as connected:
        request = f"GET /?code=a&state=right HTTP/1.1\r\nHost: 127.0.0.1:{waiting.port}\r\n\r\n"
        for character in request:
            connected.sendall(character.encode())
        assert connected.recv(8) == b"HTTP/1.1"
        assert waiting.result() == {"code": "a", "state": "right"}


def test_a_browser_that_does_not_wait_for_the_page_has_still_answered(stop: Wake) -> None:
    with Waiting(stop) as waiting, waiting.connect() as connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connected.sendall(
            f"GET /?code=a&state=right HTTP/1.1\r\nHost: 127.0.0.1:{waiting.port}\r\n\r\n".encode()
        )
        connected.shutdown(socket.SHUT_WR)
        assert waiting.result() == {"code": "a", "state": "right"}


def test_a_browser_that_never_comes_is_not_waited_for_for_ever(stop: Wake) -> None:
    with LoopbackRedirect() as redirect:
        assert redirect.wait(0.05, lambda found: True, stop) is None


def test_the_wait_can_be_ended(stop: Wake) -> None:
    timer = threading.Timer(0.05, stop.set)
    timer.start()
    with LoopbackRedirect() as redirect, pytest.raises(Stopped):
        redirect.wait(60, lambda found: True, stop)
    timer.join()


def test_answers_to_another_sign_in_are_counted(stop: Wake) -> None:
    with Waiting(stop) as waiting:
        waiting.get("/?code=a&state=old")
        waiting.get("/favicon.ico")
        waiting.get("/?code=a&state=right")
        assert waiting.result()
        assert waiting.redirect.strays == 1
