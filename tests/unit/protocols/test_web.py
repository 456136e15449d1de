"""Asking web servers for settings and tokens: encrypted, in time, and nowhere else than meant."""

from __future__ import annotations

import contextlib
import http.server
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, QtmailError, Retry, Stopped, TlsFailed
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import web_get, web_post


class WebServer(http.server.ThreadingHTTPServer):
    """Answers each path as `routes` says and keeps every request."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.scheme = "https" if tls else "http"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.routes: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    def url(self, path: str, host: str = "localhost") -> str:
        return f"{self.scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Quiet: some clients refuse the certificate."""


class _Requests(http.server.BaseHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, dict(self.headers.items()), body))
        status, fields, content = self.server.routes.get(self.path, (404, {}, b"nothing"))
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextlib.contextmanager
def running(server: WebServer) -> Iterator[WebServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> TlsTrust:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return TlsTrust(cafile=str(tmp_path / "ca.pem"))


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[WebServer]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    with running(WebServer(tls)) as server:
        yield server


@pytest.fixture
def clear() -> Iterator[WebServer]:
    with running(WebServer()) as server:
        yield server


@contextlib.contextmanager
def answering(reply: bytes, *, hold: bool = False) -> Iterator[str]:
    """A server that says `reply` to whatever comes, and then closes the line or holds it."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connected, _ = listener.accept()
        with connected:
            connected.recv(4096)
            connected.sendall(reply)
            if hold:
                done.wait(30)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        done.set()
        thread.join()
        listener.close()


def test_what_is_there_comes_as_it_is(server: WebServer, trust: TlsTrust) -> None:
    content = "Grüße".encode("latin-1")
    server.routes["/a?b=c"] = (
        200,
        {"Content-Type": "text/xml; charset=latin-1", "Set-Cookie": "a=b"},
        content,
    )
    for _ in range(2):
        answer = web_get(server.url("/a?b=c"), trust=trust)
    assert (answer.status, answer.content_type, answer.body) == (200, "text/xml; charset=latin-1", content)
    assert answer.url == server.url("/a?b=c")
    for _method, _path, sent, _body in server.requests:
        assert set(sent) == {"Host", "User-Agent", "Accept-Encoding", "Connection"}


def test_a_refusal_is_an_answer(server: WebServer, trust: TlsTrust) -> None:
    assert web_get(server.url("/missing"), trust=trust).status == 404
    server.routes["/down"] = (503, {}, b"later")
    answer = web_get(server.url("/down"), trust=trust)
    assert (answer.status, answer.body) == (503, b"later")


def test_five_redirects_are_followed(server: WebServer, trust: TlsTrust) -> None:
    server.routes["/0"] = (200, {}, b"here")
    for hop in range(1, 7):
        server.routes[f"/{hop}"] = (302, {"Location": f"/{hop - 1}"}, b"elsewhere")
    answer = web_get(server.url("/5"), trust=trust)
    assert (answer.body, answer.url) == (b"here", server.url("/0"))
    with pytest.raises(ProtocolViolation, match="other addresses"):
        web_get(server.url("/6"), trust=trust)


@pytest.mark.parametrize("target", ["ftp://localhost/", "https://u:p@localhost/", "//[x"])
def test_a_redirect_leads_nowhere_a_url_would_not(server: WebServer, trust: TlsTrust, target: str) -> None:
    server.routes["/a"] = (302, {"Location": target}, b"")
    with pytest.raises(QtmailError):
        web_get(server.url("/a"), trust=trust)
    assert len(server.requests) == 1


@pytest.mark.parametrize("insecure_loopback", [False, True])
def test_a_redirect_never_leads_out_of_encryption(
    server: WebServer, clear: WebServer, trust: TlsTrust, insecure_loopback: bool
) -> None:
    server.routes["/a"] = (302, {"Location": clear.url("/b")}, b"")
    with pytest.raises(QtmailError, match="not encrypted") as raised:
        web_get(server.url("/a"), trust=trust, insecure_loopback=insecure_loopback)
    assert raised.value.retry is Retry.NEVER
    assert clear.requests == []


def test_a_clear_line_is_for_this_computer_and_on_request_only(clear: WebServer, trust: TlsTrust) -> None:
    clear.routes["/a"] = (200, {}, b"here")
    with pytest.raises(QtmailError, match="not encrypted"):
        web_get(clear.url("/a"), trust=trust)
    with pytest.raises(QtmailError, match="not encrypted"):
        web_get("http://example.org/", trust=trust, insecure_loopback=True)
    assert web_get(clear.url("/a"), trust=trust, insecure_loopback=True).body == b"here"


def test_the_certificate_is_checked(server: WebServer, trust: TlsTrust) -> None:
    with pytest.raises(TlsFailed, match="certificate"):
        web_get(server.url("/", host="127.0.0.1"), trust=trust)
    with pytest.raises(TlsFailed):
        web_get(server.url("/"), trust=TlsTrust())
    accepting = TlsTrust(accepted=lambda host, port: frozenset({"0" * 64}))
    with pytest.raises(TlsFailed):
        web_get(server.url("/"), trust=accepting)
    assert server.requests == []


def test_a_name_nobody_knows(trust: TlsTrust) -> None:
    with pytest.raises(ConnectionFailed) as raised:
        web_get("https://nowhere.invalid/", trust=trust)
    assert raised.value.layer is Layer.NAME_LOOKUP


def test_a_port_nobody_listens_on(trust: TlsTrust) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionFailed, match="refused"):
        web_get(f"https://localhost:{port}/", trust=trust)


def test_more_than_was_asked_for_is_not_read(server: WebServer, trust: TlsTrust) -> None:
    server.routes["/a"] = (200, {}, bytes(300_000))
    assert len(web_get(server.url("/a"), trust=trust, max_bytes=300_000).body) == 300_000
    with pytest.raises(ProtocolViolation, match="more than it should"):
        web_get(server.url("/a"), trust=trust, max_bytes=299_999)


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"], ids=["at once", "in the middle"]
)
def test_a_line_that_breaks_is_a_failed_connection(trust: TlsTrust, reply: bytes) -> None:
    with answering(reply) as url, pytest.raises(ConnectionFailed):
        web_get(url, trust=trust, insecure_loopback=True)


@pytest.mark.parametrize("reply", [b"* OK IMAP4rev1 ready\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_a_stranger_is_no_web_server(trust: TlsTrust, reply: bytes) -> None:
    with answering(reply) as url, pytest.raises(ProtocolViolation, match="web server"):
        web_get(url, trust=trust, insecure_loopback=True)


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"])
def test_the_time_limit_holds_whatever_was_said(trust: TlsTrust, reply: bytes) -> None:
    started = time.monotonic()
    with answering(reply, hold=True) as url, pytest.raises(ConnectionFailed, match="did not answer"):
        web_get(url, trust=trust, timeout=0.2, insecure_loopback=True)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_wait_can_be_ended(trust: TlsTrust, scheme: str) -> None:
    stop = Wake()
    timer = threading.Timer(0.05, stop.set)
    with answering(b"", hold=True) as url, contextlib.closing(stop):
        timer.start()
        with pytest.raises(Stopped):
            web_get(url.replace("http", scheme), trust=trust, timeout=60, stop=stop, insecure_loopback=True)
        timer.join()


def test_a_form_is_handed_in(server: WebServer, trust: TlsTrust) -> None:
    server.routes["/token"] = (400, {"Content-Type": "application/json"}, b"{}")
    fields = {"a": "1 + 1", "ü": "ß&="}
    answer = web_post(server.url("/token"), fields, headers={"Accept": "application/json"}, trust=trust)
    assert (answer.status, answer.body) == (400, b"{}")
    ((method, _path, headers, body),) = server.requests
    assert method == "POST"
    assert dict(urllib.parse.parse_qsl(body.decode())) == fields
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Accept"] == "application/json"


def test_a_large_form_arrives_whole(server: WebServer, trust: TlsTrust) -> None:
    server.routes["/token"] = (200, {}, b"ok")
    web_post(server.url("/token"), {"a": "x" * 2_000_000}, trust=trust)
    assert len(server.requests[0][3]) == 2_000_002


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_form_is_never_carried_elsewhere(server: WebServer, trust: TlsTrust, status: int) -> None:
    server.routes["/token"] = (status, {"Location": "/other"}, b"")
    assert web_post(server.url("/token"), {"secret": "x"}, trust=trust).status == status
    assert [path for _, path, _, _ in server.requests] == ["/token"]


def test_a_form_is_never_handed_in_unencrypted(clear: WebServer, trust: TlsTrust) -> None:
    with pytest.raises(QtmailError, match="not encrypted"):
        web_post(clear.url("/token"), {"secret": "x"}, trust=trust)
    assert clear.requests == []
